#include "mask_generation/row_resizer.h"

#include <algorithm>
#include <cstddef>

namespace landseam::mask_generation {

RowResizer::RowResizer(const ResizeStep& step, int source_width, RowResizer* below)
    : step_(step), source_width_(source_width), below_(below), row_(step.columns.first.size()) {
    for (Widened& widened : widened_) widened.values.resize(row_.size());
}

void RowResizer::forget_columns() {
    columns_.clear();
    for (Widened& widened : widened_) widened.y = -1;
    if (below_) below_->forget_columns();
}

void RowResizer::add_columns(int begin, int end) {
    if (!columns_.empty() && begin <= columns_.back().end)
        columns_.back().end = std::max(columns_.back().end, end);
    else
        columns_.push_back({begin, end});
    if (below_) below_->add_columns(step_.columns.first[begin], step_.columns.second[end - 1] + 1);
}

RowStretch RowResizer::around(int y) {
    const float* const first = widened(step_.rows.first[y]);
    const float* const second = widened(step_.rows.second[y]);
    return {first, second, step_.rows.weight[y], static_cast<int>(row_.size())};
}

const float* RowResizer::row(int y) {
    const RowStretch rows = around(y);
    for (const Columns& c : columns_)
        interpolate({rows.first + c.begin, rows.second + c.begin, rows.weight, c.end - c.begin},
                    row_.data() + c.begin);
    return row_.data();
}

// The two rows of a sample are neighbours, so one does not displace the other.
const float* RowResizer::widened(int y) {
    Widened& slot = widened_[y % 2];
    if (slot.y == y) return slot.values.data();
    const float* const from =
        below_ ? below_->row(y) : logits_ + static_cast<std::ptrdiff_t>(y) * source_width_;
    const ResizeTaps& taps = step_.columns;
    for (const Columns& c : columns_)
        resize_line(from, taps.first.data() + c.begin, taps.second.data() + c.begin,
                    taps.weight.data() + c.begin, c.end - c.begin, slot.values.data() + c.begin);
    slot.y = y;
    return slot.values.data();
}

}  // namespace landseam::mask_generation
