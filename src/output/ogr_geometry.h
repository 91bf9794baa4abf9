// Polygons to and from OGR.
#pragma once

#include "landseam/core/polygon.h"

#include <memory>
#include <vector>

#include <ogr_geometry.h>

namespace landseam::output {

std::unique_ptr<OGRMultiPolygon> to_ogr(const MultiPolygon& polygons);

// The polygons of any geometry, curves as chords, Z and M dropped; empty where there is none.
MultiPolygon from_ogr(const OGRGeometry& geometry);

// The points and lines in any geometry, likewise; those of polygons are not among them.
void append_points_and_lines(const OGRGeometry& geometry, std::vector<Point>& points,
                             std::vector<std::vector<Point>>& lines);

}  // namespace landseam::output
