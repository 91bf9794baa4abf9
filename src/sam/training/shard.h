// One lesson taken: forward, loss and gradients. Lessons do not see each other, so that they can be taken on
// any threads, and their gradients added up in their order.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/training/crop.h"
#include "sam/training/lesson.h"

#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

// What is trained: a model whose tensors are leaves, those that learn with requires_grad.
struct Learner {
    Sam model;
    std::vector<std::string> names;   // of the tensors that learn, in the checkpoint's order
    std::vector<at::Tensor> weights;  // the same tensors
    bool encoder_learns = true;       // false: embeddings are made without gradients

    // `part`: the start of the names of the tensors that learn ("" all, "mask_decoder." the decoder).
    static Learner make(Sam model, const std::vector<std::string>& parts);
};

struct ShardResult {
    std::vector<at::Tensor> gradients;  // one a weight; undefined where it had no part in it
    double loss = 0;
    double iou = 0;   // mean over the prompts on objects of the best mask's
    int objects = 0;  // prompts on objects
};

// Gradients of one lesson's loss. With `correct`, the best masks are fed back with a point where they are
// wrong, as a person would correct them, and the loss of the single mask that follows is added.
ShardResult take_lesson(const Learner& learner, const Crop& crop, const Lesson& lesson, bool correct,
                        Dice& dice);

// The same without gradients, for scores.
struct Answer {
    at::Tensor iou;        // [P, 3] of the three masks with the targets
    at::Tensor scores;     // [P, 3] predicted
    at::Tensor on_object;  // [P]
};
Answer answer_lesson(const Learner& learner, const Crop& crop, const Lesson& lesson);

}  // namespace landseam::sam::training
