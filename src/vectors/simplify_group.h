// Fewer vertices for polygons that share edges, which stay shared.
#pragma once

#include "vectors/geos.h"

#include <vector>

namespace landseam::vectors {

// Simplifies the lines between the points where outlines of the polygons meet, cross or part, each line once,
// by up to `tolerance`, and puts the polygons together from what lies between them: an edge that two of them
// shared is one line for both. Polygons may overlap. A polygon of which too little is left comes back empty.
// Source for the lines: GEOS, TopologyPreservingSimplifier.
std::vector<MultiPolygon> simplify_together(const Geos& geos,
                                            const std::vector<const MultiPolygon*>& polygons,
                                            double tolerance);

}  // namespace landseam::vectors
