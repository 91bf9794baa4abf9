// Repair of ragged masks: small holes are filled, small islands removed.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/core/run_mask.h"

#include <cstdint>

namespace landseam::mask_generation {

struct RegionRepair {
    RunMask mask;
    bool changed = false;  // a region was below the threshold, even if it was kept as the only one
};

// Regions are 8-connected. Source: segment_anything/utils/amg.py, remove_small_regions.

// Fills each region of `frame` outside the mask that has fewer than `min_area` pixels; also one that reaches
// the frame's edge. The mask lies in the frame.
RegionRepair fill_small_holes(const RunMask& mask, const PixelBox& frame, std::int64_t min_area);

// Removes each region of the mask of fewer than `min_area` pixels; if all are, the largest stays (of equal
// ones the first in reading order).
RegionRepair remove_small_islands(const RunMask& mask, std::int64_t min_area);

// Holes, then islands. With `valid`, pixels outside it stay out of the mask, and holes made of them alone do
// not count as changed.
RegionRepair repair_small_regions(const RunMask& mask, const PixelBox& frame, std::int64_t min_area,
                                  const RunMask* valid = nullptr);

}  // namespace landseam::mask_generation
