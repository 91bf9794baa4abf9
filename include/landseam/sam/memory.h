// What a model needs beyond its weights. No libtorch in this header.
#pragma once

#include "landseam/sam/model.h"

#include <cstdint>

namespace landseam::sam {

// Bytes on a CPU: upper bounds, less than twice the truth for published models.
struct WorkingMemory {
    std::int64_t encoder = 0;  // held at most while a picture is encoded
    std::int64_t picture = 0;  // held for an encoded picture: what its prompts have in common
    std::int64_t decoder = 0;  // held at most by one thread that decodes prompts on it
};

// With at most this many prompts decoded together, as MaskGeneratorOptions::points_per_batch.
WorkingMemory working_memory(const ModelInfo& info, int points_per_batch);

}  // namespace landseam::sam
