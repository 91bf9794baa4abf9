// AdamW (Loshchilov, Hutter 2019) and, for matrices, Muon (Jordan et al. 2024): the momentum with all its
// singular values brought near 1. Beside them an exponential average of the weights.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

class Optimizer {
public:
    // `by_muon`, one a weight: those that Muon moves, which must be matrices; empty: none. Its steps are as
    // large as AdamW's are on average (Liu et al. 2025, "Muon is scalable for LLM training"), so that one
    // rate suits both.
    Optimizer(const std::vector<at::Tensor>& weights, double weight_decay, double average,
              const std::vector<bool>& by_muon = {});

    // One step. Undefined gradients are zero. Together they are scaled down to a norm of at most 1.
    void step(const std::vector<at::Tensor>& gradients, double rate);

    std::int64_t steps() const { return steps_; }

    // What is needed to go on, one tensor a weight each.
    // Muon has no second moments: they stay 0.
    std::vector<at::Tensor> weights, averages, first_moments, second_moments;
    void set_steps(std::int64_t steps) { steps_ = steps; }

private:
    void move_by_adam(std::size_t weight, const at::Tensor& gradient, double rate);
    void move_by_muon(std::size_t weight, const at::Tensor& gradient, double rate);

    double weight_decay_, average_;
    std::vector<bool> by_muon_;
    std::int64_t steps_ = 0;
};

// The matrix [r, c] with its singular vectors and with singular values between 0.7 and 1.2: five
// Newton–Schulz iterations of the quintic polynomial of Jordan et al. 2024.
at::Tensor orthogonalized(const at::Tensor& matrix);

}  // namespace landseam::sam::training
