// What tiles cost on this machine, before any scene is there.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/segment_scene.h"

#include <cstdint>

namespace landseam::pipeline {

struct TileCost {
    double seconds = 0;       // of one tile on one thread
    std::int64_t memory = 0;  // bytes of a run that works on one tile at once
    int tile_size = 0;        // pixels
    int tile_overlap = 0;
    int coarse_levels = 0;

    // How many tiles a scene of so many pixels has.
    std::int64_t tiles(std::int64_t width, std::int64_t height) const;
};

// Does the work of one drawn tile of as many objects as real ones have, with these options; the scene and the
// output that they name are not looked at. Throws Error as segment_scene does where the model or an option is
// at fault.
TileCost measure_tile_cost(const SegmentOptions& options, Progress& progress);

}  // namespace landseam::pipeline
