// AdamW (Loshchilov, Hutter 2019), and an exponential average of the weights it moves.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

class Optimizer {
public:
    Optimizer(const std::vector<at::Tensor>& weights, double weight_decay, double average);

    // One step. Undefined gradients are zero. Together they are scaled down to a norm of at most 1.
    void step(const std::vector<at::Tensor>& gradients, double rate);

    std::int64_t steps() const { return steps_; }

    // What is needed to go on, one tensor a weight each.
    std::vector<at::Tensor> weights, averages, first_moments, second_moments;
    void set_steps(std::int64_t steps) { steps_ = steps; }

private:
    double weight_decay_, average_;
    std::int64_t steps_ = 0;
};

}  // namespace landseam::sam::training
