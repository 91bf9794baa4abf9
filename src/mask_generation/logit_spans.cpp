#include "mask_generation/logit_spans.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace landseam::mask_generation {
namespace {

// Spans begin and end at multiples of this where they may, which suits vector loops; and what is known
// without computing must be this wide to be worth a span of its own.
constexpr int grain = 16;
constexpr int narrowest_known = 2 * grain;

// No sample leaves the range of its neighbours by more: rounding moves it by some 2^-23 of the larger of them
// a step.
float rounding_margin(float value) {
    return std::abs(value) * 1e-5F + 1e-30F;
}

// Beyond this a sum of two might be infinite, and an infinity times a weight of zero NaN.
constexpr float largest_known = 1e30F;

// One past the last of the equal values from `begin` on.
int end_of_equal(const std::uint8_t* values, int begin, int end) {
    const std::uint8_t value = values[begin];
    std::uint64_t pattern, word;
    std::memset(&pattern, value, sizeof pattern);
    int at = begin + 1;
    for (; at + 8 <= end; at += 8) {
        std::memcpy(&word, values + at, sizeof word);
        if (word != pattern) break;
    }
    while (at < end && values[at] == value) ++at;
    return at;
}

int rounded_up(int value) {
    return (value + grain - 1) / grain * grain;
}
int rounded_down(int value) {
    return value / grain * grain;
}

}  // namespace

LogitSpans::LogitSpans(const UpscalePlan& plan, const MaskThresholds& thresholds)
    : plan_(plan),
      limits_{thresholds.low - rounding_margin(thresholds.low),
              thresholds.high + rounding_margin(thresholds.high), largest_known},
      classes_(static_cast<std::size_t>(plan.low_res_size) * plan.low_res_size),
      combined_(plan.low_res_size) {
    const Footprint& columns = plan.columns;
    for (int c = 0; c <= plan.low_res_size; ++c) {
        const auto from = std::lower_bound(columns.first.begin(), columns.first.end(), c);
        const auto before = std::lower_bound(columns.last.begin(), columns.last.end(), c);
        begin_from_.push_back(static_cast<int>(from - columns.first.begin()));
        end_before_.push_back(static_cast<int>(before - columns.last.begin()));
    }
}

void LogitSpans::set_logits(const float* logits) {
    classify(logits, classes_.size(), limits_, classes_.data());
    first_row_ = last_row_ = -1;
}

const std::vector<LogitSpan>& LogitSpans::of_row(int y) {
    const int first = plan_.rows.first[y], last = plan_.rows.last[y];
    changed_ = first != first_row_ || last != last_row_;
    if (changed_) find(first, last);
    return spans_;
}

void LogitSpans::combine_rows(int first_row, int last_row) {
    const std::size_t width = combined_.size();
    const std::uint8_t* const classes = classes_.data() + first_row * width;
    std::uint8_t* const combined = combined_.data();
    std::copy_n(classes, width, combined);
    for (std::size_t row = 1; row <= static_cast<std::size_t>(last_row - first_row); ++row)
        for (std::size_t c = 0; c < width; ++c) combined[c] |= classes[row * width + c];
}

void LogitSpans::find(int first_row, int last_row) {
    first_row_ = first_row, last_row_ = last_row;
    combine_rows(first_row, last_row);
    spans_.clear();
    const int columns = plan_.low_res_size, width = plan_.picture.width;
    int done = 0;  // columns of the picture that spans_ tells of
    for (int c = 0, next = 0; c < columns; c = next) {
        next = end_of_equal(combined_.data(), c, columns);
        if (combined_[c] == unsure) continue;
        const int begin = rounded_up(begin_from_[c]);
        const int end = end_before_[next] == width ? width : rounded_down(end_before_[next]);
        if (end - begin < std::min(narrowest_known, width)) continue;
        if (done < begin) spans_.push_back({done, begin, false});
        if (combined_[c] == surely_above) spans_.push_back({begin, end, true});
        done = end;
    }
    if (done < width) spans_.push_back({done, width, false});
}

}  // namespace landseam::mask_generation
