#include "landseam/core/polygon_fill.h"

#include <algorithm>
#include <cmath>

namespace landseam {
namespace {

// Adds, for each row of `frame` whose centre line the ring's edges cross, the x of the crossing.
void add_crossings(const Ring& ring, const PixelBox& frame, std::vector<std::vector<double>>& crossings) {
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        Point a = ring[j], b = ring[i];
        if (a.y == b.y) continue;
        if (a.y > b.y) std::swap(a, b);
        // Rows y with a.y <= y + 0.5 < b.y.
        const double first = std::max(std::ceil(a.y - 0.5), static_cast<double>(frame.y));
        const double last = std::min(std::ceil(b.y - 0.5), static_cast<double>(frame.bottom()));
        for (double y = first; y < last; ++y)
            crossings[static_cast<std::size_t>(y - frame.y)].push_back(a.x + (y + 0.5 - a.y) / (b.y - a.y) * (b.x - a.x));
    }
}

std::int32_t first_centre_from(double x, const PixelBox& frame) {
    const double clamped = std::clamp(std::ceil(x - 0.5), static_cast<double>(frame.x), static_cast<double>(frame.right()));
    return static_cast<std::int32_t>(clamped);
}

}  // namespace

RunMask fill_polygons(const MultiPolygon& polygons, const PixelBox& frame) {
    std::vector<Run> runs;
    if (frame.empty()) return {};
    for (const Polygon& polygon : polygons) {
        std::vector<std::vector<double>> crossings(static_cast<std::size_t>(frame.height));
        add_crossings(polygon.outer, frame, crossings);
        for (const Ring& hole : polygon.holes) add_crossings(hole, frame, crossings);
        for (std::size_t row = 0; row < crossings.size(); ++row) {
            auto& xs = crossings[row];
            std::sort(xs.begin(), xs.end());
            for (std::size_t k = 0; k + 1 < xs.size(); k += 2)
                runs.push_back({static_cast<std::int32_t>(frame.y + static_cast<std::int64_t>(row)),
                                first_centre_from(xs[k], frame), first_centre_from(xs[k + 1], frame)});
        }
    }
    return RunMask::from_runs(std::move(runs));
}

}  // namespace landseam
