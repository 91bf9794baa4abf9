// Outlines that run along the edges of pixels.
#pragma once

#include "landseam/core/polygon.h"

#include <vector>

namespace landseam::vectors {

// The side of the pixels that most of the polygons were traced along, in their units: of staircases, all of
// whose corners are right angles, the median of each one's shortest edge. 0 where most polygons are something
// else. What is drawn by hand has fewer corners than the twelve that are asked for here, or other angles.
double pixel_side(const std::vector<MultiPolygon>& polygons);

}  // namespace landseam::vectors
