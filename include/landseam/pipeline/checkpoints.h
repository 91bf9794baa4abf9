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

struct LoadedModel {
    std::shared_ptr<const sam::Sam> sam;
    std::string checkpoint;  // as given, or "embedded"
    // The thresholds that suit the embedded model; the reference's defaults for every other one.
    double pred_iou_thresh;
    double stability_score_thresh;
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
