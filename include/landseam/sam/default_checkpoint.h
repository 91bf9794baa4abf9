// The checkpoint that is part of the library, so that landseam works before anything is downloaded.
#pragma once

#include <cstddef>

namespace landseam::sam {

// The bytes of a checkpoint as CheckpointFile::from_memory takes them (they live as long as the program), and
// what suits it: a model small enough to embed scores its masks lower than the published ones
// do.
struct DefaultCheckpoint {
    const void* data;
    std::size_t size;
    double pred_iou_thresh;
    double stability_score_thresh;
    int points_per_side;  // of a tile of the model's picture size
};

// sample_data/models/landseam_default.pth.
DefaultCheckpoint default_checkpoint();

}  // namespace landseam::sam
