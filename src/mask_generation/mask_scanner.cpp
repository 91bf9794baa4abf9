#include "mask_generation/mask_scanner.h"

#include <cstring>

namespace landseam::mask_generation {

namespace {

// Marks, each 0 or 1, as bits, the first one lowest; beyond `count` zeros.
std::uint64_t marks_word(const std::uint8_t* marks, int count) {
    std::uint64_t word = 0;
    if (count < 64) {
        for (int i = 0; i < count; ++i) word |= std::uint64_t{marks[i]} << i;
        return word;
    }
    for (int i = 0; i < 8; ++i) {
        std::uint64_t bytes;  // little-endian: the multiplication brings bit 8 k to bit 56 + k
        std::memcpy(&bytes, marks + 8 * i, sizeof bytes);
        word |= bytes * 0x0102040810204080U >> 56 << 8 * i;
    }
    return word;
}

}  // namespace

MaskScanner::MaskScanner(const UpscalePlan& plan, float threshold, float offset)
    : plan_(plan),
      thresholds_{threshold, threshold - offset, threshold + offset},
      spans_(plan, thresholds_),
      inside_(plan.picture.width) {
    resizers_.reserve(plan.steps.size());  // they point to one another
    resizers_.emplace_back(plan.steps[0], plan.low_res_size, nullptr);
    if (plan.steps.size() > 1)
        resizers_.emplace_back(plan.steps[1], static_cast<int>(plan.steps[0].columns.first.size()),
                               &resizers_[0]);
}

void MaskScanner::scan(const float* logits, int x, int y, const ImageU8* valid) {
    above_high_ = above_low_ = 0;
    runs_.clear();
    spans_.set_logits(logits);
    resizers_.front().set_logits(logits);
    for (int row = 0; row < plan_.picture.height; ++row)
        scan_row(row, x, y + row, valid ? valid->row(y + row) + x : nullptr);
}

void MaskScanner::scan_row(int row, int x, int y, const std::uint8_t* valid) {
    RowResizer& resizer = resizers_.back();
    const std::vector<LogitSpan>& spans = spans_.of_row(row);
    if (spans_.changed()) {
        resizer.forget_columns();
        for (const LogitSpan& span : spans)
            if (!span.above) resizer.add_columns(span.begin, span.end);
    }
    if (spans.empty()) return;
    const RowStretch rows = resizer.around(row);
    for (const LogitSpan& span : spans) {
        const int begin = span.begin, count = span.end - span.begin;
        const std::uint8_t* const span_valid = valid ? valid + begin : nullptr;
        std::uint8_t* const marks = inside_.data();
        PixelCounts pixels{count, count, count};
        if (!span.above)
            pixels = mask_generation::scan({rows.first + begin, rows.second + begin, rows.weight, count},
                                           thresholds_, span_valid, marks);
        else if (valid)
            pixels.mask = pixels.low = pixels.high = mark_valid(span_valid, count, marks);
        above_low_ += pixels.low;
        above_high_ += pixels.high;
        if (pixels.mask == 0) continue;
        if (pixels.mask == count)
            add_run(y, x + begin, x + span.end);
        else
            add_runs(marks, count, x + begin, y);
    }
}

void MaskScanner::add_run(int y, int begin, int end) {
    if (!runs_.empty() && runs_.back().y == y && runs_.back().x_end == begin)
        runs_.back().x_end = end;
    else
        runs_.push_back({y, begin, end});
}

// 64 marks at a time as the bits of a word, whose changes from one bit to the next are where runs begin and end.
void MaskScanner::add_runs(const std::uint8_t* marks, int count, int x, int y) {
    std::uint64_t last = 0;  // mark before the word
    int begin = 0;
    for (int first = 0; first < count; first += 64) {
        const std::uint64_t word = marks_word(marks + first, count - first);
        std::uint64_t changes = word ^ (word << 1 | last);
        last = word >> 63;
        for (; changes != 0; changes &= changes - 1) {
            const int bit = __builtin_ctzll(changes);
            if (word >> bit & 1)
                begin = first + bit;
            else
                add_run(y, x + begin, x + first + bit);
        }
    }
    if (last) add_run(y, x + begin, x + count);
}

float MaskScanner::stability_score() const {
    return static_cast<float>(above_high_) / static_cast<float>(above_low_);
}

}  // namespace landseam::mask_generation
