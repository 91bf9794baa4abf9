// Lessons taken: forward, loss and gradients. Lessons do not see each other, so that they can be taken on any
// threads, and their gradients added up in their order.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/training/batch.h"

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
    int lessons = 0;
    double loss = 0;       // sum over the lessons
    int with_objects = 0;  // lessons with prompts on objects
    double iou = 0;        // sum over these of the best masks' mean
};

// Gradients of the sum of the lessons' losses. Several at once are for a GPU, which one alone does not fill:
// they see each other as little as if they were taken one by one.
ShardResult take_lessons(const Learner& learner, Batch& batch);

// The same without gradients, for scores.
struct Answer {
    at::Tensor iou;        // [P, 3] of the three masks with the targets
    at::Tensor scores;     // [P, 3] predicted
    at::Tensor on_object;  // [P]
};
Answer answer_lesson(const Learner& learner, Crop crop, Lesson lesson);

}  // namespace landseam::sam::training
