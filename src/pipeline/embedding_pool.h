// The image embedding, pooled over segments.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/core/run_mask.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/segments/feature_table.h"
#include "landseam/tiling/tile_grid.h"

#include <vector>

namespace landseam::pipeline {

// Columns sam_0 … and sam_around_0 …: over a segment's pixels, and less the mean over the rest of its bounds
// grown by a quarter. Each pixel has the value of the embedding's cell that it lies in, of the tile whose
// core it belongs to. Tiles that hold no segment are not encoded. NaN for segments without pixels. The masks
// are in scene pixels.
segments::FeatureTable pool_embedding(const ScenePicture& picture, const tiling::TileGrid& grid,
                                      const LoadedModel& model, const ModelOptions& options,
                                      const std::vector<RunMask>& masks, Progress& progress);

}  // namespace landseam::pipeline
