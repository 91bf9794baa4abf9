// Options that every command that measures segments has.
#pragma once

#include "landseam/pipeline/measure_layer.h"

#include <CLI/CLI.hpp>

namespace landseam::apps {

// The arguments SCENE and LAYER.
void add_measured_inputs(CLI::App& command, pipeline::MeasureOptions& options);

// Which features, how the scene is read, and what may be taken of the machine.
void add_measure_options(CLI::App& command, pipeline::MeasureOptions& options);

}  // namespace landseam::apps
