// Building footprints of any layer squared up.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/vectors/regularize.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct RegularizeLayerOptions {
    std::string layer;   // polygons in any format and CRS; invalid ones are repaired
    std::string output;  // format by extension; in the layer's CRS, with its fields
    bool overwrite = false;
    std::string layer_name = "buildings";
    vectors::RegularizeOptions buildings;  // metres
    // Where the layer's outlines run along pixels, `buildings` is made to suit these.
    bool find_pixels = true;
    int threads = 0;  // 0: one a core

    void validate() const;
};

struct RegularizeReport {
    std::int64_t buildings = 0;
    std::int64_t kept = 0;  // as they were
    std::int64_t vertices_before = 0;
    std::int64_t vertices_after = 0;
    double mean_iou = 0;    // of new polygons with old ones
    double pixel_side = 0;  // metres; 0 if none was looked for or outlines do not run along pixels
};

// Polygons are squared up in output::measuring_crs. Fields main_angle, iou_with_mask and status are added.
// Throws Error; then no output has appeared.
RegularizeReport regularize_layer(const RegularizeLayerOptions& options, Progress& progress);

}  // namespace landseam::pipeline
