// Label rasters: what each pixel of a scene belongs to.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"
#include "landseam/raster/scene_info.h"

#include <string>

namespace landseam::raster {

struct LabelPixels {
    Image<std::int32_t> values;  // whole numbers; of colours red · 65536 + green · 256 + blue
    ImageU8 known;               // 1 where the raster has a value: neither nodata nor beyond its edge
    bool colors = false;
};

// Reads what the raster at `path` says about the pixels of `window` of the scene. Its first band counts,
// unless it has a colour table or there are three bands of bytes or more: then the colours do. A raster that
// is georeferenced, as the scene is, may lie in any CRS and grid: each pixel of the scene gets the value that
// lies at its centre. Any other must have the scene's size.
//
// Throws Error for what is no such raster, or has another size and cannot be placed.
LabelPixels read_labels(const std::string& path, const SceneInfo& scene, const PixelBox& window);

}  // namespace landseam::raster
