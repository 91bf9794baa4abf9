#include "landseam/vectors/trace.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace landseam::vectors {
namespace {

constexpr std::int32_t none = -1;

// The outline seen as its vertical sides. Run i has two: side 2i runs down along its left end, side 2i + 1 up
// along its right end, so that the mask lies to the left of whoever walks them. `next` says which side
// follows; between them lies a piece of horizontal outline, or nothing where the outline goes straight on.
struct Sides {
    explicit Sides(const std::vector<Run>& mask_runs)
        : runs(mask_runs), next(2 * mask_runs.size(), none), component(mask_runs.size()) {
        for (std::size_t i = 0; i < component.size(); ++i) component[i] = static_cast<std::int32_t>(i);
    }

    bool goes_down(std::int32_t side) const { return side % 2 == 0; }
    double x(std::int32_t side) const {
        const Run& run = runs[side / 2];
        return goes_down(side) ? run.x_begin : run.x_end;
    }
    Point start(std::int32_t side) const {
        return {x(side), runs[side / 2].y + (goes_down(side) ? 0.0 : 1.0)};
    }
    Point end(std::int32_t side) const { return {x(side), runs[side / 2].y + (goes_down(side) ? 1.0 : 0.0)}; }

    // Runs connected by their sides share a root: the first run of them all.
    std::int32_t root(std::int32_t run) {
        while (component[run] != run) run = component[run] = component[component[run]];
        return run;
    }
    void unite(std::int32_t a, std::int32_t b) {
        a = root(a);
        b = root(b);
        component[std::max(a, b)] = std::min(a, b);
    }

    const std::vector<Run>& runs;
    std::vector<std::int32_t> next;
    std::vector<std::int32_t> component;
};

// The runs [begin, end) of one row, read end by end from left to right.
struct RowEnds {
    RowEnds(std::size_t begin, std::size_t end)
        : side(static_cast<std::int32_t>(2 * begin)), last(static_cast<std::int32_t>(2 * end)) {}
    bool done() const { return side == last; }
    bool inside() const { return side % 2 == 1; }  // between a left and a right end

