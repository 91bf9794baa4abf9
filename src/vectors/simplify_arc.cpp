#include "vectors/arc.h"

#include <algorithm>
#include <cmath>
#include <queue>

namespace landseam::vectors {
namespace {

double distance_to_segment(GridPoint p, GridPoint a, GridPoint b) {
    const double dx = double(b.x) - a.x, dy = double(b.y) - a.y, px = double(p.x) - a.x,
                 py = double(p.y) - a.y;
    const double length2 = dx * dx + dy * dy;
    const double t = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0;
    return std::hypot(px - t * dx, py - t * dy);
}

// Walks along boundaries of the map, within a box.
class Walker {
public:
    Walker(const CornerIndex& corners, GridPoint low, GridPoint high)
        : corners_(corners), low_(low), high_(high) {}

    // The node at which the boundary ends that leaves `from` along `edge`; false where it leaves the box.
    bool follow(GridPoint from, std::uint8_t edge, GridPoint& node) const {
        for (GridPoint place = from;;) {
            std::uint8_t edges = 0;
            if (!next_corner(place, edge, edges)) return false;
            if (CornerIndex::Corner{0, edges}.is_node()) {
                node = place;
                return true;
            }
            if (place == from) return false;
            edge = static_cast<std::uint8_t>(edges & ~opposite(edge));
        }
    }

    std::uint8_t edges_at(GridPoint place) const {
        const CornerIndex::Line& line = corners_.line(place.y);
        const auto corner = find(line, place.x);
        return corner != line.end() && corner->x == place.x ? corner->edges : std::uint8_t{0};
    }

private:
    static CornerIndex::Line::const_iterator find(const CornerIndex::Line& line, std::int32_t x) {
        return std::lower_bound(
            line.begin(), line.end(), x,
            [](const CornerIndex::Corner& corner, std::int32_t value) { return corner.x < value; });
    }
    static std::uint8_t opposite(std::uint8_t edge) {
        return static_cast<std::uint8_t>(edge >= CornerIndex::left ? edge >> 2 : edge << 2);
    }

    bool next_corner(GridPoint& place, std::uint8_t edge, std::uint8_t& edges) const {
        if (edge == CornerIndex::right || edge == CornerIndex::left) {
            const CornerIndex::Line& line = corners_.line(place.y);
            auto corner = find(line, edge == CornerIndex::right ? place.x + 1 : place.x);
            if (edge == CornerIndex::right ? corner == line.end() : corner == line.begin()) return false;
            if (edge == CornerIndex::left) --corner;
            place.x = corner->x;
            edges = corner->edges;
            return place.x >= low_.x && place.x <= high_.x;
        }
        const int step = edge == CornerIndex::down ? 1 : -1;
        do {
            place.y += step;
            if (place.y < low_.y || place.y > high_.y) return false;
            edges = edges_at(place);
        } while (edges == 0);
        return true;
    }

    const CornerIndex& corners_;
    GridPoint low_, high_;
};

std::uint8_t edge_towards(GridPoint from, GridPoint to) {
    if (from.y == to.y) return to.x > from.x ? CornerIndex::right : CornerIndex::left;
    return to.y > from.y ? CornerIndex::down : CornerIndex::up;
}

// Whether another boundary that nowhere leaves the surroundings of this one links the same two nodes: between
// them lies an object or a gap that would vanish if both became the same line.
bool has_parallel(const std::vector<GridPoint>& points, const CornerIndex& corners, double tolerance) {
    const std::int32_t margin = static_cast<std::int32_t>(std::ceil(tolerance)) + 1;
    GridPoint low = points.front(), high = low;
    for (const GridPoint& p : points) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const Walker walker(corners, {low.x - margin, low.y - margin}, {high.x + margin, high.y + margin});
    const std::uint8_t edges = walker.edges_at(points.front()), own = edge_towards(points[0], points[1]);
    for (const std::uint8_t edge :
         {CornerIndex::right, CornerIndex::down, CornerIndex::left, CornerIndex::up}) {
        GridPoint node;
        if ((edges & edge) != 0 && edge != own && walker.follow(points.front(), edge, node) &&
            node == points.back())
            return true;
    }
    return false;
}

class Simplifier {
public:
    Simplifier(const Arc& arc, const CornerIndex& corners, double tolerance)
        : arc_(arc), points_(arc.points), corners_(corners), tolerance_(tolerance), left_(points_.size()) {
        const std::size_t count = points_.size();
        previous_.resize(count);
        next_.resize(count);
        version_.resize(count, 0);
        removed_.resize(count, false);
        for (std::size_t i = 0; i < count; ++i) {
            previous_[i] = (i + count - 1) % count;
            next_[i] = (i + 1) % count;
            by_place_.push_back(i);
        }
        std::sort(by_place_.begin(), by_place_.end(),
                  [&](std::size_t a, std::size_t b) { return points_[a] < points_[b]; });
    }

