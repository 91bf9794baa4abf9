// Reading a window at one of a file's own resolutions.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"

#include "raster/scene_description.h"

#include <cstdint>
#include <vector>

class GDALDataset;

namespace landseam::raster {

// The full resolution, or an overview level that all bands and masks of a request have.
struct Level {
    int width = 0;
    int height = 0;
};

// The coarsest level that still has at least one pixel per output pixel, where one output pixel covers
// factor_x × factor_y pixels of the full resolution.
Level best_level(GDALDataset& dataset, const SceneLayout& layout, const std::vector<int>& band_numbers,
                 double factor_x, double factor_y);

// The box is in the level's pixels. False if GDAL could not read it; its message says why.
bool read_native(GDALDataset& dataset, const SceneLayout& layout, const Level& level, const PixelBox& box,
                 const std::vector<int>& band_numbers, RasterWindow& out);

}  // namespace landseam::raster
