#include "landseam/tiling/tile_pyramid.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace landseam::tiling {
namespace {

constexpr int widest_usual_tile = 4096, most_usual_levels = 4, widest_tile = 1 << 30;

}  // namespace

TilePyramid::TilePyramid(std::int64_t scene_width, std::int64_t scene_height, const TileOptions& options,
                         int coarse_levels)
    : stride_(options.tile_size - options.overlap), overlap_(options.overlap) {
    if (coarse_levels < 0)
        throw Error("coarse levels", std::to_string(coarse_levels) + " is negative", "give 0 or more",
                    ErrorKind::usage);
    TileOptions of_level = options;
    std::int64_t count = 0;
    for (int level = 0; level <= coarse_levels; ++level) {
        first_.push_back(static_cast<int>(count));
        grids_.emplace_back(scene_width, scene_height, of_level);
        count += grids_.back().count();
        if (count > std::numeric_limits<int>::max())
            throw Error("tile size", "the scene would have too many tiles", "choose larger tiles",
                        ErrorKind::usage);
        if (grids_.back().count() == 1) break;
        if (of_level.tile_size > widest_tile / 2)
            throw Error("coarse levels", "tiles would be too wide", "give fewer", ErrorKind::usage);
        of_level.tile_size *= 2;
        of_level.overlap *= 2;
    }
    first_.push_back(static_cast<int>(count));
}

int TilePyramid::usual_levels(int tile_size) {
    int levels = 0;
    for (std::int64_t size = std::int64_t{2} * tile_size;
         size <= widest_usual_tile && levels < most_usual_levels; size *= 2)
        ++levels;
    return levels;
}

int TilePyramid::level(int index) const {
    if (index < 0 || index >= count())
        throw Error("tile " + std::to_string(index), "there are " + std::to_string(count()) + " tiles");
    return static_cast<int>(std::upper_bound(first_.begin(), first_.end(), index) - first_.begin()) - 1;
}

PixelBox TilePyramid::window(int index) const {
    const auto at = static_cast<std::size_t>(level(index));
    return grids_[at].tile(index - first_[at]).window;
}

std::int64_t TilePyramid::seen_below(int level, int edge_margin) const {
    if (level == 0) return 0;
    return std::max<std::int64_t>((std::int64_t{overlap_} << (level - 1)) - 2 * edge_margin, 0);
}

TileLayout TilePyramid::layout() const {
    std::vector<PixelBox> windows;
    windows.reserve(static_cast<std::size_t>(count()));
    for (const TileGrid& grid : grids_)
        for (int index = 0; index < grid.count(); ++index) windows.push_back(grid.tile(index).window);
    return {scene(), std::move(windows)};
}

}  // namespace landseam::tiling
