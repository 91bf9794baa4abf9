// How much two outlines of one thing differ.
#pragma once

#include "landseam/core/polygon.h"

namespace landseam::vectors {

// In the units of the polygons.
struct OutlineDistance {
    double mean = 0;
    double largest = 0;
};

// Distances from places along each outline (all rings), at most `step` apart, to the nearest place on the
// other, of both directions together; `largest` is the Hausdorff distance up to half a step. NaN where either
// has no outline. Throws Error (usage) for a step that is not positive.
OutlineDistance outline_distance(const MultiPolygon& a, const MultiPolygon& b, double step);

// Intersection over union of two sets of polygons, valid or not; 0 where both are without area.
double intersection_over_union(const MultiPolygon& a, const MultiPolygon& b);

}  // namespace landseam::vectors
