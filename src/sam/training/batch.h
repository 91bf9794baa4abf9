// Lessons made ready to be taken together: their arrays one after the other, as tensors.
#pragma once

#include "sam/training/crop.h"
#include "sam/training/dice.h"
#include "sam/training/lesson.h"

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam::training {

// A lesson to be taken on its crop. `correct`: the best masks are fed back with a point where they are wrong,
// as a person would correct them, and the loss of the single mask that follows is added.
struct Task {
    Crop crop;
    Lesson lesson;  // with at least one prompt
    bool correct = false;
    Dice dice{0};  // that corrections are drawn with
};

// L lessons of one kind, of P prompts each.
struct Prompts {
    PromptKind kind = PromptKind::point;
    std::int64_t lessons = 0, each = 0;  // L, P
    at::Tensor points, boxes;            // [L · P, 1, 2], [L · P, 4]
    // [L · P · T, mask side, mask side] in a batch; [L · P, T, N] in the order of the decoder's logits from
    // to() on.
    at::Tensor masks;
    at::Tensor worth;  // [L · P, T]

    Prompts to(at::Device device) const;
    // Those of some of the lessons; `which` [n], int64, on the same device.
    Prompts of(const at::Tensor& which) const;
    // The prompts' numbers of these lessons: [n] → [n · P].
    at::Tensor rows_of(const at::Tensor& which) const;
};

struct Batch {
    std::vector<Task> tasks;       // those with points come before those with boxes
    at::Tensor pictures;           // [B, bands, side, side], 0 … 255
    std::vector<Prompts> prompts;  // of those with points and of those with boxes, where there are any
};

// In memory, on no GPU yet: made on another thread while a GPU is at work. All lessons have the same number
// of prompts, one or more.
Batch make_batch(std::vector<Task> tasks);

}  // namespace landseam::sam::training
