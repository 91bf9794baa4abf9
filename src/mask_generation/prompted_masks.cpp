#include "landseam/mask_generation/prompted_masks.h"

#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/sam/predictor.h"

#include "mask_generation/mask_scanner.h"
#include "mask_generation/picture_checks.h"
#include "mask_generation/upscale_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>

namespace landseam::mask_generation {
namespace {

constexpr float mask_threshold = 0;    // of SAM's logits
constexpr float stability_offset = 1;  // the reference's default
// Logit of a pixel wholly inside a rough outline. The model saw its own logits in training; of these, those
// well inside a mask are about as large.
constexpr float outline_logit = 8;
// A mask that fits its box worse than this is of something else.
constexpr double least_fit = 0.5;
constexpr int outline_subpixels = 4;  // a side, for the share of a pixel that an outline covers

// What is the same for all prompts of a picture.
struct PictureWork {
    const sam::SamPredictor& predictor;
    UpscalePlan upscaling;
    const ImageU8* valid;
};

// The reference's coordinates are those of pixel centres.
Point to_centres(Point edges) {
    return {edges.x - 0.5, edges.y - 0.5};
}

sam::PointPrompts point_prompts(const ObjectPrompt& prompt) {
    sam::PointPrompts points;
    for (const auto& point : prompt.points) {
        points.coords.push_back(to_centres(point.at));
        points.labels.push_back(point.on_object ? 1 : 0);
    }
    return points;
}

std::optional<sam::BoxPrompt> box_prompt(const ObjectPrompt& prompt) {
    if (!prompt.box) return {};
    const Point first = to_centres({prompt.box->x0, prompt.box->y0}),
                last = to_centres({prompt.box->x1, prompt.box->y1});
    return sam::BoxPrompt{first.x, first.y, last.x, last.y};
}

// Logits [4g, 4g] of the model's padded square that are above 0 where at least half of a pixel is inside.
at::Tensor mask_prompt(const PictureWork& work, MultiPolygon outline) {
    const sam::PictureSize picture = work.predictor.picture_size(), input = work.predictor.input_size();
    const sam::ModelInfo& info = sam::model_info(work.predictor.model());
    const int side = info.low_res_size(), fine = side * outline_subpixels;
    const double scale = static_cast<double>(fine) / info.image_size;
    const auto place = [&](Ring& ring) {
        for (Point& p : ring)
            p = {p.x * input.width / picture.width * scale, p.y * input.height / picture.height * scale};
    };
    for (Polygon& polygon : outline) {
        place(polygon.outer);
        for (Ring& hole : polygon.holes) place(hole);
    }
    at::Tensor logits = at::full({side, side}, -outline_logit, at::kFloat);
    float* const values = logits.data_ptr<float>();
    constexpr float step = 2 * outline_logit / (outline_subpixels * outline_subpixels);
    const RunMask inside = fill_polygons(outline, {0, 0, fine, fine});
    for (const Run& run : inside.runs())
        for (int x = run.x_begin; x < run.x_end; ++x)
            values[run.y / outline_subpixels * side + x / outline_subpixels] += step;
    return logits;
}

PromptedMask scan(const PictureWork& work, const at::Tensor& logits, double predicted_iou) {
    MaskScanner scanner(work.upscaling, mask_threshold, stability_offset);
    scanner.scan(logits.data_ptr<float>(), 0, 0, work.valid);
    const double stability = scanner.stability_score();
    return {scanner.mask(), predicted_iou, std::isfinite(stability) ? stability : 0};
}

// IoU of a box and a mask's bounds.
double fit(const RunMask& mask, const ObjectPrompt::Box& box) {
    const PixelBox bounds = mask.bounds();
    const auto common = [](double a0, double a1, std::int64_t b0, std::int64_t b1) {
        return std::max(0.0, std::min(a1, static_cast<double>(b1)) - std::max(a0, static_cast<double>(b0)));
    };
    const double both =
        common(box.x0, box.x1, bounds.x, bounds.right()) * common(box.y0, box.y1, bounds.y, bounds.bottom());
    const double either = (box.x1 - box.x0) * (box.y1 - box.y0) + static_cast<double>(bounds.area()) - both;
    return either > 0 ? both / either : 0;
}

PromptedMask mask_of(const PictureWork& work, const ObjectPrompt& prompt) {
    std::optional<at::Tensor> mask_input;
    if (!prompt.outline.empty()) mask_input = mask_prompt(work, prompt.outline);
    const auto predicted = [&](bool multimask) {
        const auto prediction =
            work.predictor.predict(point_prompts(prompt), box_prompt(prompt), mask_input, multimask);
        const at::Tensor logits = prediction.low_res_logits[0].to(at::kCPU, at::kFloat).contiguous();
        const at::Tensor ious = prediction.iou_predictions[0].to(at::kCPU, at::kFloat);
        std::vector<PromptedMask> masks;
        for (std::int64_t i = 0; i < logits.size(0); ++i)
            masks.push_back(scan(work, logits[i], ious[i].item<float>()));
        return masks;
    };
    PromptedMask best = std::move(predicted(false)[0]);
    if (!prompt.box || fit(best.mask, *prompt.box) >= least_fit) return best;
    for (PromptedMask& mask : predicted(true))
        if (fit(mask.mask, *prompt.box) > fit(best.mask, *prompt.box)) best = std::move(mask);
    return best;
}

// Of each point the mask that is rated best; of equal ones the first.
std::vector<PromptedMask> best_masks_of_points(const PictureWork& work, const std::vector<Point>& points) {
    const auto tokens = work.predictor.predict_tokens(points);
    const at::Tensor ratings = tokens.iou_predictions.to(at::kCPU, at::kFloat).contiguous();
    const auto ious = ratings.accessor<float, 2>();
    std::vector<sam::SamPredictor::MaskChoice> best;
    for (int prompt = 0; prompt < ious.size(0); ++prompt) {
        const float* const row = ious[prompt].data();
        best.push_back({prompt, static_cast<int>(std::max_element(row, row + ious.size(1)) - row)});
    }
    const at::Tensor logits =
        work.predictor.predict_masks(tokens, best).to(at::kCPU, at::kFloat).contiguous();
    std::vector<PromptedMask> masks;
    for (std::size_t i = 0; i < best.size(); ++i)
        masks.push_back(scan(work, logits[static_cast<std::int64_t>(i)], ious[best[i].prompt][best[i].mask]));
    return masks;
}

}  // namespace

bool ObjectPrompt::ambiguous() const {
    return points.size() == 1 && points[0].on_object && !box && outline.empty();
}

PromptedMaskGenerator::PromptedMaskGenerator(std::shared_ptr<const sam::Sam> model)
    : model_(std::move(model)) {}

std::vector<PromptedMask> PromptedMaskGenerator::generate(const ImageU8& rgb,
                                                          const std::vector<ObjectPrompt>& prompts,
                                                          const ImageU8* valid,
                                                          const ParallelFor& parallel_for,
                                                          sam::EmbeddingCache* embeddings) const {
    check_picture(rgb, valid, model_info().bands);
    if (valid && holds_no_zero(*valid)) valid = nullptr;
    std::vector<std::size_t> ambiguous, others;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        if (prompts[i].empty()) throw Error("prompt", "it has neither points nor a box nor an outline");
        (prompts[i].ambiguous() ? ambiguous : others).push_back(i);
    }
    if (prompts.empty()) return {};
    sam::SamPredictor predictor(model_);
    const auto encode = [&] { predictor.set_image(rgb, parallel_for); };
    embeddings ? embeddings->set_image(predictor, rgb, encode) : encode();
    const sam::ModelInfo& info = model_info();
    const PictureWork work{
        predictor,
        {info.low_res_size(), info.image_size, predictor.input_size(), predictor.picture_size()},
        valid};

    std::vector<PromptedMask> masks(prompts.size());
    const auto at_once = static_cast<std::size_t>(predictor.prompts_at_once());
    const std::size_t batches = (ambiguous.size() + at_once - 1) / at_once;
    parallel_for(batches + others.size(), [&](std::size_t part) {
        if (part >= batches) {
            const std::size_t i = others[part - batches];
            masks[i] = mask_of(work, prompts[i]);
            return;
        }
        const std::size_t begin = part * at_once, end = std::min(begin + at_once, ambiguous.size());
        std::vector<Point> points;
        for (std::size_t i = begin; i < end; ++i)
            points.push_back(to_centres(prompts[ambiguous[i]].points[0].at));
        std::vector<PromptedMask> some = best_masks_of_points(work, points);
        for (std::size_t i = begin; i < end; ++i) masks[ambiguous[i]] = std::move(some[i - begin]);
    });
    return masks;
}

}  // namespace landseam::mask_generation
