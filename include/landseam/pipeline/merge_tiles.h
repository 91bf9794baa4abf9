// The merge on its own: masks per tile from any model in, one seamless layer out.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/seam_merge/seam_merger.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct MergeTilesOptions {
    std::string tiles;   // a file as tile_masks_file.h describes it
    std::string output;  // format by extension
    bool overwrite = false;
    int threads = 0;         // 0: one a core
    std::string max_memory;  // what the process may take, as "8G"; limits the tiles worked on at once. Empty:
                             // three quarters of what is available
    seam_merge::MergeOptions merge;
    double simplify = 0;  // tolerance in pixels; 0: exact pixel edges
    std::string layer_name = "segments";
    std::vector<std::string> dataset_creation_options;  // NAME=VALUE
    std::vector<std::string> layer_creation_options;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

struct MergeTilesReport {
    std::int64_t tiles = 0;
    std::int64_t masks = 0;
    std::int64_t segments = 0;
};

// Throws Error; then no output has appeared. The layer depends on the tiles and the options, not on the order
// of lines or the number of threads. Tiles are read, merged and written in the order of
// TileLayout::working_order, so memory follows the scene's shorter side and the objects that are open there.
MergeTilesReport merge_tiles(const MergeTilesOptions& options, Progress& progress);

}  // namespace landseam::pipeline
