// A job's way to be asked to stop.
#pragma once

#include "landseam/pipeline/segment_scene.h"

namespace landseam::pipeline {

// Throws Error (passing) once request_stop was called.
void check_stop();

}  // namespace landseam::pipeline
