// Points of any coordinate reference system brought onto a scene's pixels.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/raster/scene_info.h"

#include <string>
#include <vector>

namespace landseam::raster {

// Scene pixels, along pixel edges, of points given with easting or longitude first. `crs` is anything GDAL
// understands as a CRS ("EPSG:4326"), "pixels" for scene pixels, or empty for the scene's own coordinates.
// Throws Error for a CRS that is none or that the scene cannot be placed in, and for points without a place.
std::vector<Point> place_points(const std::vector<Point>& points, const std::string& crs,
                                const SceneInfo& scene);

}  // namespace landseam::raster
