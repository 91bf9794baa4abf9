// What a run keeps on disk: the weights it is for, and the state from which it goes on.
#pragma once

#include "sam/training/optimizer.h"
#include "sam/training/shard.h"

#include <cstdint>
#include <map>
#include <string>

namespace landseam::sam::training {

// A model's tensors, by name, as a checkpoint in the published layout: .safetensors by that extension,
// otherwise .pth.
void write_weights(const std::string& path, const ModelInfo& info,
                   const std::map<std::string, at::Tensor>& tensors, bool half);

// The averaged weights, with what does not learn, likewise.
void write_checkpoint(const std::string& path, const Learner& learner, const Optimizer& optimizer, bool half);

// Where the run stands beside its weights.
struct Standing {
    double best = -1;  // the best score so far; -1: none
    int validations_without_gain = 0;
};

void write_state(const std::string& path, const Learner& learner, const Optimizer& optimizer,
                 const Standing& standing);

// Sets weights, averages and moments to what the file holds. Throws Error where it is not a state of this
// model and these learning parts.
Standing read_state(const std::string& path, const Learner& learner, Optimizer& optimizer);

}  // namespace landseam::sam::training
