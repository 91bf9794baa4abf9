#include "mask_generation/upscale_plan.h"

#include <algorithm>
#include <cstddef>

namespace landseam::mask_generation {
namespace {

// The first `wanted` of the `to` samples that resize a line of `from` values, placed as PyTorch places them.
ResizeTaps resize_taps(int from, int to, int wanted) {
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    ResizeTaps taps;
    for (int i = 0; i < wanted; ++i) {
        const float position = std::max(scale * (static_cast<float>(i) + 0.5F) - 0.5F, 0.0F);
        const int first = std::min(static_cast<int>(position), from - 1);
        taps.first.push_back(first);
        taps.second.push_back(std::min(first + 1, from - 1));
        taps.weight.push_back(position - static_cast<float>(first));
    }
    return taps;
}

// Of the samples of `last`, whose lines are made by `steps_before`.
Footprint footprint(const std::vector<ResizeStep>& steps, ResizeTaps ResizeStep::*side) {
    const ResizeTaps& nearest = steps.back().*side;
    Footprint result{nearest.first, nearest.second};
    for (std::size_t step = steps.size() - 1; step-- > 0;) {
        const ResizeTaps& below = steps[step].*side;
        for (int& sample : result.first) sample = below.first[sample];
        for (int& sample : result.last) sample = below.second[sample];
    }
    return result;
}

}  // namespace

UpscalePlan::UpscalePlan(int low_res_size_, int model_size, sam::PictureSize input, sam::PictureSize picture_)
    : low_res_size(low_res_size_), picture(picture_) {
    steps.push_back({resize_taps(low_res_size, model_size, input.width),
                     resize_taps(low_res_size, model_size, input.height)});
    if (!(input == picture))
        steps.push_back({resize_taps(input.width, picture.width, picture.width),
                         resize_taps(input.height, picture.height, picture.height)});
    columns = footprint(steps, &ResizeStep::columns);
    rows = footprint(steps, &ResizeStep::rows);
}

}  // namespace landseam::mask_generation
