// Where the weights come from: the embedded model, a file, an address, or a published name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "landseam/core/progress.h"
#include "landseam/sam/model.h"

namespace landseam::pipeline {

// A checkpoint that others publish, as listed by `landseam info --checkpoints`.
struct PublishedCheckpoint {
    std::string name;     // what --checkpoint takes
    std::string encoder;  // for people
    std::string url;
    std::int64_t megabytes;
    std::string license;
};

const std::vector<PublishedCheckpoint>& published_checkpoints();

// Which model, and what it may take of the machine.
struct ModelOptions {
    std::string checkpoint;  // see open_checkpoint; empty: the embedded one
    std::string device = "cpu";
    std::string precision = "fp32";  // of the image encoder, see sam::Precision; the others are approximate
    int threads = 0;                 // 0: one a core
    std::string max_memory;  // what the process may take, "8G" or "500M": limits the pictures worked on at once;
                             // empty: three quarters of what is available
    std::string embeddings;  // folder of sam::EmbeddingCache; empty: none is kept

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
    int threads_or_cores() const;  // `threads`, or one a core
};

struct LoadedModel {
    std::shared_ptr<const sam::Sam> sam;
    std::string checkpoint;  // as given, or "embedded"
    // What suits the embedded model; the reference's defaults for every other one.
    double pred_iou_thresh;
    double stability_score_thresh;
    int points_per_side;
};

// The folder that fetched checkpoints are kept in: $LANDSEAM_CACHE, else $XDG_CACHE_HOME/landseam, else ~/.cache/landseam.
std::string checkpoint_cache_folder();

// Opens `checkpoint`: empty for the embedded one, the name of a published one, a file, an http(s) address or a /vsi… path
// (the latter three kinds are fetched once and kept in the cache folder). The embedded one must not be closed before the program ends.
sam::CheckpointFile open_checkpoint(const std::string& checkpoint, Progress& progress);

// Throws Error where the file is not a checkpoint of a known architecture, or `device` is not there or does not
// compute with this precision.
LoadedModel load_model(const std::string& checkpoint, const std::string& device, sam::Precision precision,
                       Progress& progress);

}  // namespace landseam::pipeline
