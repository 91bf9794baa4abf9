// Boundaries between two objects of a label map, from one meeting point to the next.
#pragma once

#include "landseam/vectors/coverage.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace landseam::vectors {

struct GridPoint {
    std::int32_t x = 0;
    std::int32_t y = 0;

    friend bool operator==(const GridPoint& a, const GridPoint& b) { return a.x == b.x && a.y == b.y; }
    friend bool operator<(const GridPoint& a, const GridPoint& b) {
        return a.y != b.y ? a.y < b.y : a.x < b.x;
    }
};

struct Arc {
    // Each corner of the boundary once. An arc that is open has its nodes at both ends (the same one,
    // perhaps).
    std::vector<GridPoint> points;
    bool closed = false;  // no node: the last point is followed by the first
};

// An arc after simplification and smoothing; points run as those of the arc, and ends are kept.
struct DrawnArc {
    Ring points;
    double deviation = 0;
};

// As trace_outline promises; the same for an arc and its reverse, closed ones from any start.
DrawnArc draw_arc(const Arc& arc, const CornerIndex& corners, const OutlineOptions& options);

// The indices of the points of an arc that stay, in order, and how far others were from what replaces them.
struct KeptPoints {
    std::vector<std::size_t> indices;
    double deviation = 0;
};
KeptPoints simplify_arc(const Arc& arc, const CornerIndex& corners, double tolerance);

// Twice the area of the triangle, positive where it turns clockwise on the picture.
inline std::int64_t cross(GridPoint a, GridPoint b, GridPoint c) {
    return (std::int64_t{b.x} - a.x) * (std::int64_t{c.y} - a.y) -
           (std::int64_t{c.x} - a.x) * (std::int64_t{b.y} - a.y);
}

// Whether the closed triangle a b c holds no corner of the map but a, b, c and those that `ignored` names.
template <typename Ignored>
bool triangle_is_empty(const CornerIndex& corners, GridPoint a, GridPoint b, GridPoint c,
                       const Ignored& ignored) {
    if (cross(a, b, c) < 0) std::swap(b, c);
    const std::int32_t y0 = std::min({a.y, b.y, c.y}), y1 = std::max({a.y, b.y, c.y});
    for (std::int32_t y = y0; y <= y1; ++y) {
        const CornerIndex::Line& line = corners.line(y);
        if (line.empty()) continue;
        // Where the triangle's sides cross the line, with room for rounding; what lies there is tested
        // exactly.
        double x0 = 1e300, x1 = -1e300;
        const auto take_side = [&](GridPoint p, GridPoint q) {
            if (std::min(p.y, q.y) > y || std::max(p.y, q.y) < y) return;
            const double share = p.y == q.y ? 0 : (y - p.y) / static_cast<double>(q.y - p.y);
            const double x = p.x + share * (q.x - p.x);
            x0 = std::min({x0, x, p.y == q.y ? double(q.x) : x});
            x1 = std::max({x1, x, p.y == q.y ? double(q.x) : x});
        };
        take_side(a, b);
        take_side(b, c);
        take_side(c, a);
        auto corner = std::lower_bound(line.begin(), line.end(), x0 - 1e-6,
                                       [](const CornerIndex::Corner& k, double x) { return k.x < x; });
        for (; corner != line.end() && corner->x <= x1 + 1e-6; ++corner) {
            const GridPoint p{corner->x, y};
            if (p == a || p == b || p == c) continue;
            if (cross(a, b, p) < 0 || cross(b, c, p) < 0 || cross(c, a, p) < 0) continue;
            if (!ignored(p)) return false;
        }
    }
    return true;
}

}  // namespace landseam::vectors
