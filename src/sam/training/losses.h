// What SAM is trained to make small (Kirillov et al. 2023, appendix A): focal and dice loss of masks, 20 to
// 1, and the square error of the predicted IoU.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

// P prompts, n masks of each, N logits of a mask. A lesson's loss is a mean over those of its prompts that
// count.
struct MaskLoss {
    at::Tensor loss;  // [], the sum over lessons, with gradients
    at::Tensor best;  // [P], of each prompt the mask nearest to its first target: int64, no gradient
    at::Tensor iou;   // [P, n] of logits > 0 with the first target, no gradient; 0 where there is none
};

// logits [P, n, N], scores [P, n], targets [P, T, N] in 0 … 1, worth [P, T] in 0 … 1, see Lesson: 0 where
// there is no such target. Of each target the mask nearest to it learns; the first target weighs as much as
// all others together. All scores learn: the IoU with the target that a mask matches best, times its worth.
// Prompts without a target have only scores to learn: 0. `lessons`: that share the prompts evenly, one after
// the other.
MaskLoss mask_loss(const at::Tensor& logits, const at::Tensor& scores, const at::Tensor& targets,
                   const at::Tensor& worth, std::int64_t lessons = 1);

}  // namespace landseam::sam::training
