#include "landseam/vectors/pixel_outlines.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace landseam::vectors {
namespace {

constexpr int least_corners = 12;
// Of two unit vectors, their dot or cross product: reprojection bends right angles by less.
constexpr double off_by = 0.01;

// 0 if the ring is no staircase.
double shortest_edge(const Ring& ring) {
    double shortest = std::numeric_limits<double>::infinity();
    int corners = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point &before = ring[(i + ring.size() - 1) % ring.size()], &at = ring[i],
                    &after = ring[(i + 1) % ring.size()];
        const Point in{at.x - before.x, at.y - before.y}, out{after.x - at.x, after.y - at.y};
        const double both = std::hypot(in.x, in.y) * std::hypot(out.x, out.y);
        if (both == 0) return 0;
        const bool straight = std::abs(in.x * out.y - in.y * out.x) < off_by * both,
                   right = std::abs(in.x * out.x + in.y * out.y) < off_by * both;
        if (!straight && !right) return 0;
        corners += right;
        shortest = std::min(shortest, std::hypot(out.x, out.y));
    }
    return corners >= least_corners ? shortest : 0;
}

}  // namespace

double pixel_side(const std::vector<MultiPolygon>& polygons) {
    std::vector<double> sides;
    for (const MultiPolygon& polygon : polygons)
        if (!polygon.empty())
            if (const double side = shortest_edge(polygon.front().outer); side > 0) sides.push_back(side);
    if (sides.empty() || 2 * sides.size() <= polygons.size()) return 0;
    const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2);
    std::nth_element(sides.begin(), middle, sides.end());
    return *middle;
}

}  // namespace landseam::vectors
