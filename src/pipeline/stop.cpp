#include "pipeline/stop.h"

#include <atomic>

#include "landseam/core/error.h"

namespace landseam::pipeline {
namespace {

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "request_stop is called from signal handlers");

}  // namespace

void request_stop() { stop_requested = true; }

bool stop_was_requested() { return stop_requested; }

void check_stop() {
    if (stop_requested) throw Error("", "interrupted", "nothing was written", ErrorKind::passing);
}

}  // namespace landseam::pipeline
