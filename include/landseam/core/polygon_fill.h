// Polygons turned into pixels.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"

namespace landseam {

// The pixels of `frame` whose centres lie inside the polygons (pixel coordinates, even-odd rule over all rings of one
// polygon; polygons are united). A centre exactly on an edge counts for the polygon to the right of or below the edge,
// so polygons that share an edge share no pixel.
RunMask fill_polygons(const MultiPolygon& polygons, const PixelBox& frame);

}  // namespace landseam
