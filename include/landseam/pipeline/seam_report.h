// Whether the lines of the tiles can be seen in a layer.
#pragma once

#include <string>

namespace landseam::pipeline {

struct SeamReport {
    int tile_lines = 0;    // edges of tiles inside the scene, along both axes
    double on_lines = 0;   // pixels of outline a pixel of line, on the lines of the grid
    double elsewhere = 0;  // the same on these lines shifted
    double ratio() const { return elsewhere > 0 ? on_lines / elsewhere : 0; }  // 1: no trace of the grid
};

// Of a layer that `landseam segment` wrote, with its OUTPUT.settings.json beside it. Counts outlines that run
// exactly along rows and columns of pixels (so --simplify hides what this measures) within a pixel of the
// edges of tiles, of all levels, and compares with the same lines shifted by half a stride of the smallest
// tiles, where no other edge is near. (By half a stride, for models like to draw outlines along the edges of
// their patches, and edges of tiles are such.) Throws Error where the settings are missing or the layer
// cannot be read.
SeamReport measure_seams(const std::string& layer);

}  // namespace landseam::pipeline
