// What SAM is trained to make small (Kirillov et al. 2023, appendix A): focal and dice loss of masks, 20 to
// 1, and the square error of the predicted IoU.
#pragma once

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

// P prompts, n masks of each, N logits of a mask. Losses are means over the prompts that count.
struct MaskLoss {
    at::Tensor loss;  // [], with gradients
    at::Tensor best;  // [P], of each prompt the mask with the smallest loss: int64, no gradient
    at::Tensor iou;   // [P, n] of logits > 0 with the target, no gradient; 0 where there is no object
};

// logits [P, n, N], scores [P, n], target [P, N] in 0 … 1, on_object [P] of 0 and 1. Only the best mask
// of a prompt is learned from, but all scores are. Prompts on no object have only scores to learn: 0.
MaskLoss mask_loss(const at::Tensor& logits, const at::Tensor& scores, const at::Tensor& target,
                   const at::Tensor& on_object);

}  // namespace landseam::sam::training
