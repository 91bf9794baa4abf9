// What every RasterSource promises to refuse.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/raster/scene_info.h"

#include <string>
#include <vector>

namespace landseam::raster {

// "window 512,0 256×256"
std::string window_text(const PixelBox& window);

// Throws Error (usage) for a window outside the scene, a band that does not exist or an output size below 1.
void check_request(const SceneInfo& info, const PixelBox& window, const std::vector<int>& band_numbers,
                   int out_width, int out_height);

}  // namespace landseam::raster
