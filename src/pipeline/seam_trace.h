// Whether a grid of tiles shows in outlines.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/tiling/tile_grid.h"

#include <cstdint>
#include <vector>

namespace landseam::pipeline {

// Lengths of outline, in pixels, that lie exactly on a line.
struct SeamTrace {
    double on_lines = 0;  // along the lines where tiles' windows and cores begin or end inside the scene
    double expected = 0;  // along as many lines nearby, on the average
    std::int64_t lines = 0;

    // 1: no trace of the grid; nothing is known (0) where there are no outlines near the lines.
    double ratio() const { return expected > 0 ? on_lines / expected : 0; }
};

// Of outlines in scene pixels that follow pixel edges; other edges count for nothing.
SeamTrace seam_trace(const std::vector<MultiPolygon>& outlines, const tiling::TileGrid& grid);

}  // namespace landseam::pipeline
