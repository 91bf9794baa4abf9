// Plane geometry for laying out a scene: metres, x to the east, y to the south.
#pragma once

#include "landseam/core/polygon.h"

#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace landseam::scene_maker {

inline Point operator+(Point a, Point b) {
    return {a.x + b.x, a.y + b.y};
}
inline Point operator-(Point a, Point b) {
    return {a.x - b.x, a.y - b.y};
}
inline Point operator*(Point a, double k) {
    return {a.x * k, a.y * k};
}
inline double dot(Point a, Point b) {
    return a.x * b.x + a.y * b.y;
}
inline double length(Point a) {
    return std::sqrt(dot(a, a));
}
inline Point unit(Point a) {
    return a * (1 / length(a));
}
inline Point left_of(Point a) {
    return {-a.y, a.x};
}

// An orthonormal frame of its own: for a house, a parcel, a car.
struct LocalFrame {
    Point origin;
    Point u{1, 0};
    Point v{0, 1};

    Point at(double a, double b) const { return origin + u * a + v * b; }
    LocalFrame moved(double a, double b) const { return {at(a, b), u, v}; }
    LocalFrame turned() const { return {origin, v, u * -1}; }  // by a quarter
};

// The box [u0, u1] × [v0, v1] of a frame.
Ring rectangle(const LocalFrame& frame, double u0, double v0, double u1, double v1);
Ring mapped(const LocalFrame& frame, const Ring& ring);
// A closed curve around `centre` whose radius wavers by the share `waver`; convex enough for small ones.
Ring wavering_ellipse(Point centre, double radius_x, double radius_y, double angle, double waver,
                      int vertices, std::uint64_t seed);
// The ring moved towards `centre` or away from it.
Ring scaled(const Ring& ring, Point centre, double factor);
Point centroid(const Ring& ring);  // of the vertices
bool contains(const Ring& ring, Point point);

// A polyline that can be walked by its length.
class Path {
public:
    Path() = default;
    explicit Path(std::vector<Point> points);

    const std::vector<Point>& points() const { return points_; }
    double length() const { return along_.empty() ? 0 : along_.back(); }
    // Frame at a distance from the start: u along the path, v to its left (times `side`).
    LocalFrame at(double distance, double side = 1) const;
    double distance_to(Point point) const;
    // The strip between two signed offsets, mitred; without loops as long as the path bends gently.
    Ring strip(double offset_a, double offset_b) const;
    // The same for the part between two distances from the start.
    Path part(double from, double to) const;

private:
    std::vector<Point> points_;
    std::vector<double> along_;
};

// What lies where, to keep things apart. Shapes are convex rings.
class Occupancy {
public:
    enum Kind : unsigned {
        road = 1,
        parcel = 2,
        building = 4,
        water = 8,
        car = 16,
        driveway = 32,
        tree = 64
    };

    void add(const Ring& convex, unsigned kind);
    // Adds a strip along a path, piece by piece.
    void add_path(const Path& path, double half_width, unsigned kind);
    // True if no shape of these kinds overlaps the ring; touching is allowed.
    bool free(const Ring& convex, unsigned kinds) const;

private:
    struct Shape {
        Ring ring;
        unsigned kind = 0;
    };
    std::vector<Shape> shapes_;
    std::unordered_map<std::int64_t, std::vector<std::size_t>> cells_;
};

// The parts of a simple ring where dot(normal, p) <= limit. Each part is a simple ring.
std::vector<Ring> clipped(const Ring& ring, Point normal, double limit);

}  // namespace landseam::scene_maker
