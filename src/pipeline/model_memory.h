// How many pictures a model may work on at once.
#pragma once

#include "landseam/pipeline/checkpoints.h"

#include "pipeline/memory_budget.h"

#include <cstddef>
#include <cstdint>

namespace landseam::pipeline {

// What is asked of the model for one picture.
struct PictureNeeds {
    std::int64_t side = 0;       // pixels
    std::size_t channels = 3;    // made of the bands
    std::size_t bands = 3;       // read of the scene
    std::int64_t rows_read = 0;  // of them at once; 0: all
    std::int64_t prompts = 0;    // each with three masks that are kept until the picture is done
    int prompts_at_once = 64;    // decoded together
};

MemoryNeeds memory_needs(const ModelOptions& options, const sam::Sam& model, const PictureNeeds& picture);

// With the budget that `options` name, or three quarters of what is available.
TileSchedule plan_pictures(int pictures, const ModelOptions& options, const MemoryNeeds& needs);

}  // namespace landseam::pipeline