    std::int32_t side;  // the end that comes next
    std::int32_t last;
};

// Links the sides along the line between two neighbouring rows, either of which may be empty. Where two
// pixels meet only at a corner, each pixel's outline goes round its own pixel.
void link_rows(Sides& sides, RowEnds above, RowEnds below) {
    std::int32_t piece_start = none;  // the side at the left end of the horizontal piece that is open
    while (!above.done() || !below.done()) {
        const bool take_above = !above.done() && (below.done() || sides.x(above.side) <= sides.x(below.side));
        const bool take_below = !below.done() && (above.done() || sides.x(below.side) <= sides.x(above.side));
        const bool piece_is_of_above = above.inside();
        const std::int32_t upper = take_above ? above.side++ : none;
        const std::int32_t lower = take_below ? below.side++ : none;

        if (take_above && take_below && piece_start == none) {
            // Both rows begin or both end here: the outline goes straight down, or straight up.
            if (sides.goes_down(upper))
                sides.next[upper] = lower;
            else
                sides.next[lower] = upper;
        } else {
            if (piece_start != none) {
                const std::int32_t piece_end =
                    piece_is_of_above ? (take_above ? upper : lower) : (take_below ? lower : upper);
                if (piece_is_of_above)
                    sides.next[piece_start] = piece_end;
                else
                    sides.next[piece_end] = piece_start;
                piece_start = none;
            }
            if (above.inside() != below.inside())
                piece_start = above.inside() ? (take_above ? upper : lower) : (take_below ? lower : upper);
        }
        if (above.inside() && below.inside()) sides.unite((above.side - 1) / 2, (below.side - 1) / 2);
    }
}

Sides link_all(const std::vector<Run>& runs) {
    Sides sides(runs);
    std::size_t above_begin = 0, above_end = 0;
    for (std::size_t begin = 0, end = 0; begin < runs.size(); begin = end) {
        while (end < runs.size() && runs[end].y == runs[begin].y) ++end;
        const bool adjacent = above_end > above_begin && runs[above_begin].y + 1 == runs[begin].y;
        if (!adjacent) {
            link_rows(sides, {above_begin, above_end}, {0, 0});
            above_begin = above_end = 0;
        }
        link_rows(sides, {above_begin, above_end}, {begin, end});
        above_begin = begin;
        above_end = end;
    }
    link_rows(sides, {above_begin, above_end}, {0, 0});
    return sides;
}

bool comes_first(const Point& a, const Point& b) {
    return a.y != b.y ? a.y < b.y : a.x < b.x;
}

Ring from_first_vertex(Ring ring) {
    std::rotate(ring.begin(), std::min_element(ring.begin(), ring.end(), comes_first), ring.end());
    return ring;
}

// The corners of the closed walk that begins with `first`; its sides are marked as visited.
Ring walk(const Sides& sides, std::int32_t first, std::vector<bool>& visited) {
    Ring corners;
    std::int32_t side = first;
    do {
        visited[side] = true;
        const std::int32_t following = sides.next[side];
        if (sides.x(following) != sides.x(side)) {  // else the outline goes straight on
            corners.push_back(sides.end(side));
            corners.push_back(sides.start(following));
        }
        side = following;
    } while (side != first);
    return corners;
}

// A walk passes a corner twice where the component touches itself there, which no valid ring may; cut at
// these corners, it falls into simple rings. Corners are passed twice at most.
std::vector<Ring> cut_into_simple_rings(const Ring& corners) {
    std::vector<std::size_t> order(corners.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return corners[a] == corners[b] ? a < b : comes_first(corners[a], corners[b]);
    });
    constexpr std::size_t once = SIZE_MAX;
    std::vector<std::size_t> earlier(corners.size(), once);  // where the same corner was passed before
    bool simple = true;
    for (std::size_t i = 1; i < order.size(); ++i)
        if (corners[order[i]] == corners[order[i - 1]]) {
            earlier[order[i]] = order[i - 1];
            simple = false;
        }
    if (simple) return {corners};

    std::vector<Ring> rings;
    std::vector<std::size_t> path;  // indices into `corners`, increasing
    for (std::size_t i = 0; i < corners.size(); ++i) {
        if (earlier[i] != once) {
            const auto loop = std::lower_bound(path.begin(), path.end(), earlier[i]);
            Ring ring;
            for (auto it = loop; it != path.end(); ++it) ring.push_back(corners[*it]);
            rings.push_back(std::move(ring));
            path.erase(loop + 1, path.end());  // the walk goes on from the shared corner
        } else {
            path.push_back(i);
        }
    }
    Ring rest;
    for (const std::size_t i : path) rest.push_back(corners[i]);
    rings.push_back(std::move(rest));
    return rings;
}

}  // namespace

MultiPolygon trace(const RunMask& mask) {
    Sides sides = link_all(mask.runs());
    const std::size_t run_count = mask.runs().size();
    std::vector<Polygon> by_root(run_count);  // at the first run of each component
    std::vector<bool> visited(2 * run_count, false);
    for (std::size_t side = 0; side < 2 * run_count; ++side) {
        if (visited[side]) continue;
        Polygon& polygon = by_root[sides.root(static_cast<std::int32_t>(side / 2))];
        for (Ring& ring : cut_into_simple_rings(walk(sides, static_cast<std::int32_t>(side), visited))) {
            const bool is_outer = signed_area(ring) < 0;
            ring = from_first_vertex(std::move(ring));
            if (is_outer)
                polygon.outer = std::move(ring);
            else
                polygon.holes.push_back(std::move(ring));
        }
    }
    MultiPolygon result;
    for (Polygon& polygon : by_root) {
        if (polygon.outer.empty()) continue;
        std::sort(polygon.holes.begin(), polygon.holes.end(),
                  [](const Ring& a, const Ring& b) { return comes_first(a.front(), b.front()); });
        result.push_back(std::move(polygon));
    }
    return result;
}

}  // namespace landseam::vectors
