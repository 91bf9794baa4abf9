// Whether the lines of the tiles can be seen in a layer.
#pragma once

#include <string>

namespace landseam::pipeline {

struct SeamReport {
    int tile_lines = 0;    // edges of tiles inside the scene, along both axes
    double on_lines = 0;   // pixels of outline a pixel of line, on the lines of the grid
    double elsewhere = 0;  // the same on these lines shifted
    double deviation = 0;  // standard deviation of that between shifts
    double ratio() const { return elsewhere > 0 ? on_lines / elsewhere : 0; }  // 1: no trace of the grid
    // By how much ratios of grids that do not exist differ from 1, on this ground.
    double chance() const { return elsewhere > 0 ? deviation / elsewhere : 0; }
};

// Of a layer that `landseam segment` wrote, with its OUTPUT.settings.json beside it. Counts outlines that run
// exactly along rows and columns of pixels (so --simplify hides what this measures) within a pixel of the
// edges of tiles, of all levels, and compares with the same lines where no edge is near, shifted by all
// multiples of 16 pixels (of each level) that the grid is not the same again after. (By 16, for models like
// to draw outlines along the edges of their patches, and edges of tiles are such; strides that are no
// multiple of 16 are shifted by what divides both.) Throws Error where the settings are missing or the layer
// cannot be read.
SeamReport measure_seams(const std::string& layer);

}  // namespace landseam::pipeline
