// Maps of objects that are known to the pixel, and masks cut from them as a perfect or a faulty model would.
#pragma once

#include "landseam/core/tile_mask.h"
#include "landseam/seam_merge/seam_merger.h"
#include "landseam/tiling/tile_grid.h"

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace landseam::seam_merge {

// Every pixel belongs to one object or, with label 0, to none; every object is connected over pixels' sides.
struct LabelMap {
    int width = 0;
    int height = 0;
    std::vector<int> labels;
    int objects = 0;  // labels 1 … objects

    int at(std::int64_t x, std::int64_t y) const { return labels[y * width + x]; }
};

// Draws touching fields, blobs, discs in rings, spirals, combs, a river from the left to the right side,
// roads and single pixels, later ones over earlier ones, spaced by `cell` pixels as a rule.
LabelMap draw_map(int width, int height, int cell, unsigned seed);

// The objects in the order of their labels, in scene pixels.
std::vector<RunMask> objects_of(const LabelMap& map);

// What tile `window` shows of the map, in the tile's pixels: with `connected` a mask for each connected piece
// of an object, else one for each object. `labels`, if given, receives the object of each mask.
std::vector<TileMask> cut(const LabelMap& map, const PixelBox& window, bool connected,
                          std::vector<int>* labels = nullptr);

// The mask with its outline moved in or out by up to `most` pixels as a whole, ragged in between, inside the
// window; never farther than `most`.
RunMask distorted(const RunMask& mask, const PixelBox& window, int most, std::mt19937& random);

using Tiles = std::vector<std::vector<TileMask>>;

Tiles cut_all(const LabelMap& map, const tiling::TileGrid& grid, bool connected);
// Distorted by up to `most` pixels, and each mask of an object that crosses tiles is missing with this
// probability.
Tiles cut_all_badly(const LabelMap& map, const tiling::TileGrid& grid, int most, double missing,
                    unsigned seed);
// The parts of these objects (scene pixels, they may overlap) in each tile.
Tiles cut_all(const std::vector<RunMask>& objects, const tiling::TileGrid& grid);

TileMask tile_mask(RunMask mask, double predicted_iou = 0.9, double stability_score = 0.95);

// All segments of the tiles, added in this order (by index if empty).
std::vector<Segment> merge(const tiling::TileGrid& grid, const Tiles& tiles,
                           const std::vector<int>& order = {}, const MergeOptions& options = {});

struct Score {
    int objects = 0;      // larger than 150 px
    int found_once = 0;   // of these, those that exactly one segment is most like (by IoU)
    int fused = 0;        // of these, those in a segment that shows most of another one, too
    int large = 0;        // larger than large_area
    int large_alike = 0;  // of these, those with a segment of IoU ≥ 0.9
};
// `slack` is by how much masks were distorted: what a segment covers of another object by being drawn that
// much too large does not count as fusing the two.
Score score(const LabelMap& map, const std::vector<Segment>& segments, std::int64_t large_area, int slack);

// How many objects larger than large_area the masks allow to be found with IoU ≥ 0.9: those that all masks of
// them together are that much like.
int possibly_alike(const LabelMap& map, const tiling::TileGrid& grid, const Tiles& tiles,
                   std::int64_t large_area);

}  // namespace landseam::seam_merge
