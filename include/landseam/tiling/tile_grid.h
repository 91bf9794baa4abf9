// The grid of overlapping tiles that a scene is cut into: window arithmetic and nothing else.
#pragma once

#include "landseam/core/pixel_box.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace landseam::tiling {

struct TileOptions {
    int tile_size = 1024;       // width and height of a tile in scene pixels
    int overlap = 256;          // pixels that neighbouring tiles share at least; less than tile_size
    std::int64_t origin_x = 0;  // where a grid line lies; only the remainder by (tile_size − overlap) matters
    std::int64_t origin_y = 0;

    // Throws Error of kind usage.
    void validate() const;
};

struct Tile {
    int index = 0;  // row-major: row × columns + column
    int column = 0;
    int row = 0;
    PixelBox window;  // what the tile sees, in scene pixels
    PixelBox core;    // its share of the scene: the cores of all tiles cover every pixel exactly once
};

// Tiles start at origin + k × (tile_size − overlap) on each axis. The first and the last are moved inside the
// scene instead of being cut, so that every window is exactly tile_size wide and high (a model sees all tiles
// at one scale); on an axis where the scene is shorter than a tile, there is one tile with the scene's
// length. Hence:
// - windows lie inside the scene, no two are equal, and rows and columns of tiles keep their order;
// - consecutive windows share at least `overlap` pixels, those at the scene's borders may share more (up to
//   tile_size − 1), and then a tile can also overlap the one after the next;
// - cores are bounded by the middle of what consecutive windows share.
// Nothing is stored for a tile, so a grid is cheap at any size.
class TileGrid {
public:
    // Throws Error of kind usage if an option or a dimension makes no sense, or the grid would have more than
    // 2³¹ − 1 tiles. Dimensions are in pixels, from 1 to 2³¹ − 1.
    TileGrid(std::int64_t scene_width, std::int64_t scene_height, const TileOptions& options = {});

    PixelBox scene() const { return {0, 0, x_.length, y_.length}; }
    int columns() const { return static_cast<int>(x_.count); }
    int rows() const { return static_cast<int>(y_.count); }
    int count() const { return columns() * rows(); }

    // These throw Error if there is no tile of that index.
    Tile tile(int index) const;
    // The tiles whose windows share pixels with that of tile `index`, itself excepted, in ascending order.
    std::vector<int> neighbours(int index) const;
    // The pixels that both tiles see; empty if there are none.
    PixelBox overlap(int index, int other) const;

private:
    // The grid along one axis.
    struct Axis {
        std::int64_t length = 0;  // of the scene
        std::int64_t extent = 0;  // of every window
        std::int64_t stride = 1;
        std::int64_t first = 0;  // start of the first window before it is moved inside: in (−stride, 0]
        std::int64_t count = 0;

        Axis(std::int64_t scene_length, std::int64_t tile_size, std::int64_t overlap, std::int64_t origin);
        std::int64_t start(std::int64_t k) const;
        std::int64_t core_start(std::int64_t k) const;
        std::int64_t core_end(std::int64_t k) const { return core_start(k + 1); }
        // The windows [first, second) that share pixels with window k.
        std::pair<std::int64_t, std::int64_t> sharing(std::int64_t k) const;
    };

    PixelBox window(int index) const;
    void check(int index) const;

    Axis x_;
    Axis y_;
};

}  // namespace landseam::tiling
