// Training a checkpoint, from the command line's options.
#pragma once

#include <string>
#include <vector>

#include "landseam/core/progress.h"
#include "landseam/sam/trainer.h"

namespace landseam::pipeline {

struct TrainModelOptions {
    sam::TrainOptions training;
    std::string start;        // a checkpoint as open_checkpoint takes it, or "embedded"; empty: a new model of these sizes
    sam::NewModel new_model;
    std::string device = "cpu";
    int threads = 0;          // 0: one a core
    bool overwrite = false;   // begin anew where outputs of an earlier run are; otherwise that run is gone on with

    void validate() const;
};

// Trains until the steps are done, patience runs out or request_stop is called; each report of the run goes to standard
// output as a line. Folders among the samples stand for the packed files in them. Throws Error.
sam::TrainReport train_model(const TrainModelOptions& options, Progress& progress);

// Writes the mean of checkpoints, each as `start` may be, to the options' output (half, overwrite; the rest is not used).
// Throws Error.
void mean_checkpoint(const std::vector<std::string>& checkpoints, const TrainModelOptions& options, Progress& progress);

}  // namespace landseam::pipeline
