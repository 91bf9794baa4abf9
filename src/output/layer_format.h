// What landseam knows of each vector format.
#pragma once

#include "landseam/output/layer_sink.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::output {

enum class LayerFormat { geopackage, shapefile, geojson, flatgeobuf, geoparquet };

struct FormatDescription {
    LayerFormat format;
    const char* extension;  // lower case, with its dot
    const char* driver;     // GDAL's short name
};

// Whether the path is a connection to PostGIS.
bool is_database(const std::string& path);

// By the extension of the path; throws Error naming those that can be written.
const FormatDescription& format_of(const std::string& path);

// Names of the files beside `path` that belong to a layer of this format.
std::vector<std::string> companions_of(const std::string& path, LayerFormat format);

// Keeps count of a Shapefile's two large parts, both of which end at 2 GB.
class ShapefileSize {
public:
    ShapefileSize(std::string path, std::int64_t record_width)
        : path_(std::move(path)), record_width_(record_width) {}
    // Throws Error if one more polygon of so many rings and vertices (closing ones included) does not fit.
    void add(std::int64_t rings, std::int64_t vertices);

private:
    std::string path_;
    std::int64_t record_width_;  // bytes of one row of attributes, its deletion mark included
    std::int64_t shapes_ = 100;  // bytes of the .shp, which begins with its header
    std::int64_t records_ = 0;
};

}  // namespace landseam::output
