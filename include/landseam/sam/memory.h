// What a model needs beyond its weights. No libtorch in this header.
#pragma once

#include "landseam/sam/model.h"

#include <cstdint>

namespace landseam::sam {

// Bytes on a CPU: upper bounds, less than twice the truth for published models.
struct WorkingMemory {
    std::int64_t picture = 0;  // held at most for each picture that is worked on
    std::int64_t thread = 0;   // held at most by each thread that works on one
};

// With at most this many prompts decoded together, as MaskGeneratorOptions::points_per_batch.
WorkingMemory working_memory(const ModelInfo& info, int points_per_batch);

}  // namespace landseam::sam
