// Samples in memory, and the lessons drawn from them.
#pragma once

#include "landseam/sam/samples.h"
#include "landseam/sam/trainer.h"

#include "sam/training/bands.h"
#include "sam/training/crop.h"
#include "sam/training/lesson.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace landseam::sam::training {

class Material {
public:
    // Reads the files.
    explicit Material(const std::vector<TrainSource>& sources);

    bool empty() const { return samples_.empty(); }

    // The first sample's bands, with mean and deviation of the valid pixels of all samples. Throws Error
    // where the others have another number of bands.
    BandStatistics bands() const;

    // Has to be called before anything is drawn: ground that is missing gets the model's mean colour. Throws
    // Error where a sample has another number of bands than the model takes, or others than it knows by name.
    void suit(const ModelInfo& info);

    // The lesson of this place in the run, always the same one. Its prompts are at least one: crops that know
    // of nothing are drawn again.
    std::pair<Crop, Lesson> draw(const TrainOptions& options, const ModelInfo& info, std::uint64_t step,
                                 std::uint64_t item) const;

    // Lesson number `item` of the fixed ones that scores are taken on: one point an object, nothing
    // recoloured.
    std::pair<Crop, Lesson> draw_for_scores(const TrainOptions& options, const ModelInfo& info,
                                            std::uint64_t item) const;

private:
    const Sample& draw_sample(Dice& dice) const;
    Crop draw_crop(const Augmentation& augmentation, int side, Dice& dice) const;

    std::vector<Sample> samples_;
    std::vector<std::string> paths_;
    std::vector<double> up_to_;  // sums of the samples' weights
    std::vector<float> fill_;
};

}  // namespace landseam::sam::training
