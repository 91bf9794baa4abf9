// Layers of polygons with attributes, and where they go.
#pragma once

#include "landseam/core/polygon.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace landseam::output {

enum class FieldType { integer64, real, text, boolean };

struct FieldDefinition {
    std::string name;
    FieldType type = FieldType::text;
    int width = 0;      // characters at most; 0 leaves it to the format
    int precision = 0;  // decimals; 0 leaves it to the format
};

// Null, whole number (also booleans: 0 or 1), real number, text in UTF-8.
using FieldValue = std::variant<std::monostate, std::int64_t, double, std::string>;

struct Feature {
    // Unique in its layer; becomes the FID where the format keeps one (GeoPackage, GeoJSON). Where it shall
    // be an attribute in every format, it is a field too.
    std::int64_t id = 0;
    MultiPolygon geometry;           // world coordinates, easting or longitude first
    std::vector<FieldValue> values;  // as many as the layer has fields, in their order
};

struct LayerOptions {
    std::string path;        // the extension decides the format: see layer_extensions()
    std::string layer_name;  // empty: the file's name without its extension
    std::string crs_wkt;     // of the features; empty: no CRS, coordinates are written as they come
    // Of the layer, as anything GDAL understands ("EPSG:4326", WKT, PROJ); empty: crs_wkt. Straight edges get
    // vertices so that they stay within `max_deviation` of where they were; 0: as they are.
    std::string target_crs;
    double max_deviation = 0;  // in units of crs_wkt
    std::vector<FieldDefinition> fields;
    bool overwrite = false;
    // GeoPackage: a style for QGIS is stored with the layer, with a colour for each value of this field
    // (up to 64), or one colour where it is empty.
    std::string style_field;
    // PostGIS: rows whose field `scene` holds this are replaced, others stay.
    std::string scene;
    bool null_geometries = false;  // features without a polygon are written, too, with no geometry
    std::vector<std::string> dataset_creation_options;  // GDAL's, NAME=VALUE; they go before landseam's own
    std::vector<std::string> layer_creation_options;
    std::map<std::string, std::string> metadata;   // about the whole file; only GeoPackage has a place for it
    std::function<void(const std::string&)> warn;  // told of shortened names and other losses; may be empty

    // Throws Error of kind usage: no path, an unknown format, field names empty or twice.
    void validate() const;
};

// Takes features one by one, from one thread at a time.
class LayerSink {
public:
    virtual ~LayerSink() = default;
    // Throws Error: values that do not fit the fields, no polygon, coordinates that are not finite, a full
    // disk.
    virtual void write(const Feature& feature) = 0;
    // Adds to LayerOptions::metadata what is known only now; before close().
    virtual void add_metadata(const std::string& key, const std::string& value) = 0;
    // Finishes the layer and puts it in its place, whole, replacing what was there. A sink destroyed without
    // close() leaves everything as it was.
    virtual void close() = 0;
};

// Keeps the features; for tests, and for work that goes on with them.
class MemoryLayer : public LayerSink {
public:
    void write(const Feature& feature) override { features.push_back(feature); }
    void add_metadata(const std::string& key, const std::string& value) override { metadata[key] = value; }
    void close() override { closed = true; }

    std::vector<Feature> features;
    std::map<std::string, std::string> metadata;
    bool closed = false;
};

// Opens a layer for writing. All geometries are MultiPolygons, also those of one part. What the formats do:
// - .gpkg: GeoPackage with a spatial index. Without CRS: srs_id −1, undefined Cartesian.
// - .shp: Shapefile in UTF-8 (.cpg) with a spatial index (.qix); all its files appear together.
//   Field names are shortened to ten bytes (shapefile_field_names). An Error at its limit of 2 GB.
// - .geojson, .json: RFC 7946, longitude and latitude on WGS 84 with nine decimals (0.1 mm), outer rings
//   counterclockwise, cut at the antimeridian. Without CRS: the coordinates as they are, and "crs": null.
// - .fgb: FlatGeobuf with a spatial index, which also decides the order of the features. Those
//   without geometry are left out, with a warning.
// - .parquet: GeoParquet, where GDAL has the driver.
// - PG:…: a PostGIS table, in one transaction that close() ends: without it nothing has changed. It gets a
// field
//   `scene`; where the table exists its rows of this scene are replaced (that needs no `overwrite`), and it
//   must have the fields and the CRS; with `overwrite` it is made anew.
//
// Real numbers that are not finite become null. Equal features give equal bytes, but for the time of writing
// in a GeoPackage and the date in a Shapefile's .dbf; where the environment sets SOURCE_DATE_EPOCH (seconds
// since 1970), that time is written instead.
//
// Throws Error: unknown extension, missing or read-only folder, an output that exists (unless `overwrite`), a
// CRS that GDAL cannot read.
std::unique_ptr<LayerSink> open_layer(const LayerOptions& options);

// The extensions that open_layer can write with the drivers that GDAL has here: ".gpkg", …
std::vector<std::string> layer_extensions();

// What a Shapefile calls fields of these names: ten bytes at most, unique without regard to case. Longer
// names are cut ("predicted_iou" → "predicted_"); of those that would meet, the later get a number
// ("predicted1").
std::vector<std::string> shapefile_field_names(const std::vector<FieldDefinition>& fields);

}  // namespace landseam::output
