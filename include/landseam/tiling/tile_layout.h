// Tiles wherever they lie: windows of a scene, and which of them share pixels.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/tiling/tile_grid.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace landseam::tiling {

// Any windows of a scene, of any size: a regular grid, or what another program cut. Windows may leave gaps.
// 40 bytes a tile.
class TileLayout {
public:
    TileLayout(const TileGrid& grid);  // implicit: every grid is a layout
    // Throws Error if a window is empty or reaches beyond the scene.
    TileLayout(const PixelBox& scene, std::vector<PixelBox> windows);

    const PixelBox& scene() const { return scene_; }
    int count() const { return static_cast<int>(windows_.size()); }

    // These throw Error if there is no tile of that index.
    const PixelBox& window(int index) const;
    // The tiles whose windows share pixels with that of tile `index`, itself excepted, in ascending order.
    std::vector<int> neighbours(int index) const;

    // All tiles, row by row or, where the scene is wider than high, column by column: whoever takes them in
    // this order leaves the fewest with neighbours still to come.
    std::vector<int> working_order() const;

private:
    std::int64_t cell_of(std::int64_t column, std::int64_t row) const { return row * columns_ + column; }

    PixelBox scene_;
    std::vector<PixelBox> windows_;
    // Windows by the cell of their first pixel; a cell is as wide and high as the widest and highest window.
    std::int64_t cell_width_ = 1, cell_height_ = 1, columns_ = 1;
    std::unordered_map<std::int64_t, std::vector<int>> cells_;  // looked up, never iterated
};

}  // namespace landseam::tiling
