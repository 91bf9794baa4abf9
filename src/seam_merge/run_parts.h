// Run-length operations the merge needs: connected parts, widening, and overlap part by part.
#pragma once

#include "landseam/core/run_mask.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace landseam::seam_merge {

// For each run of the mask the number of the connected part (4 neighbours) it belongs to; parts are numbered
// by their first run.
struct Parts {
    std::vector<int> of_run;
    int count = 0;
};
Parts connected_parts(const RunMask& mask);

// The pixels within `radius` of the mask, in columns and in rows.
RunMask widened(const RunMask& mask, int radius);

// Rows by ascending first pixel: a total order over masks.
bool comes_before(const RunMask& a, const RunMask& b);

// Calls emit(i, j, pixels) for each run i of a and j of b that share pixels.
template <typename Emit>
void for_each_shared_run(const RunMask& a, const RunMask& b, Emit emit) {
    const std::vector<Run>&runs_a = a.runs(), &runs_b = b.runs();
    for (std::size_t i = 0, j = 0; i < runs_a.size() && j < runs_b.size();) {
        const Run &run_a = runs_a[i], &run_b = runs_b[j];
        if (run_a.y != run_b.y) {
            run_a.y < run_b.y ? ++i : ++j;
            continue;
        }
        const std::int64_t shared =
            std::min(run_a.x_end, run_b.x_end) - std::max(run_a.x_begin, run_b.x_begin);
        if (shared > 0) emit(i, j, shared);
        run_a.x_end < run_b.x_end ? ++i : ++j;
    }
}

}  // namespace landseam::seam_merge
