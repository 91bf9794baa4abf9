#include "sam/training/losses.h"

#include <cstdint>
#include <tuple>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cat.h>
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

MaskLoss mask_loss(const at::Tensor& logits, const at::Tensor& scores, const at::Tensor& targets,
                   const at::Tensor& worth, std::int64_t lessons) {
    const auto by_lesson = [&](const at::Tensor& x) { return x.reshape({lessons, -1}); };
    const std::int64_t prompts = logits.size(0), masks = logits.size(1), others = targets.size(1) - 1;
    const std::vector<std::int64_t> pairs{prompts, masks, others + 1, logits.size(2)};
    const at::Tensor truth = targets.unsqueeze(1).expand(pairs), guess = logits.unsqueeze(2).expand(pairs);
    const at::Tensor known = (worth > 0).to(at::kFloat);  // [P, T]
    MaskLoss result;
    at::Tensor right_scores;
    {
        const at::NoGradGuard no_gradient;
        const at::Tensor iou = intersection_over_union(guess, truth);  // [P, n, T]
        result.iou = iou.select(2, 0) * known.narrow(1, 0, 1);
        right_scores = std::get<0>((iou * worth.unsqueeze(1)).max(2));
    }
    const at::Tensor probability = at::sigmoid(logits).unsqueeze(2).expand(pairs);
    const at::Tensor each = kFocalWeight * focal(guess, truth, probability) + dice(probability, truth);
    const auto [smallest, best] = each.min(1);  // [P, T]
    result.best = best.select(1, 0);
    at::Tensor weight = known;
    if (others > 0) {
        const at::Tensor rest = known.narrow(1, 1, others);
        const at::Tensor count = rest.sum(1, true).clamp_min(1);
        weight = at::cat({known.narrow(1, 0, 1), rest / count}, 1);
    }
    const at::Tensor of_prompt = (smallest * weight).sum(1) / weight.sum(1).clamp_min(1);
    const at::Tensor objects = by_lesson(known.select(1, 0)).sum(1).clamp_min(1);
    const at::Tensor missed = (scores - right_scores) * (scores - right_scores);
    result.loss = (by_lesson(of_prompt).sum(1) / objects + kScoreWeight * by_lesson(missed).mean(1)).sum();
    return result;
}

}  // namespace landseam::sam::training
