// Fewer vertices, and validity.
#pragma once

#include "landseam/core/polygon.h"

#include <string>

namespace landseam::vectors {

// Drops vertices so that no outline moves by more than `tolerance`, in the units of the polygons. Rings
// neither vanish nor cross; where the simplified polygons would be invalid they are repaired (make_valid).
// The result is valid, and not empty unless the input is: what cannot be simplified comes back as it was. A
// tolerance of 0 changes nothing; a negative or infinite one is an Error of kind usage. Source: GEOS,
// TopologyPreservingSimplifier (Douglas and Peucker 1973).
MultiPolygon simplify(const MultiPolygon& polygons, double tolerance);

// Whether all polygons together form a valid OGC MultiPolygon; if not, `reason` (where given) says why and
// where.
bool is_valid(const MultiPolygon& polygons, std::string* reason = nullptr);

// The valid polygons that cover the same ground: what is valid comes back unchanged, lines and points left
// over by the repair are dropped, so that the result may be empty. Polygons that overlap are united. Source:
// GEOSMakeValidWithParams, structure method.
MultiPolygon make_valid(const MultiPolygon& polygons);

}  // namespace landseam::vectors
