// All tiles of a scene, on several threads, down to the scene's segments.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/tile_mask.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/seam_merge/seam_merger.h"
#include "landseam/tiling/tile_grid.h"

#include "pipeline/memory_budget.h"

#include <vector>

namespace landseam::pipeline {

struct TileRunResult {
    std::vector<Segment> segments;  // in a fixed order: by first row, then column, then extent
    std::int64_t empty_tiles = 0;
    std::int64_t masks = 0;
};

// `area_of_interest` is in scene pixels; empty: the whole scene. The result does not depend on `schedule`.
// `embeddings` is as in AutomaticMaskGenerator::generate.
TileRunResult run_tiles(const ScenePicture& picture, const tiling::TileGrid& grid,
                        const MultiPolygon& area_of_interest,
                        const mask_generation::AutomaticMaskGenerator& generator,
                        const seam_merge::MergeOptions& merge, const TileSchedule& schedule,
                        Progress& progress, sam::EmbeddingCache* embeddings = nullptr);

// For the work on one tile: shares it with those threads of the arena that have no tile of their own; a
// thread that has one stays with it. Throws Error (passing) between two parts once a stop is requested.
ParallelFor shared_with_idle_threads();

// Sets `valid` (of the window `frame`, scene pixels) to 0 outside the area of interest; nothing if that is
// empty.
void cut_to_area(ImageU8& valid, const PixelBox& frame, const MultiPolygon& area_of_interest);

}  // namespace landseam::pipeline
