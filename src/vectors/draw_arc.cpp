#include "vectors/arc.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace landseam::vectors {
namespace {

// The arc from the start and in the direction that both its sides agree on.
struct Canonical {
    Arc arc;
    std::size_t start = 0;  // of `arc` in the given one, if that is closed
    bool reversed = false;
};

Canonical canonical(const Arc& arc) {
    Canonical result{arc, 0, false};
    std::vector<GridPoint>& points = result.arc.points;
    if (arc.closed) {
        const auto first = std::min_element(points.begin(), points.end());
        result.start = static_cast<std::size_t>(first - points.begin());
        std::rotate(points.begin(), first, points.end());
        result.reversed = points.back() < points[1];
        if (result.reversed) std::reverse(points.begin() + 1, points.end());
    } else {
        result.reversed = points.front() == points.back() ? points[points.size() - 2] < points[1]
                                                          : points.back() < points.front();
        if (result.reversed) std::reverse(points.begin(), points.end());
    }
    return result;
}

double length(GridPoint a, GridPoint b) {
    return std::hypot(double(b.x) - a.x, double(b.y) - a.y);
}

Point towards(GridPoint from, GridPoint to, double distance) {
    const double share = distance / length(from, to);
    return {from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)};
}

// The corner b as a curve: points of the quadratic Bézier curve with the control point b.
void append_curve(GridPoint a, GridPoint b, GridPoint c, double reach, Ring& points, double& deviation) {
    const Point in = towards(b, a, std::min(reach, length(a, b) / 2));
    const Point out = towards(b, c, std::min(reach, length(b, c) / 2));
    for (const double t : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double u = 1 - t;
        const Point p{u * u * in.x + 2 * u * t * b.x + t * t * out.x,
                      u * u * in.y + 2 * u * t * b.y + t * t * out.y};
        if (points.empty() || !(points.back() == p)) points.push_back(p);
        if (t == 0.5) deviation = std::max(deviation, std::hypot(p.x - b.x, p.y - b.y));
    }
}

// Whether corner b may be rounded: no other boundary, nor another part of this one, comes into its triangle.
// Points of this arc that simplification dropped are none.
class EmptyTriangles {
public:
    EmptyTriangles(const CornerIndex& corners, const std::vector<GridPoint>& all,
                   const std::vector<GridPoint>& kept)
        : corners_(corners), all_(all), kept_(kept) {
        std::sort(all_.begin(), all_.end());
        std::sort(kept_.begin(), kept_.end());
    }
    bool is_empty(GridPoint a, GridPoint b, GridPoint c) const {
        return triangle_is_empty(corners_, a, b, c, [&](GridPoint p) {
            return std::binary_search(all_.begin(), all_.end(), p) &&
                   !std::binary_search(kept_.begin(), kept_.end(), p);
        });
    }

private:
    const CornerIndex& corners_;
    std::vector<GridPoint> all_, kept_;
};

Ring smooth_arc(const Arc& arc, const std::vector<GridPoint>& kept, const CornerIndex& corners, double reach,
                double& deviation) {
    const EmptyTriangles triangles(corners, arc.points, kept);
    Ring points;
    const std::size_t count = kept.size();
    for (std::size_t i = 0; i < count; ++i) {
        const GridPoint b = kept[i];
        const bool is_end = !arc.closed && (i == 0 || i + 1 == count);
        const GridPoint a = kept[(i + count - 1) % count], c = kept[(i + 1) % count];
        if (is_end || a == c || cross(a, b, c) == 0 || !triangles.is_empty(a, b, c))
            points.push_back({double(b.x), double(b.y)});
        else
            append_curve(a, b, c, reach, points, deviation);
    }
    if (arc.closed && points.size() > 3 && points.front() == points.back()) points.pop_back();
    return points;
}

}  // namespace

DrawnArc draw_arc(const Arc& given, const CornerIndex& corners, const OutlineOptions& options) {
    const Canonical canon = canonical(given);
    KeptPoints kept;
    if (options.simplify > 0 && canon.arc.points.size() > 2) {
        kept = simplify_arc(canon.arc, corners, options.simplify);
    } else {
        kept.indices.resize(canon.arc.points.size());
        std::iota(kept.indices.begin(), kept.indices.end(), std::size_t{0});
    }
    std::vector<GridPoint> points;
    for (const std::size_t i : kept.indices) points.push_back(canon.arc.points[i]);
    DrawnArc drawn;
    double rounding = 0;
    if (options.smooth > 0)
        drawn.points = smooth_arc(canon.arc, points, corners, options.smooth, rounding);
    else
        for (const GridPoint& p : points) drawn.points.push_back({double(p.x), double(p.y)});
    drawn.deviation = kept.deviation + rounding;
    if (canon.reversed) std::reverse(drawn.points.begin(), drawn.points.end());
    return drawn;
}

}  // namespace landseam::vectors
