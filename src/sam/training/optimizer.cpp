#include "sam/training/optimizer.h"

#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

namespace landseam::sam::training {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.99, kEpsilon = 1e-8, kLargestNorm = 1;
constexpr double kMomentum = 0.95, kAdamStep = 0.2;  // the root mean square of AdamW's steps, in rates

double norm(const std::vector<at::Tensor>& gradients) {
    std::vector<at::Tensor> squares;
    for (const at::Tensor& gradient : gradients)
        if (gradient.defined()) squares.push_back((gradient * gradient).sum());
    // Asked for once: a GPU has to be waited for.
    return squares.empty() ? 0 : std::sqrt(at::stack(squares).sum(at::kDouble).item<double>());
}

}  // namespace

at::Tensor orthogonalized(const at::Tensor& matrix) {
    const bool high = matrix.size(0) > matrix.size(1);
    at::Tensor x = high ? matrix.t() : matrix;
    x = x / (x.norm() + 1e-7);
    for (int i = 0; i < 5; ++i) {
        const at::Tensor square = at::matmul(x, x.t());
        x = 3.4445 * x + at::matmul(-4.7750 * square + 2.0315 * at::matmul(square, square), x);
    }
    return high ? x.t() : x;
}

Optimizer::Optimizer(const std::vector<at::Tensor>& all, double weight_decay, double average,
                     const std::vector<bool>& by_muon)
    : weights(all),
      weight_decay_(weight_decay),
      average_(average),
      by_muon_(by_muon.empty() ? std::vector<bool>(all.size(), false) : by_muon) {
    for (const at::Tensor& weight : weights) {
        averages.push_back(weight.detach().clone());
        first_moments.push_back(at::zeros_like(averages.back()));
        second_moments.push_back(at::zeros_like(averages.back()));
    }
}

void Optimizer::step(const std::vector<at::Tensor>& gradients, double rate) {
    const at::NoGradGuard no_gradient;
    ++steps_;
    const double size = norm(gradients);
    if (!std::isfinite(size)) return;  // one bad picture must not end a run
    const double scale = size > kLargestNorm ? kLargestNorm / size : 1;
    // At first the average is of what there is so far.
    const double keep =
        std::min(average_, (1 + static_cast<double>(steps_)) / (10 + static_cast<double>(steps_)));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const at::Tensor gradient =
            gradients[i].defined() ? gradients[i] * scale : at::zeros_like(weights[i]);
        at::Tensor weight = weights[i].detach();
        if (weight.dim() > 1) weight.mul_(1 - rate * weight_decay_);
        if (by_muon_[i])
            move_by_muon(i, gradient, rate);
        else
            move_by_adam(i, gradient, rate);
        averages[i].lerp_(weight, 1 - keep);
    }
}

void Optimizer::move_by_adam(std::size_t i, const at::Tensor& gradient, double rate) {
    const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(steps_));
    const double correction2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
    at::Tensor& m = first_moments[i];
    at::Tensor& v = second_moments[i];
    m.mul_(kBeta1).add_(gradient, 1 - kBeta1);
    v.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
    weights[i].detach().addcdiv_(m, (v / correction2).sqrt_().add_(kEpsilon), -rate / correction1);
}

void Optimizer::move_by_muon(std::size_t i, const at::Tensor& gradient, double rate) {
    at::Tensor& m = first_moments[i];
    m.mul_(kMomentum).add_(gradient);
    const auto longer = static_cast<double>(std::max(m.size(0), m.size(1)));
    weights[i].detach().add_(orthogonalized(gradient + kMomentum * m), -rate * kAdamStep * std::sqrt(longer));
}

}  // namespace landseam::sam::training
