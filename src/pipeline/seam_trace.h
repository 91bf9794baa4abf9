// Whether a grid of tiles shows in outlines.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/pipeline/seam_report.h"
#include "landseam/tiling/tile_pyramid.h"

#include <vector>

namespace landseam::pipeline {

// As measure_seams, of outlines in scene pixels, over the tiles of all levels.
SeamReport seam_trace(const std::vector<MultiPolygon>& outlines, const tiling::TilePyramid& tiles);

}  // namespace landseam::pipeline
