#include "mask_generation/row_upscaler.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace landseam::mask_generation {

// One resize, made row by row out of the rows of what it resizes.
class RowUpscaler::Stage {
public:
    // source(y) gives row y, which need live only until the next call.
    Stage(const Step& step, std::function<const float*(int)> source)
        : step_(step), source_(std::move(source)), row_(step.columns.size()) {
        for (Widened& widened : widened_) widened.values.resize(step.columns.size());
    }

    // Lives until the next call.
    const float* row(int y) {
        const Tap& tap = step_.rows[y];
        const float* const first = widened(tap.first);
        const float* const second = widened(tap.second);
        const float weight = tap.weight, rest = 1 - weight;
        float* const out = row_.data();
        const std::size_t width = row_.size();
        for (std::size_t x = 0; x < width; ++x) out[x] = first[x] * rest + second[x] * weight;
        return out;
    }

private:
    struct Widened {
        int y = -1;
        std::vector<float> values;
    };

    // Source row y at the new width. The two rows of a tap are neighbours, so one does not displace the
    // other.
    const float* widened(int y) {
        Widened& slot = widened_[y % 2];
        if (slot.y != y) {
            const float* const from = source_(y);
            float* const out = slot.values.data();
            const Tap* const columns = step_.columns.data();
            const std::size_t width = slot.values.size();
            for (std::size_t x = 0; x < width; ++x)
                out[x] = from[columns[x].first] * (1 - columns[x].weight) +
                         from[columns[x].second] * columns[x].weight;
            slot.y = y;
        }
        return slot.values.data();
    }

    const Step& step_;
    std::function<const float*(int)> source_;
    std::array<Widened, 2> widened_;
    std::vector<float> row_;
};

// The first `wanted` of the `to` samples that resize a line of `from` values, placed as PyTorch places them.
std::vector<RowUpscaler::Tap> RowUpscaler::taps(int from, int to, int wanted) {
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    std::vector<Tap> result(wanted);
    for (int i = 0; i < wanted; ++i) {
        const float position = std::max(scale * (static_cast<float>(i) + 0.5F) - 0.5F, 0.0F);
        const int first = std::min(static_cast<int>(position), from - 1);
        result[i] = {first, std::min(first + 1, from - 1), position - static_cast<float>(first)};
    }
    return result;
}

RowUpscaler::RowUpscaler(int low_res_size, int model_size, sam::PictureSize input, sam::PictureSize picture)
    : low_res_size_(low_res_size),
      picture_is_input_(input == picture),
      to_model_{taps(low_res_size, model_size, input.width), taps(low_res_size, model_size, input.height)},
      to_picture_{taps(input.width, picture.width, picture.width),
                  taps(input.height, picture.height, picture.height)} {}

void RowUpscaler::for_each_row(const float* logits,
                               const std::function<void(int, const float*)>& emit) const {
    Stage model_rows(to_model_,
                     [&](int y) { return logits + static_cast<std::ptrdiff_t>(y) * low_res_size_; });
    Stage picture_rows(to_picture_, [&](int y) { return model_rows.row(y); });
    Stage& last = picture_is_input_ ? model_rows : picture_rows;
    for (int y = 0; y < static_cast<int>(to_picture_.rows.size()); ++y) emit(y, last.row(y));
}

}  // namespace landseam::mask_generation
