// What this machine gives to the work.
#pragma once

#include <cstdint>
#include <string>

namespace landseam::pipeline {

// `threads`, or one a core where that is 0.
int threads_of_machine(int threads);

// Bytes: of `max_memory` ("8G"), or where that is empty three quarters of what is available; 0 where that is
// not known. Throws Error (usage) naming --max-memory.
std::int64_t memory_of_machine(const std::string& max_memory);

// Two figures: "1.2 GiB", "390 MiB".
std::string memory_text(std::int64_t bytes);

}  // namespace landseam::pipeline
