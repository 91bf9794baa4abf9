// Amounts of memory as people write and read them. Units are powers of 1024.
#pragma once

#include "landseam/pipeline/machine.h"

#include <cstdint>
#include <string>

namespace landseam::pipeline {

// "8G", "1.5 GiB", "500m", "800MB", "1048576" → bytes. Throws Error (usage) that names `option` for anything
// else, for nothing at all, and for what does not fit.
std::int64_t parse_memory_size(const std::string& option, const std::string& text);

}  // namespace landseam::pipeline
