#include "mask_generation/point_grid.h"

#include "landseam/mask_generation/automatic_mask_generator.h"

#include <algorithm>
#include <cmath>

namespace landseam::mask_generation {

std::vector<Point> build_point_grid(int points_per_side) {
    const double first = 1.0 / (2.0 * points_per_side), last = 1.0 - first;
    // The arithmetic of numpy.linspace, so that no point differs from the reference's by a rounding.
    const double step = points_per_side > 1 ? (last - first) / (points_per_side - 1) : 0;
    std::vector<double> side(points_per_side);
    for (int i = 0; i < points_per_side; ++i) side[i] = i * step + first;
    if (points_per_side > 1) side.back() = last;

    std::vector<Point> grid;
    grid.reserve(side.size() * side.size());
    for (double y : side)
        for (double x : side) grid.push_back({x, y});
    return grid;
}

std::vector<std::vector<Point>> build_all_layer_point_grids(const MaskGeneratorOptions& options) {
    if (!options.point_grids.empty()) return options.point_grids;
    std::vector<std::vector<Point>> grids;
    int side = options.points_per_side;
    for (int layer = 0; layer <= options.crop_n_layers; ++layer) {
        grids.push_back(build_point_grid(side));
        side /= options.crop_n_points_downscale_factor;  // nested floors equal the floor of one division
    }
    return grids;
}

PartedGrid part_grid(const std::vector<Point>& grid, int step) {
    if (step == 0) return {grid, {}};
    const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(grid.size()))));
    const auto chosen = [&](int i) { return i % step == step / 2; };  // in the middle of each step
    PartedGrid parted;
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            (chosen(x) && chosen(y) ? parted.coarse : parted.others).push_back(grid[y * side + x]);
    return parted;
}

std::vector<Point> place_prompts(const std::vector<Point>& grid, const PixelBox& crop, const ImageU8* valid) {
    std::vector<Point> prompts;
    prompts.reserve(grid.size());
    for (const Point& fraction : grid) {
        const Point point{fraction.x * static_cast<double>(crop.width),
                          fraction.y * static_cast<double>(crop.height)};
        const auto column = std::min(static_cast<std::int64_t>(std::floor(point.x)), crop.width - 1);
        const auto row = std::min(static_cast<std::int64_t>(std::floor(point.y)), crop.height - 1);
        if (!valid || valid->at(static_cast<int>(crop.x + column), static_cast<int>(crop.y + row)))
            prompts.push_back(point);
    }
    return prompts;
}

}  // namespace landseam::mask_generation
