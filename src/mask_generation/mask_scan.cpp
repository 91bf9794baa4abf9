#include "mask_generation/mask_scan.h"

#include <cstring>
#include <limits>
#include <utility>

namespace landseam::mask_generation {

MaskScan::MaskScan(float threshold, float offset)
    : threshold_(threshold), high_(threshold + offset), low_(threshold - offset) {}

void MaskScan::add_row(const float* logits, int width, int x, int y, const std::uint8_t* valid) {
    if (valid) {
        valid_logits_.resize(width);
        for (int i = 0; i < width; ++i)
            valid_logits_[i] = valid[i] ? logits[i] : -std::numeric_limits<float>::infinity();
        logits = valid_logits_.data();
    }
    // Local copies and a loop without branches, which the compiler turns into vector code.
    const float threshold = threshold_, high = high_, low = low_;
    int above = 0, above_high = 0, above_low = 0;
    for (int i = 0; i < width; ++i) {
        above += logits[i] > threshold;
        above_high += logits[i] > high;
        above_low += logits[i] > low;
    }
    above_high_ += above_high;
    above_low_ += above_low;
    if (above > 0) append_runs(logits, width, x, y, above);
}

void MaskScan::append_runs(const float* logits, int width, int x, int y, int pixels) {
    inside_.resize(width);
    const float threshold = threshold_;
    std::uint8_t* const inside = inside_.data();
    for (int i = 0; i < width; ++i) inside[i] = logits[i] > threshold;
    const std::uint8_t* at = inside;
    while (pixels > 0) {
        const auto* const begin = static_cast<const std::uint8_t*>(std::memchr(at, 1, inside + width - at));
        const void* const end = std::memchr(begin, 0, inside + width - begin);
        at = end ? static_cast<const std::uint8_t*>(end) : inside + width;
        runs_.push_back({y, x + static_cast<int>(begin - inside), x + static_cast<int>(at - inside)});
        pixels -= static_cast<int>(at - begin);
    }
}

float MaskScan::stability_score() const {
    return static_cast<float>(above_high_) / static_cast<float>(above_low_);
}

RunMask MaskScan::take_mask() {
    above_high_ = above_low_ = 0;
    return RunMask::from_sorted_runs(std::exchange(runs_, {}));
}

}  // namespace landseam::mask_generation
