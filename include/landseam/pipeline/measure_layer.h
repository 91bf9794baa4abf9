// Features of the segments of a layer: what classes and clusters are made of.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/core/run_mask.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/segments/feature_table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct MeasureOptions : ModelOptions {
    std::string scene;  // path, /vsi… path or GDAL connection string
    std::string layer;  // polygons in any format and CRS
    raster::OpenOptions open;
    PictureOptions picture;
    // Whether what the image encoder makes of the scene counts, too. Tiles are as large as the model's
    // pictures; with the settings and the `embeddings` folder of the run that made the layer nothing is
    // encoded anew.
    bool embedding = true;
    // Numeric fields of the layer that are features, too. Empty: those of predicted_iou and stability_score
    // that it has.
    std::vector<std::string> fields;

    void validate() const;
};

struct MeasuredLayer {
    raster::SceneInfo scene;
    output::ReadLayer layer;             // geometries in the scene's CRS
    std::string own_crs;                 // the layer's
    std::vector<MultiPolygon> outlines;  // in scene pixels
    std::vector<RunMask> masks;          // in scene pixels, cut off at the scene's border
    segments::FeatureTable features;     // a row a feature of the layer
    std::string encoder;                 // summary of the model; empty without the embedding
    double gsd = 0;                      // metres a pixel; 0: not known
    std::int64_t outside = 0;            // segments with no valid pixel of the scene under them
};

// Reads the layer and measures its segments. Names and units: segments/segment_measures.h for what is
// measured in the scene, bands called by their common names ("red", "nir") where preset or file tell them,
// else by number ("b4"), lengths in metres at the scene's centre, or in pixels without georeference. Besides:
//   wholes        how many other segments hold at least 80 % of it
//   parts         how many others it holds likewise
//   sam_0, …      mean of the image embedding over the segment; sam_around_0, …: less that of its
//   surroundings fields of the layer, under their names
// Large segments are measured on a reduced picture, 512 pixels wide at most. Windows are read one by one, so
// that beside layer and table memory does not follow the scene's size; what is measured depends neither on
// them nor on threads.
//
// Throws Error: nothing to read, a table that does not fit into max_memory, fields that are missing or hold
// no numbers, no segment on the scene.
MeasuredLayer measure_layer(const MeasureOptions& options, Progress& progress);

struct WriteFeaturesOptions : MeasureOptions {
    // Format by extension: the layer with features as fields, or a table alone (.csv) with the layer's `id`,
    // or the FID where it has none.
    std::string output;
    bool overwrite = false;
    std::string layer_name = "features";
};

// Returns how many segments were written. Throws Error; then no output has appeared.
std::int64_t write_features(const WriteFeaturesOptions& options, Progress& progress);

}  // namespace landseam::pipeline
