#include "landseam/segments/region_hierarchy.h"

#include "landseam/core/error.h"

#include "segments/disjoint_sets.h"
#include "segments/fine_regions.h"
#include "segments/region_graph.h"

#include <cmath>

namespace landseam::segments {
namespace {

constexpr double kReferenceContrast = 20;  // grey levels, see region_hierarchy

// What merging a square of that side with all that is around it costs: side² · contrast² / (4 · side).
double cost_of_scale(double scale) {
    return scale * kReferenceContrast * kReferenceContrast / 4;
}

}  // namespace

void check_scales(const std::vector<double>& scales) {
    double last = 0;
    for (const double scale : scales) {
        if (!(scale > last) || !std::isfinite(scale))
            throw Error("--regions", "scales must be pixels above 0, each larger than the one before",
                        "write for example 10,30,100", ErrorKind::usage);
        last = scale;
    }
}

std::vector<RegionMap> region_hierarchy(const ImageU8& picture, const ImageU8& valid,
                                        const std::vector<double>& scales) {
    check_scales(scales);
    if (scales.empty()) return {};
    const ImageU8 smooth = smoothed(picture);
    const RegionMap fine = fine_regions(smooth, valid);
    RegionGraph graph(fine, smooth);
    std::vector<RegionMap> maps;
    for (const double scale : scales) {
        graph.merge_up_to(cost_of_scale(scale));
        maps.push_back(graph.current());
    }
    return maps;
}

RegionMap class_components(const Image<std::int32_t>& classes, std::int64_t min_area) {
    DisjointSets sets(classes.pixel_count());
    const auto join = [&](std::uint32_t i, std::uint32_t j) {
        if (classes.values[i] != classes.values[j]) return;
        const std::uint32_t a = sets.root(i), b = sets.root(j);
        if (a != b) sets.unite(a, b);
    };
    std::uint32_t pixel = 0;
    for (int y = 0; y < classes.height; ++y)
        for (int x = 0; x < classes.width; ++x, ++pixel) {
            if (classes.values[pixel] < 0) continue;
            if (x > 0) join(pixel - 1, pixel);
            if (y > 0) join(pixel - static_cast<std::uint32_t>(classes.width), pixel);
        }
    RegionMap regions(classes.width, classes.height);
    std::vector<std::int32_t> number(classes.pixel_count(), 0);
    std::int32_t count = 0;
    for (std::uint32_t i = 0; i < regions.values.size(); ++i) {
        const std::uint32_t root = sets.root(i);
        if (classes.values[i] < 0 || sets.size(root) < min_area) continue;
        if (number[root] == 0) number[root] = ++count;
        regions.values[i] = number[root];
    }
    return regions;
}

}  // namespace landseam::segments
