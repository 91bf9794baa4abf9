// What mask generation hands to the merge, and what the merge hands on.
#pragma once

#include <vector>

#include "landseam/core/pixel_box.h"
#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

namespace landseam {

// One mask of one picture (a tile), in the picture's pixels. Members carry the names of the reference's records.
// Source: segment_anything/automatic_mask_generator.py, SamAutomaticMaskGenerator.generate.
struct TileMask {
    RunMask segmentation;
    std::int64_t area = 0;      // pixels
    PixelBox bbox;              // x, y of the first pixel, and XYWH as the reference counts it: width = last − first
    double predicted_iou = 0;
    double stability_score = 0;
    Point point_coords;         // the prompt, in the picture's pixels
    PixelBox crop_box;          // the crop the mask was found in
    // Whatever else is known of a mask: one number for each of the caller's attributes, in an order the caller keeps to;
    // NaN or a missing end: not known.
    std::vector<double> attributes;
};

// One object after the merge.
struct Segment {
    RunMask mask;  // scene pixels
    double predicted_iou = 0;
    double stability_score = 0;
    int tiles = 1;              // how many tiles saw it
    bool touches_edge = false;  // reaches the scene's border, the area of interest's or nodata: cut by what was seen
    std::vector<double> attributes;  // as TileMask's
};

}  // namespace landseam
