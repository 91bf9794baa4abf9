// A layer drawn over its scene.
#pragma once

#include <string>
#include <vector>

#include "landseam/core/progress.h"
#include "landseam/pipeline/scene_picture.h"

namespace landseam::pipeline {

struct QuicklookOptions {
    std::string scene;
    std::string layer;
    std::string output;  // PNG
    bool overwrite = false;
    int max_size = 2048;             // longest side of the picture in pixels; the scene is reduced to it, never enlarged
    std::vector<std::int64_t> window;  // x, y, width, height in scene pixels; empty: the whole scene
    double fill_opacity = 0.35;
    double line_width = 1.5;  // pixels of the picture
    // Field whose value colours an object, with a legend: classes of text or few whole numbers, else a ramp of
    // numbers. Empty: each object has a colour of its own.
    std::string color_field;
    std::string label_field;    // field written on each object, where there is room; empty: none
    bool side_by_side = false;  // the scene alone beside the scene with the layer
    bool bare = false;          // neither scale bar nor north arrow; those need a georeference
    raster::OpenOptions open;
    PictureOptions picture;

    void validate() const;
};

// Throws Error where scene or layer cannot be read or the picture cannot be written.
void draw_quicklook(const QuicklookOptions& options, Progress& progress);

}  // namespace landseam::pipeline
