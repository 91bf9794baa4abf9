// The crops of a picture on which prediction is repeated, and what their edges spoil.
#pragma once

#include "landseam/core/pixel_box.h"

#include "mask_generation/box_nms.h"

#include <vector>

namespace landseam::mask_generation {

struct Crop {
    PixelBox box;   // in the picture's pixels
    int layer = 0;  // 0: the whole picture
};

// The whole picture, then (2^i)² crops for layer i, column by column. Crops that a tiny picture leaves
// without a pixel are left out.
std::vector<Crop> generate_crop_boxes(int width, int height, int n_layers, double overlap_ratio);

// True if the box, in the picture's pixels, comes within 20 pixels of an edge of the crop that is not within
// 20 pixels of the picture's own edge there: what it bounds is probably cut by the crop.
bool is_box_near_crop_edge(const IndexBox& box, const PixelBox& crop, int width, int height);

}  // namespace landseam::mask_generation
