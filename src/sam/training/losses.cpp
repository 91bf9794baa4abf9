#include "sam/training/losses.h"

#include <tuple>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/sigmoid.h>

namespace landseam::sam::training {

namespace {

constexpr double kFocalWeight = 20;
constexpr double kScoreWeight = 1;

// γ = 2. Objects and ground weigh the same here: dice sees to it that small objects count.
at::Tensor focal(const at::Tensor& logits, const at::Tensor& target, const at::Tensor& probability) {
    const at::Tensor entropy =
        at::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None);
    const at::Tensor wrong = probability - target;
    return 0.5 * (wrong * wrong * entropy).mean(-1);
}

at::Tensor dice(const at::Tensor& probability, const at::Tensor& target) {
    const at::Tensor both = (probability * target).sum(-1);
    return 1 - (2 * both + 1) / (probability.sum(-1) + target.sum(-1) + 1);
}

at::Tensor intersection_over_union(const at::Tensor& logits, const at::Tensor& target) {
    const at::Tensor mask = logits > 0, truth = target > 0.5;
    const at::Tensor both = (mask & truth).sum(-1), either = (mask | truth).sum(-1);
    return both.to(at::kFloat) / either.clamp_min(1);
}

}  // namespace

MaskLoss mask_loss(const at::Tensor& logits, const at::Tensor& scores, const at::Tensor& target,
                   const at::Tensor& on_object) {
    const at::Tensor truth = target.unsqueeze(1).expand_as(logits);
    MaskLoss result;
    {
        const at::NoGradGuard no_gradient;
        result.iou = intersection_over_union(logits, truth) * on_object.unsqueeze(1);
    }
    const at::Tensor probability = at::sigmoid(logits);
    const at::Tensor each = kFocalWeight * focal(logits, truth, probability) + dice(probability, truth);
    const auto [smallest, best] = each.min(1);
    result.best = best;
    const at::Tensor objects = on_object.sum().clamp_min(1);
    result.loss = (smallest * on_object).sum() / objects +
                  kScoreWeight * ((scores - result.iou) * (scores - result.iou)).mean();
    return result;
}

}  // namespace landseam::sam::training
