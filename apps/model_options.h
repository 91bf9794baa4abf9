// Options that every command that runs a model has.
#pragma once

#include "landseam/pipeline/checkpoints.h"

#include <CLI/CLI.hpp>

namespace landseam::apps {

// Adds --checkpoint, --device, --precision, --embeddings, --threads and --max-memory.
void add_model_options(CLI::App& command, pipeline::ModelOptions& model);

}  // namespace landseam::apps
