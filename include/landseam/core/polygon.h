// Polygons, in pixel or world coordinates; the frame is the holder's to say.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace landseam {

struct Point {
    double x = 0;
    double y = 0;

    friend bool operator==(const Point& a, const Point& b) { return a.x == b.x && a.y == b.y; }
};

// Closed implicitly: the first vertex is not repeated at the end. A simple ring has at least three vertices.
using Ring = std::vector<Point>;

// An outer ring and the rings of its holes.
struct Polygon {
    Ring outer;
    std::vector<Ring> holes;
};

using MultiPolygon = std::vector<Polygon>;

// The shoelace formula: positive where the ring runs counterclockwise in a frame whose y axis points up.
inline double signed_area(const Ring& ring) {
    double sum = 0;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
        sum += (ring[j].x - ring[0].x) * (ring[i].y - ring[0].y) - (ring[i].x - ring[0].x) * (ring[j].y - ring[0].y);
    return sum / 2;
}

// Area in squared units of the frame, holes taken away.
inline double area(const Polygon& polygon) {
    double sum = std::abs(signed_area(polygon.outer));
    for (const Ring& hole : polygon.holes) sum -= std::abs(signed_area(hole));
    return sum;
}

inline double area(const MultiPolygon& polygons) {
    double sum = 0;
    for (const Polygon& polygon : polygons) sum += area(polygon);
    return sum;
}

inline std::size_t vertex_count(const MultiPolygon& polygons) {
    std::size_t count = 0;
    for (const Polygon& polygon : polygons) {
        count += polygon.outer.size();
        for (const Ring& hole : polygon.holes) count += hole.size();
    }
    return count;
}

}  // namespace landseam
