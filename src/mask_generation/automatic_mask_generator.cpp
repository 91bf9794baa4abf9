#include "landseam/mask_generation/automatic_mask_generator.h"

#include "landseam/core/error.h"
#include "landseam/sam/predictor.h"

#include "mask_generation/box_nms.h"
#include "mask_generation/crop_boxes.h"
#include "mask_generation/mask_scanner.h"
#include "mask_generation/picture_checks.h"
#include "mask_generation/point_grid.h"
#include "mask_generation/small_regions.h"
#include "mask_generation/upscale_plan.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <ATen/core/Tensor.h>

namespace landseam::mask_generation {
namespace {

constexpr float mask_threshold = 0;        // of SAM's logits
constexpr std::size_t masks_at_once = 24;  // of a batch's chosen ones, to bound the memory of their logits

using Masks = std::vector<TileMask>;
using MaskChoice = sam::SamPredictor::MaskChoice;

// What is the same for all batches of a crop.
struct CropWork {
    const MaskGeneratorOptions& options;
    const sam::SamPredictor& predictor;  // with the crop set
    UpscalePlan upscaling;
    PixelBox crop;             // in the picture
    sam::PictureSize picture;  // the whole of it
    const ImageU8* valid;      // of the whole of it; may be null
};

ImageU8 cut_out(const ImageU8& picture, const PixelBox& box) {
    ImageU8 part(static_cast<int>(box.width), static_cast<int>(box.height), picture.channels);
    for (int y = 0; y < part.height; ++y) {
        const std::uint8_t* const from = picture.row(static_cast<int>(box.y) + y) + box.x * picture.channels;
        std::copy_n(from, static_cast<std::size_t>(part.width) * part.channels, part.row(y));
    }
    return part;
}

// x and y of the first pixel, and last − first.
PixelBox reference_bbox(const RunMask& mask) {
    const PixelBox bounds = mask.bounds();
    return {bounds.x, bounds.y, bounds.width - 1, bounds.height - 1};
}

void set_segmentation(TileMask& mask, RunMask segmentation) {
    mask.area = segmentation.area();
    mask.bbox = reference_bbox(segmentation);
    mask.segmentation = std::move(segmentation);
}

// Binarises one mask; nothing if it is unstable, empty or cut by the crop's edge.
std::optional<TileMask> scan_mask(const CropWork& work, const float* logits, MaskScanner& scanner) {
    scanner.scan(logits, static_cast<int>(work.crop.x), static_cast<int>(work.crop.y), work.valid);
    const float stability = scanner.stability_score();
    const double wanted = work.options.stability_score_thresh;
    if (wanted > 0 && !(stability >= static_cast<float>(wanted))) return {};
    RunMask segmentation = scanner.mask();
    if (segmentation.empty()) return {};
    TileMask mask;
    mask.stability_score = stability;
    mask.crop_box = work.crop;
    set_segmentation(mask, std::move(segmentation));
    if (is_box_near_crop_edge(index_box(mask.bbox), work.crop, work.picture.width, work.picture.height))
        return {};
    return mask;
}

// The masks whose predicted IoU is good enough, in the order of prompts and, for each, of masks.
std::vector<MaskChoice> choose_masks(const at::TensorAccessor<float, 2>& ious, double pred_iou_thresh) {
    std::vector<MaskChoice> chosen;
    for (int prompt = 0; prompt < ious.size(0); ++prompt) {
        for (int mask = 0; mask < ious.size(1); ++mask) {
            const float value = ious[prompt][mask];
            const bool good = pred_iou_thresh <= 0 || value > static_cast<float>(pred_iou_thresh);
            if (good && std::isfinite(value)) chosen.push_back({prompt, mask});
        }
    }
    return chosen;
}

// One past the last of the choices to decode together, from `begin` on: all those of a prompt, which share
// most of the work, and no more prompts than it takes.
std::size_t end_of_group(const std::vector<MaskChoice>& chosen, std::size_t begin) {
    std::size_t end = std::min(begin + masks_at_once, chosen.size());
    while (end < chosen.size() && chosen[end].prompt == chosen[end - 1].prompt) ++end;
    return end;
}

Masks masks_of_batch(const CropWork& work, const std::vector<Point>& points) {
    const sam::SamPredictor::TokenPrediction tokens = work.predictor.predict_tokens(points);
    const at::Tensor iou_predictions = tokens.iou_predictions.to(at::kCPU, at::kFloat).contiguous();
    const auto ious = iou_predictions.accessor<float, 2>();
    const std::vector<MaskChoice> chosen = choose_masks(ious, work.options.pred_iou_thresh);

    Masks masks;
    MaskScanner scanner(work.upscaling, mask_threshold,
                        static_cast<float>(work.options.stability_score_offset));
    for (std::size_t begin = 0, end = 0; begin < chosen.size(); begin = end) {
        end = end_of_group(chosen, begin);
        const std::vector<MaskChoice> group(chosen.begin() + begin, chosen.begin() + end);
        const at::Tensor logits =
            work.predictor.predict_masks(tokens, group).to(at::kCPU, at::kFloat).contiguous();
        for (std::size_t i = 0; i < group.size(); ++i) {
            const float* const own =
                logits.data_ptr<float>() + static_cast<std::int64_t>(i) * logits.stride(0);
            auto mask = scan_mask(work, own, scanner);
            if (!mask) continue;
            const Point& point = points[group[i].prompt];
            mask->predicted_iou = ious[group[i].prompt][group[i].mask];
            mask->point_coords = {point.x + static_cast<double>(work.crop.x),
                                  point.y + static_cast<double>(work.crop.y)};
            masks.push_back(std::move(*mask));
        }
    }
    return masks;
}

std::vector<IndexBox> index_boxes(const Masks& masks) {
    std::vector<IndexBox> boxes;
    for (const TileMask& mask : masks) boxes.push_back(index_box(mask.bbox));
    return boxes;
}

// Removes the masks whose boxes are duplicates and sorts the rest by falling score.
Masks without_duplicates(Masks masks, const std::vector<float>& scores, double iou_threshold) {
    Masks kept;
    for (const std::size_t i : box_nms(index_boxes(masks), scores, iou_threshold))
        kept.push_back(std::move(masks[i]));
    return kept;
}

void append(Masks& masks, Masks more) {
    std::move(more.begin(), more.end(), std::back_inserter(masks));
}

Masks masks_of_prompts(const CropWork& work, const std::vector<Point>& prompts,
                       const ParallelFor& parallel_for) {
    const auto batch_size = static_cast<std::size_t>(
        std::min(work.options.points_per_batch, work.predictor.prompts_at_once()));
    std::vector<Masks> by_batch((prompts.size() + batch_size - 1) / batch_size);
    parallel_for(by_batch.size(), [&](std::size_t batch) {
        const std::size_t begin = batch * batch_size, end = std::min(begin + batch_size, prompts.size());
        by_batch[batch] = masks_of_batch(work, {prompts.begin() + begin, prompts.begin() + end});
    });
    Masks masks;
    for (Masks& some : by_batch) append(masks, std::move(some));
    return masks;
}

std::vector<float> predicted_ious(const Masks& masks) {
    std::vector<float> scores;
    for (const TileMask& mask : masks) scores.push_back(static_cast<float>(mask.predicted_iou));
    return scores;
}

// 1 at valid pixels outside all masks that stay and are stable beyond doubt.
ImageU8 pixels_left(const CropWork& work, const Masks& masks) {
    const double beyond_doubt = (work.options.stability_score_thresh + 1) / 2;
    ImageU8 left = work.valid ? *work.valid : ImageU8(work.picture.width, work.picture.height, 1, 1);
    for (const std::size_t i :
         box_nms(index_boxes(masks), predicted_ious(masks), work.options.box_nms_thresh)) {
        if (!(masks[i].stability_score >= beyond_doubt)) continue;
        for (const Run& run : masks[i].segmentation.runs())
            std::fill(left.row(run.y) + run.x_begin, left.row(run.y) + run.x_end, std::uint8_t{0});
    }
    return left;
}

// The masks of the crop that the predictor is set to.
Masks masks_of_crop(const CropWork& work, const std::vector<Point>& grid, const ParallelFor& parallel_for) {
    const PartedGrid points = part_grid(grid, work.options.approximate_coarse_to_fine);
    Masks masks = masks_of_prompts(work, place_prompts(points.coarse, work.crop, work.valid), parallel_for);
    if (!points.others.empty()) {
        const ImageU8 left = pixels_left(work, masks);
        append(masks, masks_of_prompts(work, place_prompts(points.others, work.crop, &left), parallel_for));
    }
    const std::vector<float> scores = predicted_ious(masks);
    return without_duplicates(std::move(masks), scores, work.options.box_nms_thresh);
}

// Repairs every mask and removes the duplicates that this makes; masks that needed no repair win.
Masks with_small_regions_repaired(Masks masks, const MaskGeneratorOptions& options, const ImageU8& rgb,
                                  const ImageU8* valid) {
    const PixelBox frame{0, 0, rgb.width, rgb.height};
    const RunMask valid_pixels = valid ? RunMask::from_image(*valid) : RunMask();
    std::vector<float> scores;
    for (TileMask& mask : masks) {
        RegionRepair repair = repair_small_regions(mask.segmentation, frame, options.min_mask_region_area,
                                                   valid ? &valid_pixels : nullptr);
        set_segmentation(mask, std::move(repair.mask));
        scores.push_back(repair.changed ? 0.0F : 1.0F);
    }
    return without_duplicates(std::move(masks), scores,
                              std::max(options.box_nms_thresh, options.crop_nms_thresh));
}

// Removes duplicates between crops; of two the one found in the smaller crop stays.
Masks without_duplicates_between_crops(Masks masks, double iou_threshold) {
    std::vector<float> scores;
    for (const TileMask& mask : masks) scores.push_back(1 / static_cast<float>(mask.crop_box.area()));
    return without_duplicates(std::move(masks), scores, iou_threshold);
}

}  // namespace

AutomaticMaskGenerator::AutomaticMaskGenerator(std::shared_ptr<const sam::Sam> model,
                                               MaskGeneratorOptions options)
    : model_(std::move(model)), options_(std::move(options)) {
    options_.validate();
}

std::vector<TileMask> AutomaticMaskGenerator::generate(const ImageU8& rgb, const ImageU8* valid,
                                                       const ParallelFor& parallel_for,
                                                       sam::EmbeddingCache* embeddings) const {
    check_picture(rgb, valid, sam::model_info(*model_).bands);
    if (valid && holds_no_zero(*valid)) valid = nullptr;  // which spares looking at it in every mask
    const sam::ModelInfo& info = sam::model_info(*model_);
    const auto grids = build_all_layer_point_grids(options_);
    const std::vector<Crop> crops =
        generate_crop_boxes(rgb.width, rgb.height, options_.crop_n_layers, options_.crop_overlap_ratio);

    sam::SamPredictor predictor(model_);
    Masks masks;
    for (const Crop& crop : crops) {
        const std::vector<Point>& grid = grids[crop.layer];
        if (place_prompts(grid, crop.box, valid).empty()) continue;  // encoding would be for nothing
        const ImageU8 part = crop.layer == 0 ? ImageU8() : cut_out(rgb, crop.box);
        const ImageU8& picture = crop.layer == 0 ? rgb : part;
        const auto encode = [&] { predictor.set_image(picture, parallel_for); };
        embeddings ? embeddings->set_image(predictor, picture, encode) : encode();
        const CropWork work{
            options_,
            predictor,
            {info.low_res_size(), info.image_size, predictor.input_size(), predictor.picture_size()},
            crop.box,
            {rgb.width, rgb.height},
            valid};
        append(masks, masks_of_crop(work, grid, parallel_for));
    }
    if (crops.size() > 1)
        masks = without_duplicates_between_crops(std::move(masks), options_.crop_nms_thresh);
    if (options_.min_mask_region_area > 0)
        masks = with_small_regions_repaired(std::move(masks), options_, rgb, valid);
    return masks;
}

}  // namespace landseam::mask_generation
