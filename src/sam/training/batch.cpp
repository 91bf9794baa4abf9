#include "sam/training/batch.h"

#include "landseam/sam/modules.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

namespace landseam::sam::training {

namespace {

// The arrays that `part` names of the tasks from `begin` to `end`, one after the other.
template <typename Part>
at::Tensor together(std::vector<Task>::const_iterator begin, std::vector<Task>::const_iterator end,
                    const Part& part, at::IntArrayRef sizes) {
    at::Tensor all = at::empty(sizes, at::kFloat);
    float* to = all.data_ptr<float>();
    for (auto task = begin; task != end; ++task) {
        const std::vector<float>& values = part(*task);
        std::memcpy(to, values.data(), values.size() * sizeof(float));
        to += values.size();
    }
    return all;
}

Prompts prompts_of(std::vector<Task>::const_iterator begin, std::vector<Task>::const_iterator end) {
    const Lesson& first = begin->lesson;
    Prompts prompts;
    prompts.kind = first.kind;
    prompts.lessons = end - begin;
    prompts.each = first.prompts;
    const std::int64_t n = prompts.lessons * prompts.each, side = first.mask_side;
    const auto field = [&](std::vector<float> Lesson::*part, at::IntArrayRef sizes) {
        return together(
            begin, end, [&](const Task& task) -> const std::vector<float>& { return task.lesson.*part; },
            sizes);
    };
    prompts.points = field(&Lesson::points, {n, 1, 2});
    if (first.kind == PromptKind::box) prompts.boxes = field(&Lesson::boxes, {n, 4});
    prompts.masks = field(&Lesson::masks, {n * first.targets, side, side});
    prompts.worth = field(&Lesson::worth, {n, first.targets});
    return prompts;
}

}  // namespace

Prompts Prompts::to(at::Device device) const {
    Prompts there = *this;
    there.points = points.to(device);
    if (boxes.defined()) there.boxes = boxes.to(device);
    there.worth = worth.to(device);
    there.masks = cells_of(masks.to(device)).view({worth.size(0), worth.size(1), -1});
    return there;
}

at::Tensor Prompts::rows_of(const at::Tensor& which) const {
    return (which.unsqueeze(1) * each + at::arange(each, which.options())).flatten();
}

Prompts Prompts::of(const at::Tensor& which) const {
    const at::Tensor rows = rows_of(which);
    Prompts some = *this;
    some.lessons = which.size(0);
    some.points = points.index_select(0, rows);
    if (boxes.defined()) some.boxes = boxes.index_select(0, rows);
    some.masks = masks.index_select(0, rows);
    some.worth = worth.index_select(0, rows);
    return some;
}

Batch make_batch(std::vector<Task> tasks) {
    Batch batch;
    batch.tasks = std::move(tasks);
    const auto boxes = std::stable_partition(batch.tasks.begin(), batch.tasks.end(), [](const Task& task) {
        return task.lesson.kind == PromptKind::point;
    });
    const Crop& first = batch.tasks.front().crop;
    batch.pictures =
        together(batch.tasks.begin(), batch.tasks.end(),
                 [](const Task& task) -> const std::vector<float>& { return task.crop.pixels; },
                 {static_cast<std::int64_t>(batch.tasks.size()), first.bands, first.side, first.side});
    if (boxes != batch.tasks.begin()) batch.prompts.push_back(prompts_of(batch.tasks.begin(), boxes));
    if (boxes != batch.tasks.end()) batch.prompts.push_back(prompts_of(boxes, batch.tasks.end()));
    return batch;
}

}  // namespace landseam::sam::training
