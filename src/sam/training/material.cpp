#include "sam/training/material.h"

#include "landseam/core/error.h"

#include "sam/pixel_statistics.h"

#include <algorithm>
#include <cmath>

namespace landseam::sam::training {

namespace {
constexpr int kTries = 20;
}

Material::Material(const std::vector<TrainSource>& sources) {
    double sum = 0;
    for (const TrainSource& source : sources) {
        samples_.push_back(read_sample(source.path));
        paths_.push_back(source.path);
        const Sample& sample = samples_.back();
        const double known = static_cast<double>(std::count(sample.valid.begin(), sample.valid.end(), 1));
        sum += source.weight * std::sqrt(known);
        up_to_.push_back(sum);
    }
    if (!samples_.empty() && sum <= 0)
        throw Error(sources.front().path, "and all other samples have no valid pixels", "pack others");
}

BandStatistics Material::bands() const {
    BandStatistics statistics{samples_.front().bands, {}, {}};
    if (statistics.names.size() > most_bands)
        throw Error(paths_.front(), "has more than " + std::to_string(most_bands) + " bands",
                    "pack some of them, or their principal components");
    std::vector<double> sums(statistics.names.size()), squares(sums.size());
    double count = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        const Sample& sample = samples_[i];
        if (sample.bands.size() != sums.size())
            throw Error(paths_[i],
                        "has " + std::to_string(sample.bands.size()) + " bands, and '" + paths_.front() +
                            "' has " + std::to_string(sums.size()),
                        "pack all samples of a run with the same --bands");
        count += static_cast<double>(std::count(sample.valid.begin(), sample.valid.end(), 1));
        for (std::size_t band = 0; band < sums.size(); ++band) {
            const std::uint8_t* const pixels = sample.pixels.data() + band * sample.valid.size();
            std::uint64_t sum = 0, square = 0;
            for (std::size_t at = 0; at < sample.valid.size(); ++at) {
                if (sample.valid[at] != 1) continue;
                sum += pixels[at];
                square += std::uint64_t{pixels[at]} * pixels[at];
            }
            sums[band] += static_cast<double>(sum);
            squares[band] += static_cast<double>(square);
        }
    }
    for (std::size_t band = 0; band < sums.size(); ++band) {
        const double mean = sums[band] / count;
        // A band that is the same everywhere deviates by a grey level.
        const double deviation = std::sqrt(std::max(1.0, squares[band] / count - mean * mean));
        statistics.mean.push_back(static_cast<float>(mean));
        statistics.deviation.push_back(static_cast<float>(deviation));
    }
    return statistics;
}

void Material::suit(const ModelInfo& info) {
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        const std::vector<std::string>& bands = samples_[i].bands;
        if (bands.size() != static_cast<std::size_t>(info.bands))
            throw Error(
                paths_[i],
                "has " + std::to_string(bands.size()) + " bands where the model takes " +
                    std::to_string(info.bands),
                "pack it with as many, or begin with a checkpoint of three bands, whose first layer is then "
                "made for these");
        if (!info.band_names.empty() && bands != info.band_names)
            throw Error(paths_[i],
                        "has the bands " + joined_names(bands) + " where the model takes " +
                            joined_names(info.band_names),
                        "pack it with --bands " + joined_names(info.band_names));
    }
    fill_ = info.pixel_mean;
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
    wanted.guess_worth = options.region_worth;
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
