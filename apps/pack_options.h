// Options that pack a scene and its labels into training samples.
#pragma once

#include "landseam/pipeline/pack_samples.h"

#include <CLI/CLI.hpp>

namespace landseam::apps {

// Adds --scene, --labels and what belongs to them, --regions, --aoi, and the picture options; not the output.
// Uses the command's parse_complete_callback.
void add_pack_options(CLI::App& command, pipeline::PackOptions& options);

}  // namespace landseam::apps
