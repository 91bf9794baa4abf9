// What a model needs beyond its weights. No libtorch in this header.
#pragma once

#include "landseam/sam/model.h"

#include <cstdint>

namespace landseam::sam {

// Bytes, upper bounds for the CPU that are not far off.
struct WorkingMemory {
    std::int64_t encoder = 0;  // held at most while a picture is encoded
    std::int64_t picture =
        0;  // held for an encoded picture: the embedding, and what its prompts have in common
    std::int64_t decoder = 0;  // held at most by one thread that decodes prompts on it
};

// With this many prompts decoded together.
WorkingMemory working_memory(const ModelInfo& info, int prompts_at_once);

}  // namespace landseam::sam
