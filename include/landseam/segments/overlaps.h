// Masks that lie over one another, brought into an order.
#pragma once

#include "landseam/core/run_mask.h"

#include <cstdint>
#include <vector>

namespace landseam::segments {

// Gives each pixel to the one of the masks over it that comes first in `order` (indices into `masks`, each at
// most once; masks that are not in it get nothing). The results, one for each mask, do not overlap. Time and
// memory follow the number of runs.
std::vector<RunMask> flatten(const std::vector<const RunMask*>& masks, const std::vector<std::size_t>& order);

// Pixels that belong to no mask and lie in a slit between two different ones, at most `width` pixels wide
// along the row or the column: for each mask those nearest to it, that is half of the slit, the middle pixel
// going to the mask on the left or above. Where slits cross, the narrower one counts, along the row if both
// are as wide. The masks do not overlap.
std::vector<RunMask> find_slits(const std::vector<const RunMask*>& masks, int width);

// How many pixels two of the masks share.
struct SharedPixels {
    std::size_t first = 0;  // index of a mask; below `second`
    std::size_t second = 0;
    std::int64_t pixels = 0;
};

// All pairs that share any, sorted. Time and memory follow the numbers of runs and pairs.
std::vector<SharedPixels> shared_pixels(const std::vector<const RunMask*>& masks);

// Where an object stands among parts and wholes.
struct TreePlace {
    std::int64_t parent = -1;  // index of the whole it is a part of; −1: of none
    int depth = 0;             // wholes above it
};

// A mask is part of a larger one that holds at least `share` of its pixels; of several the smallest (the
// first, of equal ones) is its parent.
std::vector<TreePlace> find_parts(const std::vector<const RunMask*>& masks, double share = 0.8);

// Clips parts to their wholes, and lets those with the same parent, or without one, share the ground as
// flatten does. Then any two objects lie apart or one in the other.
std::vector<RunMask> flatten_tree(const std::vector<const RunMask*>& masks,
                                  const std::vector<TreePlace>& places,
                                  const std::vector<std::size_t>& order);

}  // namespace landseam::segments
