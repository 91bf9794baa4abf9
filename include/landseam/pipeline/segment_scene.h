// The whole job: one scene in, one layer of polygons out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "landseam/core/pixel_box.h"
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
    std::string scene_name;  // what layer and settings call it; empty: `scene`
    std::string output;  // format by extension
    bool overwrite = false;

    raster::OpenOptions open;  // GDAL open options, ground sampling distance
    PictureOptions picture;
    std::string area_of_interest;  // "minx,miny,maxx,maxy" in the scene's CRS, or a vector file; empty: all of the scene

    int tile_size = 0;      // pixels; 0: the model's picture size
    int tile_overlap = -1;  // pixels; -1: a quarter of the tile
    int coarse_levels = -1;  // of larger tiles, see tiling::TilePyramid; -1: its usual_levels
    std::int64_t tile_origin_x = 0;  // where a line of the grid lies, see tiling::TileOptions
    std::int64_t tile_origin_y = 0;
    mask_generation::MaskGeneratorOptions generator;
    // Metres on the ground of the smallest object wanted: sets generator.points_per_side so that prompts lie at
    // most half of it apart. Needs a georeference that tells the size of pixels.
    std::optional<double> object_size;
    bool usual_points = false;  // as many points a side as suit the checkpoint, not generator.points_per_side
    std::optional<double> pred_iou_thresh;         // unset: what suits the checkpoint
    std::optional<double> stability_score_thresh;  // likewise
    seam_merge::MergeOptions merge;

    std::string work;         // folder for finished tiles; empty: OUTPUT.work. Another run with it goes on from them
    bool keep_going = false;  // leave tiles out that cannot be read
    std::string tiles;        // file to write the masks of all tiles to (tile_masks_file.h); empty: none
    OverlapOptions overlap;
    DrawingOptions drawing;
    std::string target_crs;    // of the layer, see output::LayerOptions; empty: the scene's
    std::string label_raster;  // GeoTIFF of ids to write beside the layer; empty: none
    std::string layer_name = "segments";
    std::vector<std::string> dataset_creation_options;  // KEY=VALUE
    std::vector<std::string> layer_creation_options;

    const std::string& name() const { return scene_name.empty() ? scene : scene_name; }
    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

// A tile that could not be read.
struct FailedTile {
    int index = 0;
    PixelBox window;
    std::string reason;
};

struct SegmentReport {
    std::int64_t tiles = 0;
    std::int64_t empty_tiles = 0;  // without valid pixels: not looked at
    std::int64_t masks = 0;        // before the merge
    std::int64_t segments = 0;     // polygons written
    std::int64_t kept_tiles = 0;   // finished by an earlier run
    std::vector<FailedTile> failed;  // with keep_going; also in the layer's metadata and the settings file
    std::int64_t left_out = 0;     // see ArrangedSegments
    double deviation = 0;          // see DrawnOutlines
    std::int64_t known_embeddings = 0;  // pictures that needed no encoder
    std::string model;             // summary of the checkpoint
    std::string picture;           // description of the channels
};

// Throws Error; then no output has appeared, and finished tiles are kept in the work folder, which a complete run removes.
// The same scene, options and checkpoint give the same layer, whatever the number of threads, the memory, and how often
// the run was cut off. Memory does not follow the scene's size: objects are measured, traced and written as soon as no
// tile to come can touch them.
SegmentReport segment_scene(const SegmentOptions& options, Progress& progress);

// One line on what such a run would take in time, memory and disk on this machine, found by working on one tile.
// `output` is not looked at.
std::string forecast_segmenting(const SegmentOptions& options, Progress& progress);

// Asks a running job to stop soon, with an Error (passing); safe to call from a signal handler.
void request_stop();
// Whether request_stop was called.
bool stop_was_requested();

}  // namespace landseam::pipeline
