// The scenes of a plan as one layer.
#pragma once

#include "landseam/core/progress.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::catalog {

struct MergeOptions {
    std::string folder;  // of the plan
    std::string output;  // layer by extension, or a table of PostGIS as "PG:…"
    bool overwrite = false;
    std::string layer_name = "segments";
    std::string target_crs;  // see pipeline::MergeLayersOptions
    double same_iou = 0.5;   // likewise
    std::string report;      // HTML page with small pictures; empty: none
    std::vector<std::string> dataset_creation_options;
    std::vector<std::string> layer_creation_options;
};

struct MergeReport {
    std::int64_t scenes = 0;  // merged, those without a segment included
    std::int64_t segments = 0;
    std::int64_t dropped = 0;
    std::int64_t joined = 0;
    std::vector<std::string> missing;  // "ID: why", of scenes that are not done
    std::string items;                 // path of the ItemCollection; empty where the output is no file
};

// Merges the layers of all scenes that are done, in the plan's order, as pipeline::merge_layers does, and
// writes OUTPUT.items.json beside it: a STAC 1.0.0 ItemCollection with an Item for each scene, its layer and
// thumbnail as assets, and a link to the item it was made from. Throws Error where no scene is done, or the
// output cannot be written.
MergeReport merge_batch(const MergeOptions& options, Progress& progress);

}  // namespace landseam::catalog
