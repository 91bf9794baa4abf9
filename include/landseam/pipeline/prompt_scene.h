// Objects of a scene that somebody points at.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/core/progress.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/raster/raster_source.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landseam::pipeline {

// What a polygon tells the model.
enum class PolygonUse {
    automatic,  // both to refine it, else box
    box,        // its bounds
    mask,       // its outline, as a mask prompt
    both,
    point,  // its most interior place
};

struct PromptOptions : ModelOptions {
    std::string scene;   // as in SegmentOptions
    std::string output;  // format by extension
    bool overwrite = false;

    // Points (and multipoints), lines and polygons in any CRS; a line counts as points along it. Empty: the
    // prompts below alone.
    std::string prompts;
    std::string prompt_layer;  // of `prompts`; may be empty where it has one only
    // Of the prompts below, and of a layer that names none: what GDAL takes for a CRS, or "pixels" for scene
    // pixels along pixel edges. Empty: the scene's own.
    std::string crs;
    std::vector<Point> points;                 // each on an object of its own
    std::vector<std::array<double, 4>> boxes;  // corners x0, y0, x1, y1; each around an object of its own
    std::vector<Point> negative_points;        // beside each of these objects
    bool together = false;                     // points and boxes are all of one object

    // Field of the layer that tells points on the object (1, true, "positive") from points beside it (0,
    // false, "negative"); empty: all are on it.
    std::string label_field;
    // Features with the same value are prompts for one object; empty: each is one. Attributes of such an
    // object are those of its first feature.
    std::string object_field;
    PolygonUse polygon_use = PolygonUse::automatic;
    // Polygons are outlines to improve: a mask whose IoU with its polygon is below `refine_min_iou` is not
    // taken, and the polygon stays as it was.
    bool refine = false;
    double refine_min_iou = 0.5;

    // Metres across an object that is pointed at: sets the scale of its window. Unset: the scene's own
    // pixels, and coarser windows as long as the mask reaches their edge.
    std::optional<double> object_size;
    // Windows begin at multiples of a so-many-th of their side: more lie better around each object, fewer are
    // shared by more. 0: a window for each object, with it in the middle.
    int window_steps = 4;

    raster::OpenOptions open;
    PictureOptions picture;
    double simplify = 0;  // tolerance in pixels of the window; 0: exact pixel edges
    std::string layer_name = "objects";
    std::vector<std::string> dataset_creation_options;  // KEY=VALUE
    std::vector<std::string> layer_creation_options;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct PromptReport {
    std::int64_t objects = 0;
    std::map<std::string, std::int64_t> by_status;
    std::int64_t windows = 0;           // looked at
    std::int64_t known_embeddings = 0;  // of these, known from an earlier run
    std::string model;                  // summary of the checkpoint
    std::string picture;                // description of the channels
};

// Writes one feature for each object, in the prompts' order, with the attributes of the prompt layer and
//   prompt_id        FID of its first feature; numbers from 1 for prompts that came without a layer
//   status           ok; kept (the polygon to refine stayed); and, without geometry unless there is a polygon
//   to
//                    keep: empty (the model found nothing), nodata, outside (the prompt lies there),
//                    no_positive
//   predicted_iou, stability_score   of the mask
//   area_m2, area_px                 as of segments
//   scale            scene pixels a pixel of its window
//   touches_edge     whether the mask reaches the edge of its window, or of the scene
//   iou_with_prompt, moved_m, moved_max_m   with refine: how far the outline moved: IoU with the polygon,
//   mean and
//                    largest distance between the outlines
// A field of the layer that is called like one of these gets "prompt_" before its name.
//
// An object depends neither on the number of threads nor, up to fp32 rounding, on the other prompts. Throws
// Error; then there is no output.
PromptReport prompt_scene(const PromptOptions& options, Progress& progress);

}  // namespace landseam::pipeline
