// From masks to polygons, without loss.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

namespace landseam::vectors {

// The exact outline of a mask along pixel edges: pixel (0, 0) covers [0, 1] × [0, 1], so every coordinate is
// a whole number and area(trace(m)) == m.area() exactly. One polygon for each set of pixels connected by
// their sides; pixels that meet only at a corner are apart. A hole may touch the outline or another hole in a
// point. Every polygon is valid by OGC Simple Features, and no ring has three vertices in a line.
//
// Outer rings run counterclockwise as seen on the picture (y downwards, so signed_area is negative), which is
// counterclockwise on a north-up map; holes run the other way. Every ring starts at the leftmost of its
// topmost vertices; polygons are sorted by that vertex (y, then x), and so are the holes of each. Time and
// memory follow the number of runs.
MultiPolygon trace(const RunMask& mask);

}  // namespace landseam::vectors
