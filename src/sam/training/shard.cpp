#include "sam/training/shard.h"

#include "sam/architecture.h"
#include "sam/ops.h"
#include "sam/training/losses.h"

#include <algorithm>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/autograd/autograd.h>

namespace landseam::sam::training {

namespace {

using Indices = std::vector<std::int64_t>;

at::Tensor copied(const std::vector<float>& values, at::IntArrayRef sizes, at::Device device) {
    return at::from_blob(const_cast<float*>(values.data()), sizes)
        .to(device, at::kFloat, false, /*copy=*/true);
}

at::Tensor copied(const Indices& values, at::Device device) {
    const auto count = static_cast<std::int64_t>(values.size());
    return at::from_blob(const_cast<std::int64_t*>(values.data()), {count}, at::kLong)
        .to(device, at::kLong, false, /*copy=*/true);
}

// [B, C, g, g] of pictures [B, bands, side, side] of 0 … 255.
at::Tensor embed_pictures(const Learner& learner, const at::Tensor& pictures) {
    const Sam& model = learner.model;
    const at::AutoGradMode gradients(at::GradMode::is_enabled() && learner.encoder_learns);
    const at::Tensor input = model.preprocess(pictures.to(model.device()));
    if (!model.fast_encoder) return embed(model, input, serial_for);
    std::vector<at::Tensor> embeddings;
    for (std::int64_t i = 0; i < input.size(0); ++i)
        embeddings.push_back(embed(model, input.narrow(0, i, 1), serial_for));
    return at::cat(embeddings);
}

// Logits [P, n, L²], in the order of cells_of, and scores [P, n] of the mask tokens first … first + n − 1.
// `image` [1 or P, C, g, g].
std::pair<at::Tensor, at::Tensor> decode(const Sam& model, const at::Tensor& image, const at::Tensor& sparse,
                                         int first, int n) {
    const MaskDecoder& decoder = model.mask_decoder;
    const MaskDecoder::Tokens tokens = decoder.decode_tokens(image, model.image_positions, sparse);
    const at::Tensor upscaled = decoder.upscale_in_cells(tokens.image);
    std::vector<at::Tensor> weights;
    for (int i = first; i < first + n; ++i)
        weights.push_back(decoder.mask_weights(tokens.mask_tokens.select(1, i), i));
    return {product_transposed(at::stack(weights, 1), upscaled), tokens.iou_predictions.narrow(1, first, n)};
}

at::Tensor sparse_of(const Sam& model, const Prompts& prompts) {
    if (prompts.kind == PromptKind::box) return model.prompt_encoder.sparse({}, {}, prompts.boxes);
    const at::Tensor labels = at::ones({prompts.points.size(0), 1}, prompts.points.options());
    return model.prompt_encoder.sparse(prompts.points, labels, {});
}

// Embeddings of some crops [L, C, g, g], one for each of the prompts; one crop's is shared by its prompts.
at::Tensor for_each_prompt(const at::Tensor& embeddings, std::int64_t prompts) {
    return embeddings.size(0) == 1 ? embeddings : embeddings.repeat_interleave(prompts, 0);
}

// Appends for each prompt of a lesson a point where mask and target differ, in the model's pixels, labelled 1
// where the mask lacks something and 0 where it has too much; -1, no point, where they agree. `logit` [P, N]
// as a picture.
void add_corrections(const float* logit, const Lesson& lesson, int picture_side, Dice& dice,
                     std::vector<float>& points, std::vector<float>& labels) {
    const auto side = static_cast<std::size_t>(lesson.mask_side), area = side * side;
    for (std::size_t p = 0; p < static_cast<std::size_t>(lesson.prompts); ++p, logit += area) {
        const float* target = lesson.masks.data() + p * static_cast<std::size_t>(lesson.targets) * area;
        std::vector<std::size_t> wrong;
        for (std::size_t i = 0; i < area; ++i)
            if ((logit[i] > 0) != (target[i] > 0.5f)) wrong.push_back(i);
        const std::size_t at = wrong.empty() ? 0 : wrong[dice.below(wrong.size())];
        const double cell = static_cast<double>(picture_side) / lesson.mask_side;
        points.push_back(static_cast<float>((static_cast<double>(at % side) + 0.5) * cell - 0.5));
        points.push_back(static_cast<float>((static_cast<double>(at / side) + 0.5) * cell - 0.5));
        labels.push_back(wrong.empty() ? -1.0f : target[at] > 0.5f ? 1.0f : 0.0f);
    }
}

// Loss of the masks after a correction. `masks` [L · P, 4g, 4g], the logits so far, without gradients.
at::Tensor corrected_loss(const Sam& model, const at::Tensor& embeddings, const std::vector<Task*>& tasks,
                          const Prompts& prompts, const at::Tensor& masks) {
    const at::Tensor on_cpu = masks.to(at::kCPU).contiguous();
    const std::int64_t count = masks.size(0), a_lesson = on_cpu.numel() / prompts.lessons;
    std::vector<float> at, is;
    for (std::size_t i = 0; i < tasks.size(); ++i)
        add_corrections(on_cpu.data_ptr<float>() + static_cast<std::int64_t>(i) * a_lesson, tasks[i]->lesson,
                        model.info.image_size, tasks[i]->dice, at, is);
    at::Tensor points = copied(at, {count, 1, 2}, masks.device()),
               labels = copied(is, {count, 1}, masks.device());
    if (prompts.kind == PromptKind::point) {
        points = at::cat({prompts.points, points}, 1);
        labels = at::cat({at::ones({count, 1}, labels.options()), labels}, 1);
    }
    const at::Tensor sparse = model.prompt_encoder.sparse(points, labels, prompts.boxes);
    const at::Tensor image = for_each_prompt(embeddings, prompts.each) +
                             model.prompt_encoder.dense(masks.unsqueeze(1).clamp(-12, 12));
    const auto [better, scores] = decode(model, image, sparse, 0, 1);
    // A second point says which object is meant.
    return mask_loss(better, scores, prompts.masks.narrow(1, 0, 1), prompts.worth.narrow(1, 0, 1),
                     prompts.lessons)
        .loss;
}

// Adds the loss of lessons of one kind to `loss`, and what they reached to `result`. `tasks` are theirs, and
// `embeddings` those of their crops, all in one order.
void add_lessons(const Sam& model, const at::Tensor& embeddings, Task* tasks, const Prompts& prompts,
                 at::Tensor& loss, ShardResult& result) {
    const bool several = prompts.kind == PromptKind::point;
    const at::Tensor image =
        for_each_prompt(embeddings + model.prompt_encoder.dense_without_mask(), prompts.each);
    const auto [logits, scores] =
        decode(model, image, sparse_of(model, prompts), several ? 1 : 0, several ? 3 : 1);
    const MaskLoss first = mask_loss(logits, scores, prompts.masks, prompts.worth, prompts.lessons);
    loss = loss.defined() ? loss + first.loss : first.loss;

    const at::Tensor on_object = (prompts.worth.select(1, 0) > 0).to(at::kFloat);
    const at::Tensor objects = on_object.reshape({prompts.lessons, -1}).sum(1);
    const at::Tensor ious = std::get<0>(first.iou.max(1)).reshape({prompts.lessons, -1}).sum(1);
    const at::Tensor sums =
        at::stack({(objects > 0).sum(), (ious / objects.clamp_min(1)).sum()}).to(at::kCPU);
    result.lessons += static_cast<int>(prompts.lessons);
    result.with_objects += static_cast<int>(sums[0].item<double>());
    result.iou += sums[1].item<double>();

    std::vector<Task*> corrected;
    Indices numbers;
    for (std::int64_t i = 0; i < prompts.lessons; ++i) {
        if (!tasks[i].correct) continue;
        corrected.push_back(&tasks[i]);
        numbers.push_back(i);
    }
    if (corrected.empty()) return;
    const at::Tensor which = copied(numbers, model.device()), rows = prompts.rows_of(which);
    const at::Tensor masks = picture_of(logits.detach().index({rows, first.best.index_select(0, rows)}));
    loss =
        loss + corrected_loss(model, embeddings.index_select(0, which), corrected, prompts.of(which), masks);
}

}  // namespace

Learner Learner::make(Sam model, const std::vector<std::string>& parts) {
    Learner learner;
    learner.encoder_learns = false;
    for (const ExpectedTensor& expected : expected_tensors(model.info)) {
        const std::string& name = expected.name;
        // Statistics of the data and the frequencies of positions are no weights.
        const bool fixed = expected.counter || name.find(".running_") != std::string::npos ||
                           name.find("gaussian_matrix") != std::string::npos;
        const bool chosen = std::any_of(parts.begin(), parts.end(),
                                        [&](const std::string& part) { return name.rfind(part, 0) == 0; });
        if (fixed || !chosen) continue;
        at::Tensor& weight = model.tensors.at(name);
        weight.requires_grad_(true);
        learner.names.push_back(name);
        learner.weights.push_back(weight);
        learner.encoder_learns = learner.encoder_learns || name.rfind("image_encoder.", 0) == 0;
    }
    learner.model = std::move(model);
    return learner;
}

ShardResult take_lessons(const Learner& learner, Batch& batch) {
    const at::AutoGradMode gradients(true);
    const at::Tensor embeddings = embed_pictures(learner, batch.pictures);
    ShardResult result;
    at::Tensor loss;
    std::int64_t done = 0;
    for (const Prompts& prompts : batch.prompts) {
        add_lessons(learner.model, embeddings.narrow(0, done, prompts.lessons), batch.tasks.data() + done,
                    prompts.to(learner.model.device()), loss, result);
        done += prompts.lessons;
    }
    result.gradients = torch::autograd::grad({loss}, learner.weights, {}, /*retain_graph=*/false,
                                             /*create_graph=*/false, /*allow_unused=*/true);
    result.loss = loss.item<double>();
    return result;
}

Answer answer_lesson(const Learner& learner, Crop crop, Lesson lesson) {
    const at::AutoGradMode no_gradients(false);
    const Sam& model = learner.model;
    Task task;
    task.crop = std::move(crop);
    task.lesson = std::move(lesson);
    const Batch batch = make_batch({std::move(task)});
    const Prompts prompts = batch.prompts.front().to(model.device());
    const at::Tensor image =
        embed_pictures(learner, batch.pictures) + model.prompt_encoder.dense_without_mask();
    const auto [logits, scores] = decode(model, image, sparse_of(model, prompts), 1, 3);
    return {mask_loss(logits, scores, prompts.masks, prompts.worth).iou, scores,
            (prompts.worth.select(1, 0) > 0).to(at::kFloat)};
}

}  // namespace landseam::sam::training
