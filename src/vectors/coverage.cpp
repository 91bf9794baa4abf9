#include "landseam/vectors/coverage.h"

#include "landseam/core/error.h"
#include "landseam/vectors/trace.h"

#include "vectors/arc.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace landseam::vectors {
namespace {

GridPoint grid_point(const Point& p) {
    return {static_cast<std::int32_t>(p.x), static_cast<std::int32_t>(p.y)};
}

// The points of a ring along pixel edges, with the nodes that lie on its straight edges.
struct NodedRing {
    std::vector<GridPoint> points;
    std::vector<bool> is_node;
};

const CornerIndex::Corner* corner_at(const CornerIndex::Line& line, std::int32_t x) {
    const auto found =
        std::lower_bound(line.begin(), line.end(), x,
                         [](const CornerIndex::Corner& c, std::int32_t value) { return c.x < value; });
    return found != line.end() && found->x == x ? &*found : nullptr;
}

// What lies between the ends of an edge; only nodes can.
void append_between(GridPoint a, GridPoint b, const CornerIndex& corners, NodedRing& ring) {
    const std::size_t before = ring.points.size();
    if (a.y == b.y) {
        const CornerIndex::Line& line = corners.line(a.y);
        const auto [low, high] = std::minmax(a.x, b.x);
        auto corner =
            std::upper_bound(line.begin(), line.end(), low,
                             [](std::int32_t value, const CornerIndex::Corner& c) { return value < c.x; });
        for (; corner != line.end() && corner->x < high; ++corner) ring.points.push_back({corner->x, a.y});
        if (b.x < a.x)
            std::reverse(ring.points.begin() + static_cast<std::ptrdiff_t>(before), ring.points.end());
    } else {
        const std::int32_t step = b.y > a.y ? 1 : -1;
        for (std::int32_t y = a.y + step; y != b.y; y += step)
            if (corner_at(corners.line(y), a.x)) ring.points.push_back({a.x, y});
    }
    ring.is_node.resize(ring.points.size(), true);
}

NodedRing with_nodes(const Ring& ring, const CornerIndex& corners) {
    NodedRing result;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const GridPoint a = grid_point(ring[i]), b = grid_point(ring[(i + 1) % ring.size()]);
        const CornerIndex::Corner* corner = corner_at(corners.line(a.y), a.x);
        result.points.push_back(a);
        result.is_node.push_back(corner && corner->is_node());
        append_between(a, b, corners, result);
    }
    return result;
}

Ring draw_ring(const Ring& ring, const CornerIndex& corners, const OutlineOptions& options,
               double& deviation) {
    NodedRing noded = with_nodes(ring, corners);
    const auto first = std::find(noded.is_node.begin(), noded.is_node.end(), true);
    if (first == noded.is_node.end()) {
        const DrawnArc drawn = draw_arc({std::move(noded.points), true}, corners, options);
        deviation = std::max(deviation, drawn.deviation);
        return drawn.points;
    }
    const auto start = first - noded.is_node.begin();
    std::rotate(noded.points.begin(), noded.points.begin() + start, noded.points.end());
    std::rotate(noded.is_node.begin(), noded.is_node.begin() + start, noded.is_node.end());
    noded.points.push_back(noded.points.front());
    noded.is_node.push_back(true);

    Ring result;
    for (std::size_t begin = 0, end = 1; end < noded.points.size(); ++end) {
        if (!noded.is_node[end]) continue;
        const auto from = noded.points.begin() + static_cast<std::ptrdiff_t>(begin);
        const DrawnArc drawn = draw_arc(
            {{from, noded.points.begin() + static_cast<std::ptrdiff_t>(end) + 1}, false}, corners, options);
        deviation = std::max(deviation, drawn.deviation);
        result.insert(result.end(), drawn.points.begin(), drawn.points.end() - 1);
        begin = end;
    }
    return result;
}

}  // namespace

void OutlineOptions::validate() const {
    const auto check = [](double value, const char* what) {
        if (!(value >= 0) || value > 1e6)
            throw Error("", std::string("a ") + what + " of " + std::to_string(value) + " makes no sense",
                        "give a number of pixels that is 0 or more", ErrorKind::usage);
    };
    check(simplify, "simplification tolerance");
    check(smooth, "smoothing");
}

Outline trace_outline(const RunMask& mask, const CornerIndex& corners, const OutlineOptions& options) {
    Outline outline;
    outline.polygons = trace(mask);
    for (Polygon& polygon : outline.polygons) {
        polygon.outer = draw_ring(polygon.outer, corners, options, outline.deviation);
        for (Ring& hole : polygon.holes) hole = draw_ring(hole, corners, options, outline.deviation);
    }
    return outline;
}

}  // namespace landseam::vectors
