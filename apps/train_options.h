// Options of `landseam train`, and the work that needs no GDAL: a build for a GPU machine has this part alone.
#pragma once

#include "landseam/pipeline/train_model.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace landseam::apps {

struct TrainCommand {
    pipeline::TrainModelOptions options;
    std::vector<std::string> files;  // samples as PATH or PATH=WEIGHT, then the output
    bool mean = false;               // of `files`, checkpoints then
};

// Adds all options of training and of means; returns that of the files.
CLI::Option* add_train_options(CLI::App& command, TrainCommand& train);

// Trains, or makes the mean, and tells on standard output what came of it. There are files. Throws Error.
void train_or_mean(TrainCommand& command, Progress& progress);

}  // namespace landseam::apps
