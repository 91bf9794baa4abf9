// Objects of a label raster, from its rows.
#pragma once

#include "landseam/core/run_mask.h"
#include "landseam/vectors/coverage.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace landseam::vectors {

struct LabelledMask {
    std::int64_t label = 0;
    RunMask mask;
};

// Joins the runs of a label raster, given row by row, into connected regions of one label. Memory follows the
// regions that the last row still touches.
class LabelSweep {
public:
    // Pixels of one label are connected by their sides, or (`diagonal`) by their corners too.
    explicit LabelSweep(bool diagonal = false);
    ~LabelSweep();

    // Rows come from top to bottom; those without runs may be left out. Neighbouring runs differ in their
    // label.
    void add_row(std::int32_t y, const std::vector<LabelRun>& runs);
    // No row follows.
    void finish();
    // The regions finished since the last call, in the order of their last row, then of their first pixel.
    std::vector<LabelledMask> take_finished();
    // First row that unfinished regions have pixels in; `otherwise` if there are none.
    std::int32_t first_unfinished_row(std::int32_t otherwise) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace landseam::vectors
