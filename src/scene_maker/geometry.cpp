#include "scene_maker/geometry.h"

#include "scene_maker/noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace landseam::scene_maker {

Ring rectangle(const LocalFrame& frame, double u0, double v0, double u1, double v1) {
    return {frame.at(u0, v0), frame.at(u1, v0), frame.at(u1, v1), frame.at(u0, v1)};
}

Ring mapped(const LocalFrame& frame, const Ring& ring) {
    Ring result;
    for (const Point& p : ring) result.push_back(frame.at(p.x, p.y));
    return result;
}

Ring wavering_ellipse(Point centre, double radius_x, double radius_y, double angle, double waver,
                      int vertices, std::uint64_t seed) {
    const LocalFrame frame{centre, {std::cos(angle), std::sin(angle)}, {-std::sin(angle), std::cos(angle)}};
    Ring ring;
    for (int i = 0; i < vertices; ++i) {
        const double turn = 2 * M_PI * i / vertices;
        const double c = std::cos(turn), s = std::sin(turn);
        const double stretch = 1 + waver * layered_noise(1.3 * c + 5, 1.3 * s + 5, 3, seed);
        ring.push_back(frame.at(radius_x * c * stretch, radius_y * s * stretch));
    }
    return ring;
}

Ring scaled(const Ring& ring, Point centre, double factor) {
    Ring result;
    for (const Point& p : ring) result.push_back(centre + (p - centre) * factor);
    return result;
}

Point centroid(const Ring& ring) {
    Point sum;
    for (const Point& p : ring) sum = sum + p;
    return sum * (1.0 / static_cast<double>(ring.size()));
}

bool contains(const Ring& ring, Point point) {
    bool inside = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const Point a = ring[i], b = ring[j];
        if ((a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x)
            inside = !inside;
    }
    return inside;
}

Path::Path(std::vector<Point> points) : points_(std::move(points)) {
    double sum = 0;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        if (i > 0) sum += scene_maker::length(points_[i] - points_[i - 1]);
        along_.push_back(sum);
    }
}

LocalFrame Path::at(double distance, double side) const {
    const auto next = std::upper_bound(along_.begin() + 1, along_.end() - 1, distance);
    const auto i = static_cast<std::size_t>(next - along_.begin());
    const Point u = unit(points_[i] - points_[i - 1]);
    return {points_[i - 1] + u * (distance - along_[i - 1]), u, left_of(u) * side};
}

double Path::distance_to(Point point) const {
    double nearest = 1e300;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const Point edge = points_[i] - points_[i - 1];
        const double share = std::clamp(dot(point - points_[i - 1], edge) / dot(edge, edge), 0.0, 1.0);
        nearest = std::min(nearest, scene_maker::length(points_[i - 1] + edge * share - point));
    }
    return nearest;
}

Ring Path::strip(double offset_a, double offset_b) const {
    Ring ring, back;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const Point before = i > 0 ? unit(points_[i] - points_[i - 1]) : unit(points_[1] - points_[0]);
        const Point after = i + 1 < points_.size() ? unit(points_[i + 1] - points_[i]) : before;
        const Point mean = left_of(unit(before + after));
        const Point mitre = mean * (1 / dot(mean, left_of(before)));
        ring.push_back(points_[i] + mitre * offset_a);
        back.push_back(points_[i] + mitre * offset_b);
    }
    ring.insert(ring.end(), back.rbegin(), back.rend());
    return ring;
}

Path Path::part(double from, double to) const {
    std::vector<Point> points{at(from).origin};
    for (std::size_t i = 0; i < points_.size(); ++i)
        if (along_[i] > from + 0.01 && along_[i] < to - 0.01) points.push_back(points_[i]);
    points.push_back(at(to).origin);
    return Path(std::move(points));
}

namespace {

constexpr double cell_size_m = 24;

// Calls visit(key) for every grid cell that the ring's bounding box touches.
template <typename Visit>
void for_each_cell(const Ring& ring, Visit visit) {
    Point low = ring[0], high = ring[0];
    for (const Point& p : ring) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const auto cell = [](double value) { return static_cast<std::int64_t>(std::floor(value / cell_size_m)); };
    for (std::int64_t y = cell(low.y); y <= cell(high.y); ++y)
        for (std::int64_t x = cell(low.x); x <= cell(high.x); ++x) visit(y * 1000003 + x);
}

// True if a line along one edge of `a` has the rings on different sides.
bool separated_by_edges_of(const Ring& a, const Ring& b) {
    constexpr double tolerance_m = 1e-6;
    for (std::size_t i = 0, j = a.size() - 1; i < a.size(); j = i++) {
        const Point normal = left_of(a[i] - a[j]);
        double a_low = 1e300, a_high = -1e300, b_low = 1e300, b_high = -1e300;
        for (const Point& p : a) {
            a_low = std::min(a_low, dot(normal, p));
            a_high = std::max(a_high, dot(normal, p));
        }
        for (const Point& p : b) {
            b_low = std::min(b_low, dot(normal, p));
            b_high = std::max(b_high, dot(normal, p));
        }
        if (a_high <= b_low + tolerance_m || b_high <= a_low + tolerance_m) return true;
    }
    return false;
}

}  // namespace

