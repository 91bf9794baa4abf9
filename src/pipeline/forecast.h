// What a run will take, told before it begins.
#pragma once

#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/tiling/tile_pyramid.h"

#include "pipeline/memory_budget.h"

#include <cstdint>
#include <string>

namespace landseam::pipeline {

struct Forecast {
    int tiles = 0;
    double seconds = 0;       // on this machine as busy as it is now
    std::int64_t memory = 0;  // bytes
    std::int64_t disk = 0;    // bytes: finished tiles and the layer

    std::string describe() const;  // "170 tiles, about 2 min, 640 MiB of memory, 35 MiB on disk"
};

// Does the work of one tile in the middle of the scene (with valid pixels, if one of five has any) on the
// calling thread, and takes the others to be like it.
Forecast forecast_run(const ScenePicture& picture, const tiling::TilePyramid& tiles,
                      const MultiPolygon& area_of_interest,
                      const mask_generation::AutomaticMaskGenerator& generator, const TileSchedule& schedule);

}  // namespace landseam::pipeline
