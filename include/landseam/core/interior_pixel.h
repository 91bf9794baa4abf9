// Where to point at an object.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

#include <optional>

namespace landseam {

struct InteriorPixel {
    std::int32_t x = 0;
    std::int32_t y = 0;
    double depth = 0;  // pixels from its centre to the nearest centre of a pixel outside the mask; at least 1
};

// The pixel of the mask farthest from everything outside it, in the mask's frame: the centre of the largest
// disc that fits, so that it lies on the object however bent that is. Among equals the one nearest to the
// mask's centre of gravity, then the topmost, then the leftmost. Nothing for an empty mask. Time and memory
// follow the area of the mask's bounds. Source: Felzenszwalb and Huttenlocher 2012, "Distance Transforms of
// Sampled Functions".
std::optional<InteriorPixel> most_interior_pixel(const RunMask& mask);

// The most interior place of polygons, to a `side`-th of their longer side: they are looked at as a picture
// that long. The middle of their bounds where no pixel of that has its centre in them.
Point interior_place(const MultiPolygon& polygons, double side);

}  // namespace landseam
