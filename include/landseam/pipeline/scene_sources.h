// What lists of scenes are made from: files anywhere, tables, areas, the headers of rasters.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/raster/scene_assets.h"
#include "landseam/raster/source_files.h"

#include <string>
#include <utility>
#include <vector>

namespace landseam::pipeline {

// The polygons of a vector file in any CRS, in degrees on WGS 84, longitude first. Throws Error as
// output::read_layer does.
MultiPolygon read_area_in_degrees(const std::string& path);

// The rows of a table (CSV …) as text: for each the fields that are not empty, with their names. Throws Error
// as output::read_table does.
using TableRow = std::vector<std::pair<std::string, std::string>>;
std::vector<TableRow> read_rows(const std::string& path);

}  // namespace landseam::pipeline
