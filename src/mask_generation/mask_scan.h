// From the logits of one mask to the mask, one row at a time.
#pragma once

#include "landseam/core/run_mask.h"

#include <cstdint>
#include <vector>

namespace landseam::mask_generation {

// Takes the rows of one mask's logits from top to bottom and gathers in one pass what the generator needs.
class MaskScan {
public:
    // Pixels above `threshold` are the mask's; `offset` is that of the stability score.
    MaskScan(float threshold, float offset);

    // The next row of `width` logits, the first pixel of which is (x, y) in the frame of the mask. With
    // `valid`, pixels where it is 0 count for nothing.
    void add_row(const float* logits, int width, int x, int y, const std::uint8_t* valid = nullptr);

    // Pixels above threshold + offset over pixels above threshold − offset: the IoU of the two, since one
    // holds the other. NaN if there are none of either. Source: segment_anything/utils/amg.py,
    // calculate_stability_score.
    float stability_score() const;

    // Empties the scan.
    RunMask take_mask();

private:
    // The runs of a row that has `pixels` pixels of the mask.
    void append_runs(const float* logits, int width, int x, int y, int pixels);

    float threshold_, high_, low_;
    std::int64_t above_high_ = 0;
    std::int64_t above_low_ = 0;
    // Of the current row: kept only so as not to allocate them for each.
    std::vector<float> valid_logits_;
    std::vector<std::uint8_t> inside_;
    std::vector<Run> runs_;
};

}  // namespace landseam::mask_generation
