#include "sam/training/material.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>

namespace landseam::sam::training {

namespace {
constexpr int kTries = 20;
}

Material::Material(const std::vector<TrainSource>& sources, std::vector<float> fill)
    : fill_(std::move(fill)) {
    double sum = 0;
    for (const TrainSource& source : sources) {
        samples_.push_back(read_sample(source.path));
        const Sample& sample = samples_.back();
        if (sample.bands.size() != fill_.size())
            throw Error(source.path,
                        "has " + std::to_string(sample.bands.size()) + " bands where the model takes " +
                            std::to_string(fill_.size()),
                        "pack it with as many, or train a model of that many bands");
        const double known = static_cast<double>(std::count(sample.valid.begin(), sample.valid.end(), 1));
        sum += source.weight * std::sqrt(known);
        up_to_.push_back(sum);
    }
    if (!samples_.empty() && sum <= 0)
        throw Error(sources.front().path, "and all other samples have no valid pixels", "pack others");
}

const Sample& Material::draw_sample(Dice& dice) const {
    const double at = dice.between(0, up_to_.back());
    const auto found = std::upper_bound(up_to_.begin(), up_to_.end(), at);
    return samples_[std::min<std::size_t>(static_cast<std::size_t>(found - up_to_.begin()),
                                          samples_.size() - 1)];
}

Crop Material::draw_crop(const Augmentation& augmentation, int side, Dice& dice) const {
    const Sample& sample = draw_sample(dice);
    return cut_crop(sample, draw_frame(sample, side, augmentation, dice), side, fill_);
}

std::pair<Crop, Lesson> Material::draw(const TrainOptions& options, const ModelInfo& info, std::uint64_t step,
                                       std::uint64_t item) const {
    Dice dice(options.seed, step, item);
    Augmentation augmentation;
    augmentation.smallest_scale = options.smallest_scale;
    augmentation.largest_scale = options.largest_scale;
    LessonOptions wanted;
    wanted.prompts = options.prompts;
    wanted.mask_side = info.low_res_size();
    std::pair<Crop, Lesson> result;
    for (int attempt = 0; attempt < kTries && result.second.prompts == 0; ++attempt) {
        Crop crop = draw_crop(augmentation, info.image_size, dice);
        if (dice.chance(augmentation.paste))
            paste_objects(crop, draw_crop(augmentation, info.image_size, dice), dice);
        Lesson lesson = draw_lesson(crop, wanted, dice);
        if (options.recolour) recolour(crop, dice);
        result = {std::move(crop), std::move(lesson)};
    }
    return result;
}

std::pair<Crop, Lesson> Material::draw_for_scores(const TrainOptions& options, const ModelInfo& info,
                                                  std::uint64_t item) const {
    Dice dice(7, item);
    Augmentation none;
    none.smallest_scale = none.largest_scale = std::sqrt(options.smallest_scale * options.largest_scale);
    none.turn = false;
    LessonOptions wanted;
    wanted.prompts = 16;
    wanted.mask_side = info.low_res_size();
    wanted.boxes = 0;
    std::pair<Crop, Lesson> result;
    for (int attempt = 0; attempt < kTries && !result.second.has_objects(); ++attempt) {
        Crop crop = draw_crop(none, info.image_size, dice);
        Lesson lesson = draw_lesson(crop, wanted, dice);
        result = {std::move(crop), std::move(lesson)};
    }
    return result;
}

}  // namespace landseam::sam::training
