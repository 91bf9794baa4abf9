// Polygons, and geometries of other kinds, from any vector layer that GDAL can read.
#pragma once

#include "landseam/output/layer_sink.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::output {

struct ReadLayer {
    std::string crs_wkt;  // of the geometries below: WKT 2; empty where there is none
    std::vector<std::string> field_names;
    std::vector<FieldDefinition> fields;  // the same, with their types
    std::vector<Feature> features;        // `id` is the FID
    std::int64_t skipped = 0;             // features left out because they have no polygon
};

// Reads the polygons of one layer, longitude or easting first. Curves become chords, Z and M are dropped,
// parts of collections that are no polygons too. Integers, booleans and reals keep their type; everything
// else becomes text. `layer` may be empty where the file has only one. With `to_crs_wkt` the geometries are
// brought into that CRS. Throws Error: no such file or layer, no vector data, no polygon in it, no CRS to
// come from, points outside the CRS's domain.
ReadLayer read_layer(const std::string& path, const std::string& layer = "",
                     const std::string& to_crs_wkt = "");

// Rows of a table, with or without geometries.
struct Table {
    std::vector<FieldDefinition> fields;
    std::vector<std::vector<FieldValue>> rows;  // as many values as fields
};

// Reads the attributes of one layer or table of any format that GDAL can read (CSV, dBASE, GeoPackage …); of
// CSV the types are guessed from the values. Throws Error: no such file or table.
Table read_table(const std::string& path, const std::string& layer = "");

// A planar CRS in which these polygons of the CRS `crs_wkt` can be measured in metres: that one, if it is
// projected, counts metres and is no Mercator projection; else Lambert's azimuthal equal-area projection
// around their middle, on the same datum. Empty where there is no CRS or it is a local one: then there is
// nothing to bring them into.
std::string measuring_crs(const std::string& crs_wkt, const std::vector<Feature>& features);

// A feature of any kind: points, lines, polygons, or several of them.
struct MixedFeature {
    std::int64_t id = 0;  // the FID
    std::vector<Point> points;
    std::vector<std::vector<Point>> lines;
    MultiPolygon polygons;
    std::vector<FieldValue> values;
};

struct MixedLayer {
    std::string crs_wkt;  // as in ReadLayer
    std::vector<FieldDefinition> fields;
    std::vector<MixedFeature> features;
    std::int64_t skipped = 0;  // features left out because they have no geometry
};

// As read_layer, but takes geometries of every kind. Vertices are brought into the other CRS, edges stay
// straight. A layer that names no CRS is taken to be in `assumed_crs`, anything GDAL understands as a CRS
// ("EPSG:4326"); empty: that is an Error where `to_crs_wkt` is given.
MixedLayer read_mixed_layer(const std::string& path, const std::string& layer = "",
                            const std::string& to_crs_wkt = "", const std::string& assumed_crs = "");

}  // namespace landseam::output
