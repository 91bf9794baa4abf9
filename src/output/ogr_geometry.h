// Polygons to and from OGR.
#pragma once

#include "landseam/core/polygon.h"

#include <memory>

#include <ogr_geometry.h>

namespace landseam::output {

std::unique_ptr<OGRMultiPolygon> to_ogr(const MultiPolygon& polygons);

// The polygons of any geometry, curves as chords, Z and M dropped; empty where there is none.
MultiPolygon from_ogr(const OGRGeometry& geometry);

}  // namespace landseam::output
