// Checkpoints that lie elsewhere.
#pragma once

#include "landseam/core/progress.h"

#include <string>

namespace landseam::pipeline {

// The checkpoint at an http(s) or /vsi address in `folder`, fetched unless it is there; its path. Throws
// Error.
std::string fetch_checkpoint(const std::string& address, const std::string& folder, Progress& progress);

}  // namespace landseam::pipeline
