// Masks of a picture as the reference's script writes them.
// Source: segment-anything, scripts/amg.py.
#pragma once

#include "landseam/core/tile_mask.h"

#include <string>
#include <vector>

namespace landseam::output {

// Writes `folder` with metadata.csv and a PNG for each mask (0.png, 1.png, …; 255 on the object) of a
// picture of this size. It appears whole or not at all. Throws Error: it exists (unless `overwrite`, which
// replaces all of it), or cannot be written.
void write_mask_folder(const std::string& folder, const std::vector<TileMask>& masks, int width, int height,
                       bool overwrite = false);

// Writes a JSON list with a record for each mask: segmentation {size, counts}, area, bbox, predicted_iou,
// point_coords, stability_score, crop_box. Likewise.
void write_mask_json(const std::string& path, const std::vector<TileMask>& masks, int width, int height,
                     bool overwrite = false);

}  // namespace landseam::output
