// What lies under each segment: mean and standard deviation of every band, gathered window by window.
#pragma once

#include <cstdint>
#include <vector>

#include "landseam/core/image.h"
#include "landseam/core/tile_mask.h"

namespace landseam::segments {

// Mean and spread of the valid pixels seen so far; parts combine exactly enough in any grouping.
// Source: Chan, Golub, LeVeque 1979, pairwise update of mean and sum of squared deviations.
struct Moments {
    std::int64_t count = 0;
    double mean = 0;
    double squared_deviations = 0;

    void combine(const Moments& other);
    // Population standard deviation; 0 for fewer than two pixels.
    double standard_deviation() const;
};

// Per segment: one entry a band, in original units, and whether invalid ground adjoins the segment.
struct SegmentStatistics {
    std::vector<Moments> bands;
    bool touches_invalid = false;
};

// The part of a segment's statistics that one window holds. `window` was read at `frame` (scene pixels) with a margin
// of one pixel on each side where the scene goes on: `frame` is `core` grown by that margin. Only pixels of `core` count, so
// that windows whose cores partition the scene count every pixel once.
SegmentStatistics window_statistics(const RunMask& mask, const RasterWindow& window, const PixelBox& frame,
                                    const PixelBox& core);

void combine(SegmentStatistics& into, const SegmentStatistics& part);

}  // namespace landseam::segments
