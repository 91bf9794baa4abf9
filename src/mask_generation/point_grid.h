// Where the prompts go.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"
#include "landseam/core/polygon.h"

#include <vector>

namespace landseam::mask_generation {

struct MaskGeneratorOptions;

// points_per_side² points, evenly spaced and half a step from the edges, row by row, as fractions of the
// side.
std::vector<Point> build_point_grid(int points_per_side);

// The grid of the picture, then that of each crop layer: point_grids where given, else thinned from
// points_per_side.
std::vector<std::vector<Point>> build_all_layer_point_grids(const MaskGeneratorOptions& options);

// The points of a square grid, row by row, parted into every step-th along each side and the others. With a
// step of 0 all are coarse, and the grid may be any.
struct PartedGrid {
    std::vector<Point> coarse;
    std::vector<Point> others;
};
PartedGrid part_grid(const std::vector<Point>& grid, int step);

// The points of `grid` laid over `crop`, in the crop's pixels. With `valid` (of the whole picture), only
// those whose pixel holds data.
std::vector<Point> place_prompts(const std::vector<Point>& grid, const PixelBox& crop, const ImageU8* valid);

}  // namespace landseam::mask_generation
