// Grids of tiles of several sizes over one scene, so that something sees every object whole.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/tiling/tile_grid.h"
#include "landseam/tiling/tile_layout.h"

#include <vector>

namespace landseam::tiling {

// Level 0 is the grid asked for; each coarser level has tiles and overlaps twice as wide, with the same
// origin. What is longer than an overlap may be cut by every tile of its level, and one of the next levels
// sees it whole. (SAM's generator does the reverse for pictures: `crop_n_layers` adds ever smaller crops.)
class TilePyramid {
public:
    // At most `coarse_levels` levels above the first; none above a level that sees the scene in one tile.
    // Throws Error as TileGrid does, and of kind usage where the number of levels is negative or the tiles
    // would exceed 2³⁰ pixels a side.
    TilePyramid(std::int64_t scene_width, std::int64_t scene_height, const TileOptions& options,
                int coarse_levels);

    // As many levels as reach tiles of 4096 pixels, four at most: beyond that little is found that the
    // levels below do not show, and a tile takes much memory.
    static int usual_levels(int tile_size);

    const TileGrid& base() const { return grids_.front(); }
    const std::vector<TileGrid>& grids() const { return grids_; }  // by level
    int stride() const { return stride_; }  // of level 0: from one tile to the next, pixels
    PixelBox scene() const { return base().scene(); }
    // Tiles of all levels; their indices go on from level to level.
    int count() const { return first_.back(); }

    // These throw Error if there is no tile of that index.
    PixelBox window(int index) const;
    int level(int index) const;
    // The length in pixels up to which the level below sees every object whole, and farther than the margin
    // from the edges of a tile; 0 for level 0.
    std::int64_t seen_below(int level, int edge_margin) const;

    TileLayout layout() const;

private:
    std::vector<TileGrid> grids_;
    std::vector<int> first_;  // index of each level's first tile, and of the one after the last
    int stride_, overlap_;
};

}  // namespace landseam::tiling
