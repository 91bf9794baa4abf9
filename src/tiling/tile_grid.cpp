#include "landseam/tiling/tile_grid.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace landseam::tiling {
namespace {

constexpr std::int64_t largest_dimension = std::numeric_limits<std::int32_t>::max();

std::int64_t checked_dimension(std::int64_t length, const char* name) {
    if (length < 1 || length > largest_dimension)
        throw Error(std::string("scene ") + name, std::to_string(length) + " pixels cannot be tiled",
                    "give a scene of 1 to " + std::to_string(largest_dimension) + " pixels",
                    ErrorKind::usage);
    return length;
}

const TileOptions& checked(const TileOptions& options) {
    options.validate();
    return options;
}

}  // namespace

void TileOptions::validate() const {
    if (tile_size < 1)
        throw Error("tile size", std::to_string(tile_size) + " is not positive", "give at least 1 pixel",
                    ErrorKind::usage);
    if (overlap < 0)
        throw Error("tile overlap", std::to_string(overlap) + " is negative", "give 0 or more pixels",
                    ErrorKind::usage);
    if (overlap >= tile_size)
        throw Error(
            "tile overlap",
            std::to_string(overlap) + " pixels leave nothing of tiles of " + std::to_string(tile_size),
            "give less than the tile size, a quarter of it as a rule", ErrorKind::usage);
}

TileGrid::Axis::Axis(std::int64_t scene_length, std::int64_t tile_size, std::int64_t overlap,
                     std::int64_t origin)
    : length(scene_length), extent(std::min(tile_size, scene_length)), stride(tile_size - overlap) {
    const std::int64_t phase = (origin % stride + stride) % stride;
    first = phase > 0 ? phase - stride : 0;
    const std::int64_t last_start = length - extent;
    // Windows are needed until one reaches the scene's end; a scene no longer than a tile needs one.
    count = last_start == 0 ? 1 : (last_start - first + stride - 1) / stride + 1;
}

std::int64_t TileGrid::Axis::start(std::int64_t k) const {
    return std::clamp<std::int64_t>(first + k * stride, 0, length - extent);
}

std::int64_t TileGrid::Axis::core_start(std::int64_t k) const {
    if (k == 0) return 0;
    if (k == count) return length;
    return (start(k) + start(k - 1) + extent) / 2;
}

std::pair<std::int64_t, std::int64_t> TileGrid::Axis::sharing(std::int64_t k) const {
    std::int64_t begin = k, end = k + 1;
    while (begin > 0 && start(begin - 1) + extent > start(k)) --begin;
    while (end < count && start(end) < start(k) + extent) ++end;
    return {begin, end};
}

TileGrid::TileGrid(std::int64_t scene_width, std::int64_t scene_height, const TileOptions& options)
    : x_(checked_dimension(scene_width, "width"), checked(options).tile_size, options.overlap,
         options.origin_x),
      y_(checked_dimension(scene_height, "height"), options.tile_size, options.overlap, options.origin_y) {
    if (x_.count > std::numeric_limits<int>::max() / y_.count)
        throw Error("tile size",
                    "a scene of " + std::to_string(scene_width) + " by " + std::to_string(scene_height) +
                        " pixels would have " + std::to_string(x_.count) + " by " + std::to_string(y_.count) +
                        " tiles",
                    "choose larger tiles or a smaller overlap", ErrorKind::usage);
}

void TileGrid::check(int index) const {
    if (index < 0 || index >= count())
        throw Error("tile " + std::to_string(index), "the grid has " + std::to_string(count()) + " tiles");
}

PixelBox TileGrid::window(int index) const {
    return {x_.start(index % columns()), y_.start(index / columns()), x_.extent, y_.extent};
}

Tile TileGrid::tile(int index) const {
    check(index);
    Tile tile{index, index % columns(), index / columns(), window(index), {}};
    tile.core = {x_.core_start(tile.column), y_.core_start(tile.row), 0, 0};
    tile.core.width = x_.core_end(tile.column) - tile.core.x;
    tile.core.height = y_.core_end(tile.row) - tile.core.y;
    return tile;
}

std::vector<int> TileGrid::neighbours(int index) const {
    check(index);
    const auto [column_begin, column_end] = x_.sharing(index % columns());
    const auto [row_begin, row_end] = y_.sharing(index / columns());
    std::vector<int> indices;
    for (std::int64_t row = row_begin; row < row_end; ++row)
        for (std::int64_t column = column_begin; column < column_end; ++column) {
            const int other = static_cast<int>(row * columns() + column);
            if (other != index) indices.push_back(other);
        }
    return indices;
}

PixelBox TileGrid::overlap(int index, int other) const {
    check(index);
    check(other);
    return intersection(window(index), window(other));
}

}  // namespace landseam::tiling
