// One bilinear resize, made row by row and only where it is asked for.
#pragma once

#include "mask_generation/scan_kernels.h"
#include "mask_generation/upscale_plan.h"

#include <array>
#include <vector>

namespace landseam::mask_generation {

class RowResizer {
public:
    // Resizes the rows that `below` makes or, without it, those of set_logits, source_width values each.
    // `step` and `below` must outlive this.
    RowResizer(const ResizeStep& step, int source_width, RowResizer* below);

    void set_logits(const float* logits) { logits_ = logits; }

    // The columns to make from now on, here and below, are those added; they come in rising order.
    void forget_columns();
    void add_columns(int begin, int end);

    // The two rows that row y lies between, at the new width, in the columns asked for. They live until the
    // next call.
    RowStretch around(int y);

private:
    struct Columns {
        int begin, end;
    };
    struct Widened {
        int y = -1;
        std::vector<float> values;
    };

    const float* row(int y);      // lives until the next call
    const float* widened(int y);  // row y of what this resizes

    const ResizeStep& step_;
    int source_width_;
    RowResizer* below_;
    const float* logits_ = nullptr;
    std::vector<Columns> columns_;
    std::array<Widened, 2> widened_;
    std::vector<float> row_;
};

}  // namespace landseam::mask_generation