    KeptPoints run() {
        for (std::size_t i = 0; i < points_.size(); ++i) push(i);
        while (!queue_.empty()) {
            const Candidate candidate = queue_.top();
            queue_.pop();
            if (removed_[candidate.index] || version_[candidate.index] != candidate.version) continue;
            if (left_ <= fewest()) break;
            try_to_remove(candidate.index);
        }
        KeptPoints kept;
        kept.deviation = deviation_;
        for (std::size_t i = 0; i < points_.size(); ++i)
            if (!removed_[i]) kept.indices.push_back(i);
        return kept;
    }

private:
    struct Candidate {
        std::int64_t size;
        std::size_t index;
        int version;
        bool operator<(const Candidate& other) const {  // the largest comes first in a priority_queue
            return size != other.size ? size > other.size : index > other.index;
        }
    };

    bool is_end(std::size_t i) const { return !arc_.closed && (i == 0 || i + 1 == points_.size()); }

    std::size_t fewest() {
        if (arc_.closed) return 3;
        if (points_.front() == points_.back()) return 4;
        if (left_ > 3) return 2;
        if (parallel_ < 0) parallel_ = has_parallel(points_, corners_, tolerance_);
        return parallel_ > 0 ? 3 : 2;
    }

    void push(std::size_t i) {
        if (is_end(i)) return;
        queue_.push({std::abs(cross(points_[previous_[i]], points_[i], points_[next_[i]])), i, version_[i]});
    }

    bool was_removed(GridPoint p) const {
        const auto found =
            std::lower_bound(by_place_.begin(), by_place_.end(), p,
                             [&](std::size_t i, const GridPoint& q) { return points_[i] < q; });
        return found != by_place_.end() && points_[*found] == p && removed_[*found];
    }

    void try_to_remove(std::size_t i) {
        const std::size_t before = previous_[i], after = next_[i];
        const GridPoint a = points_[before], b = points_[i], c = points_[after];
        if (a == c) return;
        double farthest = 0;
        for (std::size_t k = (before + 1) % points_.size(); k != after; k = (k + 1) % points_.size())
            farthest = std::max(farthest, distance_to_segment(points_[k], a, c));
        if (farthest > tolerance_) return;
        if (!triangle_is_empty(corners_, a, b, c, [&](GridPoint p) { return was_removed(p); })) return;
        removed_[i] = true;
        --left_;
        deviation_ = std::max(deviation_, farthest);
        next_[before] = after;
        previous_[after] = before;
        for (const std::size_t neighbour : {before, after}) {
            ++version_[neighbour];
            push(neighbour);
        }
    }

    const Arc& arc_;
    const std::vector<GridPoint>& points_;
    const CornerIndex& corners_;
    double tolerance_;
    std::size_t left_;
    int parallel_ = -1;  // not yet known
    double deviation_ = 0;
    std::vector<std::size_t> previous_, next_, by_place_;
    std::vector<int> version_;
    std::vector<bool> removed_;
    std::priority_queue<Candidate> queue_;
};

}  // namespace

KeptPoints simplify_arc(const Arc& arc, const CornerIndex& corners, double tolerance) {
    return Simplifier(arc, corners, tolerance).run();
}

}  // namespace landseam::vectors
