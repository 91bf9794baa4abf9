#include "landseam/core/polygon.h"
#include "landseam/segments/region_hierarchy.h"

#include "segments/fine_regions.h"

#include <algorithm>
#include <cmath>

namespace landseam::segments {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Measures {
    std::int64_t area = 0;
    std::int64_t perimeter = 0;  // pixel sides
    std::vector<double> sums;    // of its pixels' values, channel by channel
    std::int64_t border = 0;     // pixel sides to other regions
    std::int64_t clear = 0;      // of these, where colours differ enough
    std::vector<Point> corners;  // leftmost and rightmost of every row, row by row
};

using AllMeasures = std::vector<Measures>;  // by region number

AllMeasures measure_shapes(const RegionMap& regions) {
    const std::int32_t most = *std::max_element(regions.values.begin(), regions.values.end());
    AllMeasures all(static_cast<std::size_t>(most) + 1);
    for (int y = 0; y < regions.height; ++y)
        for (int x = 0; x < regions.width; ++x) {
            Measures& m = all[static_cast<std::size_t>(regions.at(x, y))];
            ++m.area;
            if (regions.at(x, y) == 0) continue;
            // Corners of this row: the left one stays, the right one moves on.
            if (m.corners.empty() || m.corners.back().y != y + 1) {
                for (const int row : {y, y + 1})
                    m.corners.push_back({static_cast<double>(x), static_cast<double>(row)});
                for (const int row : {y, y + 1}) m.corners.push_back({x + 1.0, static_cast<double>(row)});
            } else {
                m.corners[m.corners.size() - 1].x = m.corners[m.corners.size() - 2].x = x + 1.0;
            }
        }
    return all;
}

void measure_colors(const RegionMap& regions, const ImageU8& picture, AllMeasures& all) {
    for (int y = 0; y < regions.height; ++y)
        for (int x = 0; x < regions.width; ++x) {
            auto& sums = all[static_cast<std::size_t>(regions.at(x, y))].sums;
            sums.resize(static_cast<std::size_t>(picture.channels));
            for (int c = 0; c < picture.channels; ++c)
                sums[static_cast<std::size_t>(c)] += picture.at(x, y, c);
        }
}

double mean_difference(const Measures& a, const Measures& b, int channels) {
    double squares = 0;
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        const double d = a.sums[c] / static_cast<double>(a.area) - b.sums[c] / static_cast<double>(b.area);
        squares += d * d;
    }
    return std::sqrt(squares / channels);
}

// Measures the border sides of all regions, each side from both pixels that share it.
class BorderMeasurer {
public:
    BorderMeasurer(const RegionMap& regions, const ImageU8& picture, const RegionQuality& quality,
                   AllMeasures& all)
        : regions_(regions), smooth_(smoothed(picture)), quality_(quality), all_(all) {}

    void measure() {
        for (int y = 0; y < regions_.height; ++y)
            for (int x = 0; x < regions_.width; ++x) {
                if (regions_.at(x, y) == 0) continue;
                measure_side(x, y, -1, 0);
                measure_side(x, y, 1, 0);
                measure_side(x, y, 0, -1);
                measure_side(x, y, 0, 1);
            }
    }

private:
    void measure_side(int x, int y, int dx, int dy) {
        const std::int32_t id = regions_.at(x, y);
        const bool edge = x + dx < 0 || y + dy < 0 || x + dx >= regions_.width || y + dy >= regions_.height;
        const std::int32_t other = edge ? 0 : regions_.at(x + dx, y + dy);
        if (other == id) return;
        Measures& m = all_[static_cast<std::size_t>(id)];
        ++m.perimeter;
        if (other == 0) return;
        ++m.border;
        m.clear += mean_difference(m, all_[static_cast<std::size_t>(other)], smooth_.channels) >=
                       quality_.min_contrast &&
                   step(x, y, dx, dy) >= quality_.min_step;
    }
    // The difference between the pixels next to the side's own, as edges are a few pixels wide.
    double step(int x, int y, int dx, int dy) const {
        return color_difference(pixel(x - dx, y - dy), pixel(x + 2 * dx, y + 2 * dy), smooth_.channels);
    }
    const std::uint8_t* pixel(int x, int y) const {
        return &smooth_.at(std::clamp(x, 0, smooth_.width - 1), std::clamp(y, 0, smooth_.height - 1));
    }

    const RegionMap& regions_;
    const ImageU8 smooth_;
    const RegionQuality& quality_;
    AllMeasures& all_;
};

// Andrew 1979, monotone chain.
double hull_area(std::vector<Point> points) {
    std::sort(points.begin(), points.end(),
              [](Point a, Point b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
    Ring hull;
    const auto turns_left = [&](Point p) {
        const Point a = hull[hull.size() - 2], b = hull.back();
        return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0;
    };
    for (int half = 0; half < 2; ++half) {
        const std::size_t start = hull.size() + 1;
        for (const Point& p : points) {
            while (hull.size() > start && !turns_left(p)) hull.pop_back();
            hull.push_back(p);
        }
        hull.pop_back();
        std::reverse(points.begin(), points.end());
    }
    return std::abs(signed_area(hull));
}

bool is_solid(const Measures& m, double min_solidity) {
    return static_cast<double>(m.area) >= min_solidity * hull_area(m.corners);
}

bool is_clear(const Measures& m, const RegionQuality& quality) {
    if (m.area < quality.min_area || m.border == 0) return false;
    if (static_cast<double>(m.clear) < quality.min_clear_border * static_cast<double>(m.border)) return false;
    // Steps along pixel sides are 4/π times as long as the smooth line, on average over all directions.
    const double perimeter = static_cast<double>(m.perimeter) * kPi / 4;
    return 4 * kPi * static_cast<double>(m.area) >= quality.min_compactness * perimeter * perimeter &&
           is_solid(m, quality.min_solidity);
}

template <typename Wanted>
std::int64_t keep(RegionMap& regions, const AllMeasures& all, Wanted wanted) {
    std::vector<char> kept(all.size(), 0);
    for (std::size_t id = 1; id < all.size(); ++id) kept[id] = all[id].area > 0 && wanted(all[id]);
    for (std::int32_t& id : regions.values)
        if (!kept[static_cast<std::size_t>(id)]) id = 0;
    return std::count(kept.begin(), kept.end(), 1);
}

}  // namespace

std::int64_t keep_clear_regions(RegionMap& regions, const ImageU8& picture, const RegionQuality& quality) {
    if (regions.empty()) return 0;
    AllMeasures all = measure_shapes(regions);
    measure_colors(regions, picture, all);
    BorderMeasurer(regions, picture, quality, all).measure();
    const double most = quality.max_share * static_cast<double>(regions.pixel_count());
    return keep(regions, all, [&](const Measures& m) {
        return static_cast<double>(m.area) <= most && is_clear(m, quality);
    });
}

std::int64_t keep_solid_regions(RegionMap& regions, double min_solidity) {
    if (regions.empty()) return 0;
    return keep(regions, measure_shapes(regions),
                [&](const Measures& m) { return is_solid(m, min_solidity); });
}

}  // namespace landseam::segments
