#include "sam/training/shard.h"

#include "sam/architecture.h"
#include "sam/ops.h"
#include "sam/training/losses.h"

#include <algorithm>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <torch/csrc/autograd/autograd.h>

namespace landseam::sam::training {

namespace {

at::Tensor copied(const std::vector<float>& values, at::IntArrayRef sizes, at::Device device) {
    return at::from_blob(const_cast<float*>(values.data()), sizes)
        .to(device, at::kFloat, false, /*copy=*/true);
}

// The lesson as tensors on the model's device.
struct Prompts {
    at::Tensor points, boxes;
    at::Tensor masks;  // [P, T, L²], in the order of the decoder's logits
    at::Tensor worth;  // [P, T]

    Prompts(const Lesson& lesson, at::Device device) {
        const std::int64_t n = lesson.prompts, side = lesson.mask_side;
        points = copied(lesson.points, {n, 1, 2}, device);
        if (lesson.kind == PromptKind::box) boxes = copied(lesson.boxes, {n, 4}, device);
        const std::int64_t targets = lesson.targets;
        masks = cells_of(copied(lesson.masks, {n * targets, side, side}, device)).view({n, targets, -1});
        worth = copied(lesson.worth, {n, targets}, device);
    }
};

at::Tensor embed_crop(const Learner& learner, const Crop& crop) {
    const Sam& model = learner.model;
    const at::Tensor picture = copied(crop.pixels, {1, crop.bands, crop.side, crop.side}, model.device());
    const at::AutoGradMode gradients(at::GradMode::is_enabled() && learner.encoder_learns);
    return embed(model, model.preprocess(picture), serial_for);
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

at::Tensor sparse_of(const Sam& model, const Lesson& lesson, const Prompts& prompts) {
    if (lesson.kind == PromptKind::box) return model.prompt_encoder.sparse({}, {}, prompts.boxes);
    const at::Tensor labels = at::ones({lesson.prompts, 1}, prompts.points.options());
    return model.prompt_encoder.sparse(prompts.points, labels, {});
}

// Of each prompt a point where mask and target differ, label 1 where the mask lacks something and 0 where it
// has too much: [P, 1, 2] in the model's pixels, and [P, 1].
std::pair<at::Tensor, at::Tensor> corrections(const at::Tensor& logits, const Lesson& lesson,
                                              int picture_side, Dice& dice) {
    const at::Tensor on_cpu = logits.to(at::kCPU).contiguous();
    const auto side = static_cast<std::size_t>(lesson.mask_side), area = side * side;
    std::vector<float> points, labels;
    for (std::size_t p = 0; p < static_cast<std::size_t>(lesson.prompts); ++p) {
        const float* logit = on_cpu.data_ptr<float>() + p * area;
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
    return {copied(points, {lesson.prompts, 1, 2}, logits.device()),
            copied(labels, {lesson.prompts, 1}, logits.device())};
}

at::Tensor corrected_loss(const Sam& model, const at::Tensor& embedding, const Lesson& lesson,
                          const Prompts& prompts, const at::Tensor& logits, const at::Tensor& best,
                          Dice& dice) {
    const at::Tensor row = at::arange(lesson.prompts, best.options());
    const at::Tensor mask = picture_of(logits.detach().index({row, best}));
    const auto [more_points, more_labels] = corrections(mask, lesson, model.info.image_size, dice);
    at::Tensor points = more_points, labels = more_labels;
    if (lesson.kind == PromptKind::point) {
        points = at::cat({prompts.points, points}, 1);
        labels = at::cat({at::ones({lesson.prompts, 1}, labels.options()), labels}, 1);
    }
    const at::Tensor sparse = model.prompt_encoder.sparse(points, labels, prompts.boxes);
    const at::Tensor image = embedding + model.prompt_encoder.dense(mask.unsqueeze(1).clamp(-12, 12));
    const auto [better, scores] = decode(model, image, sparse, 0, 1);
    // A second point says which object is meant.
    return mask_loss(better, scores, prompts.masks.narrow(1, 0, 1), prompts.worth.narrow(1, 0, 1)).loss;
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

ShardResult take_lesson(const Learner& learner, const Crop& crop, const Lesson& lesson, bool correct,
                        Dice& dice) {
    const at::AutoGradMode gradients(true);
    const Sam& model = learner.model;
    const Prompts prompts(lesson, model.device());
    const bool several = lesson.kind == PromptKind::point;
    const at::Tensor embedding = embed_crop(learner, crop);
    const auto [logits, scores] = decode(model, embedding + model.prompt_encoder.dense_without_mask(),
                                         sparse_of(model, lesson, prompts), several ? 1 : 0, several ? 3 : 1);
    const MaskLoss first = mask_loss(logits, scores, prompts.masks, prompts.worth);
    at::Tensor loss = first.loss;
    if (correct) loss = loss + corrected_loss(model, embedding, lesson, prompts, logits, first.best, dice);

    ShardResult result;
    result.gradients = torch::autograd::grad({loss}, learner.weights, {}, /*retain_graph=*/false,
                                             /*create_graph=*/false, /*allow_unused=*/true);
    result.loss = loss.item<double>();
    const at::Tensor best_iou = std::get<0>(first.iou.max(1));
    result.objects = static_cast<int>((prompts.worth.select(1, 0) > 0).sum().item<double>());
    result.iou = best_iou.sum().item<double>() / std::max(1, result.objects);
    return result;
}

Answer answer_lesson(const Learner& learner, const Crop& crop, const Lesson& lesson) {
    const at::AutoGradMode no_gradients(false);
    const Sam& model = learner.model;
    const Prompts prompts(lesson, model.device());
    const at::Tensor image = embed_crop(learner, crop) + model.prompt_encoder.dense_without_mask();
    const auto [logits, scores] = decode(model, image, sparse_of(model, lesson, prompts), 1, 3);
    return {mask_loss(logits, scores, prompts.masks, prompts.worth).iou, scores,
            (prompts.worth.select(1, 0) > 0).to(at::kFloat)};
}

}  // namespace landseam::sam::training
