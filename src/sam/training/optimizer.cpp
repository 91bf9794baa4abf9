#include "sam/training/optimizer.h"

#include <algorithm>
#include <cmath>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/zeros_like.h>

namespace landseam::sam::training {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.99, kEpsilon = 1e-8, kLargestNorm = 1;

double norm(const std::vector<at::Tensor>& gradients) {
    double squares = 0;
    for (const at::Tensor& gradient : gradients)
        if (gradient.defined()) squares += (gradient * gradient).sum().item<double>();
    return std::sqrt(squares);
}

}  // namespace

Optimizer::Optimizer(const std::vector<at::Tensor>& all, double weight_decay, double average)
    : weights(all), weight_decay_(weight_decay), average_(average) {
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
    const double correction1 = 1 - std::pow(kBeta1, static_cast<double>(steps_));
    const double correction2 = 1 - std::pow(kBeta2, static_cast<double>(steps_));
    // At first the average is of what there is so far.
    const double keep =
        std::min(average_, (1 + static_cast<double>(steps_)) / (10 + static_cast<double>(steps_)));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        at::Tensor weight = weights[i].detach();
        at::Tensor& m = first_moments[i];
        at::Tensor& v = second_moments[i];
        if (gradients[i].defined()) {
            const at::Tensor gradient = gradients[i] * scale;
            m.mul_(kBeta1).add_(gradient, 1 - kBeta1);
            v.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
        } else {
            m.mul_(kBeta1);
            v.mul_(kBeta2);
        }
        if (weight.dim() > 1) weight.mul_(1 - rate * weight_decay_);
        weight.addcdiv_(m, (v / correction2).sqrt_().add_(kEpsilon), -rate / correction1);
        averages[i].lerp_(weight, 1 - keep);
    }
}

}  // namespace landseam::sam::training
