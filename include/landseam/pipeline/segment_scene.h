// The whole job: one scene in, one layer of polygons out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "landseam/core/progress.h"
#include "landseam/mask_generation/automatic_mask_generator.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/outline_drawing.h"
#include "landseam/pipeline/overlap_policy.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/raster/raster_source.h"
#include "landseam/seam_merge/seam_merger.h"

namespace landseam::pipeline {

struct SegmentOptions : ModelOptions {
    std::string scene;   // path, /vsi… path or GDAL connection string
    std::string output;  // format by extension
    bool overwrite = false;

    raster::OpenOptions open;  // GDAL open options, ground sampling distance
    PictureOptions picture;
    std::string area_of_interest;  // "minx,miny,maxx,maxy" in the scene's CRS, or a vector file; empty: all of the scene

    int tile_size = 0;      // pixels; 0: the model's picture size
    int tile_overlap = -1;  // pixels; -1: a quarter of the tile
    mask_generation::MaskGeneratorOptions generator;
    // Metres on the ground of the smallest object wanted: sets generator.points_per_side so that prompts lie at
    // most half of it apart. Needs a georeference that tells the size of pixels.
    std::optional<double> object_size;
    std::optional<double> pred_iou_thresh;         // unset: what suits the checkpoint
    std::optional<double> stability_score_thresh;  // likewise
    seam_merge::MergeOptions merge;

    OverlapOptions overlap;
    DrawingOptions drawing;
    std::string target_crs;    // of the layer, see output::LayerOptions; empty: the scene's
    std::string label_raster;  // GeoTIFF of ids to write beside the layer; empty: none
    std::string layer_name = "segments";
    std::vector<std::string> dataset_creation_options;  // KEY=VALUE
    std::vector<std::string> layer_creation_options;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct SegmentReport {
    std::int64_t tiles = 0;
    std::int64_t empty_tiles = 0;  // without valid pixels: not looked at
    std::int64_t masks = 0;        // before the merge
    std::int64_t segments = 0;     // polygons written
    std::int64_t left_out = 0;     // see ArrangedSegments
    double deviation = 0;          // see DrawnOutlines
    std::int64_t known_embeddings = 0;  // pictures that needed no encoder
    std::string model;             // summary of the checkpoint
    std::string picture;           // description of the channels
};

// Throws Error; then neither output nor label raster has appeared. The same scene, options and checkpoint give the same
// layer, whatever the number of threads and the memory.
SegmentReport segment_scene(const SegmentOptions& options, Progress& progress);

// Asks a running job to stop soon, with an Error (passing); safe to call from a signal handler.
void request_stop();

}  // namespace landseam::pipeline
