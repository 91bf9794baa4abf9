// From the decoder's small logits to the mask at the picture's size.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/run_mask.h"

#include "mask_generation/logit_spans.h"
#include "mask_generation/row_resizer.h"
#include "mask_generation/scan_kernels.h"
#include "mask_generation/upscale_plan.h"

#include <cstdint>
#include <vector>

namespace landseam::mask_generation {

// Takes one mask after the other and gathers in one pass over the picture's rows what the generator needs. A
// mask at the picture's size costs more to write and read back than to compute, so only a few rows of it
// exist at any time, and of them only what lies near the mask's outline (LogitSpans). The resized logits
// agree with sam::SamPredictor::upscale up to fp32 rounding. For one thread at a time; keeps its memory from
// mask to mask.
class MaskScanner {
public:
    // Pixels above `threshold` are the mask's; `offset`, which is not negative, is that of the stability
    // score. `plan` must outlive this.
    MaskScanner(const UpscalePlan& plan, float threshold, float offset);
    MaskScanner(const MaskScanner&) = delete;
    MaskScanner& operator=(const MaskScanner&) = delete;

    // Scans one mask, low_res_size² logits row by row, the picture's first pixel being (x, y) in the frame of
    // the mask. With `valid`, of that frame, pixels where it is 0 count for nothing.
    void scan(const float* logits, int x, int y, const ImageU8* valid = nullptr);

    // Of the last mask: pixels above threshold + offset over pixels above threshold − offset: the IoU of the
    // two, since one holds the other. NaN if there are none of either. Source: segment_anything/utils/amg.py,
    // calculate_stability_score.
    float stability_score() const;

    RunMask mask() const { return RunMask::from_sorted_runs(runs_); }

private:
    // `row` of the picture is row y of the frame and of `valid`, which holds the frame's row or is null.
    void scan_row(int row, int x, int y, const std::uint8_t* valid);
    void add_run(int y, int begin, int end);
    // The runs of ones among `count` marks, from column x on.
    void add_runs(const std::uint8_t* marks, int count, int x, int y);

    const UpscalePlan& plan_;
    MaskThresholds thresholds_;
    LogitSpans spans_;
    std::vector<RowResizer> resizers_;  // one a step; the last makes the picture's rows
    std::vector<std::uint8_t> inside_;  // of the current row

    std::int64_t above_high_ = 0;
    std::int64_t above_low_ = 0;
    std::vector<Run> runs_;
};

}  // namespace landseam::mask_generation
