// A job's way to be asked to stop.
#pragma once

namespace landseam::pipeline {

// Whether request_stop was called.
bool stop_was_requested();

// Throws Error (passing) once request_stop was called.
void check_stop();

}  // namespace landseam::pipeline
