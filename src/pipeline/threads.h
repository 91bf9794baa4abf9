// How many threads a command's work takes.
#pragma once

#include "landseam/core/error.h"

#include <algorithm>
#include <cstddef>
#include <thread>

#include <tbb/global_control.h>

namespace landseam::pipeline {

// `threads`, or one a core where that is 0.
inline int threads_or_cores(int threads) {
    return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// Throws Error (usage) for less than 0.
inline void check_threads(int threads) {
    if (threads < 0) throw Error("--threads", "must not be negative", "", ErrorKind::usage);
}

// TBB takes no more than these while this lives.
class ThreadLimit {
public:
    explicit ThreadLimit(int threads)
        : limit_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)) {}

private:
    tbb::global_control limit_;
};

}  // namespace landseam::pipeline
