// Where a mask at the picture's size is known without resizing its logits.
#pragma once

#include "mask_generation/scan_kernels.h"
#include "mask_generation/upscale_plan.h"

#include <cstdint>
#include <vector>

namespace landseam::mask_generation {

// Columns [begin, end) of the picture.
struct LogitSpan {
    int begin = 0;
    int end = 0;
    bool above = false;  // surely above all thresholds; otherwise to be found out
};

// A bilinear sample lies between the values it is made of. Where all of those are below the lowest threshold,
// or all above the highest, by more than any rounding, the sample needs no computing: only the surroundings
// of a mask's outline do.
class LogitSpans {
public:
    // `plan` must outlive this.
    LogitSpans(const UpscalePlan& plan, const MaskThresholds& thresholds);

    // Takes another mask's low_res_size² logits; of any values, NaN too.
    void set_logits(const float* logits);

    // The spans of a picture row in rising order, which never overlap; everything between them is below all
    // thresholds. Row after row may have the same.
    const std::vector<LogitSpan>& of_row(int y);

    // True if of_row(y) made new spans rather than giving back those of the call before.
    bool changed() const { return changed_; }

private:
    void find(int first_row, int last_row);
    void combine_rows(int first_row, int last_row);

    const UpscalePlan& plan_;
    ClassLimits limits_;
    // For c from 0 to low_res_size: the first column of the picture made of decoder columns from c on alone;
    // one past the last made of those before c alone.
    std::vector<int> begin_from_;
    std::vector<int> end_before_;

    std::vector<std::uint8_t> classes_;   // of each logit
    std::vector<std::uint8_t> combined_;  // of each decoder column, over the rows in question
    int first_row_ = -1, last_row_ = -1;  // those that spans_ holds for
    bool changed_ = false;
    std::vector<LogitSpan> spans_;
};

}  // namespace landseam::mask_generation