void Occupancy::add(const Ring& convex, unsigned kind) {
    const std::size_t index = shapes_.size();
    shapes_.push_back({convex, kind});
    for_each_cell(convex, [&](std::int64_t key) { cells_[key].push_back(index); });
}

void Occupancy::add_path(const Path& path, double half_width, unsigned kind) {
    const std::vector<Point>& points = path.points();
    for (std::size_t i = 1; i < points.size(); ++i)
        add(Path({points[i - 1], points[i]}).strip(-half_width, half_width), kind);
}

bool Occupancy::free(const Ring& convex, unsigned kinds) const {
    bool result = true;
    for_each_cell(convex, [&](std::int64_t key) {
        const auto cell = cells_.find(key);
        if (!result || cell == cells_.end()) return;
        for (const std::size_t i : cell->second) {
            const Shape& shape = shapes_[i];
            if ((shape.kind & kinds) != 0 && !separated_by_edges_of(convex, shape.ring) &&
                !separated_by_edges_of(shape.ring, convex)) {
                result = false;
                return;
            }
        }
    });
    return result;
}

namespace {

// A stretch of a ring on the wanted side; it comes in over the line at its first point and leaves at its
// last.
struct Chain {
    Ring points;
    double entry = 0;  // position of the first point along the line
    double exit = 0;   // and of the last
};

std::vector<Chain> inner_chains(const Ring& ring, const std::vector<double>& beyond, Point along) {
    std::vector<Chain> chains;
    const std::size_t n = ring.size();
    std::size_t first_outside = 0;
    while (beyond[first_outside] <= 0) ++first_outside;
    const auto crossing = [&](std::size_t i, std::size_t j) {
        return ring[i] + (ring[j] - ring[i]) * (beyond[i] / (beyond[i] - beyond[j]));
    };
    for (std::size_t step = 0; step < n; ++step) {
        const std::size_t i = (first_outside + step) % n, j = (i + 1) % n;
        const bool i_inside = beyond[i] <= 0, j_inside = beyond[j] <= 0;
        if (!i_inside && j_inside) {
            const Point p = crossing(i, j);
            chains.push_back({{p}, dot(along, p), 0});
        }
        if (i_inside) chains.back().points.push_back(ring[i]);
        if (i_inside && !j_inside) {
            const Point p = crossing(i, j);
            chains.back().points.push_back(p);
            chains.back().exit = dot(along, p);
        }
    }
    return chains;
}

Ring without_repeats(const Ring& ring) {
    Ring result;
    for (const Point& p : ring)
        if (result.empty() || length(p - result.back()) > 1e-9) result.push_back(p);
    while (result.size() > 1 && length(result.front() - result.back()) <= 1e-9) result.pop_back();
    return result;
}

}  // namespace

std::vector<Ring> clipped(const Ring& ring, Point normal, double limit) {
    std::vector<double> beyond;
    for (const Point& p : ring) beyond.push_back(dot(normal, p) - limit);
    const auto outside = std::count_if(beyond.begin(), beyond.end(), [](double b) { return b > 0; });
    if (outside == 0) return {ring};
    if (static_cast<std::size_t>(outside) == ring.size()) return {};

    const std::vector<Chain> chains = inner_chains(ring, beyond, left_of(normal));
    // Sorted along the line, crossings pair up: between the first and second lies the inside, and so on.
    struct Crossing {
        double position;
        std::size_t chain;
        bool entry;
    };
    std::vector<Crossing> crossings;
    for (std::size_t i = 0; i < chains.size(); ++i) {
        crossings.push_back({chains[i].entry, i, true});
        crossings.push_back({chains[i].exit, i, false});
    }
    std::stable_sort(crossings.begin(), crossings.end(),
                     [](const Crossing& a, const Crossing& b) { return a.position < b.position; });
    std::vector<std::size_t> successor(chains.size());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
        const Crossing& a = crossings[i];
        const Crossing& b = crossings[i + 1];
        // One of a pair leaves and the other comes in; ties of touching vertices may break that, and close
        // the chain.
        if (a.entry == b.entry) {
            successor[a.chain] = a.chain;
            successor[b.chain] = b.chain;
        } else if (a.entry) {
            successor[b.chain] = a.chain;
        } else {
            successor[a.chain] = b.chain;
        }
    }
    std::vector<Ring> parts;
    std::vector<bool> used(chains.size(), false);
    for (std::size_t start = 0; start < chains.size(); ++start) {
        Ring part;
        for (std::size_t i = start; !used[i]; i = successor[i]) {
            used[i] = true;
            part.insert(part.end(), chains[i].points.begin(), chains[i].points.end());
        }
        part = without_repeats(part);
        if (part.size() >= 3 && std::abs(signed_area(part)) > 1e-9) parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace landseam::scene_maker
