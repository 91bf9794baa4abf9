// A small layer with everything in it, and CRS texts.
#pragma once

#include "landseam/output/layer_sink.h"

#include <string>
#include <vector>

#include <ogr_spatialref.h>

namespace landseam::output::testing {

inline std::string wkt_of_epsg(int code) {
    OGRSpatialReference crs;
    crs.importFromEPSG(code);
    const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
    char* text = nullptr;
    crs.exportToWkt(&text, options);
    const std::string wkt = text ? text : "";
    CPLFree(text);
    return wkt;
}

// The EPSG code of a WKT text, or nothing.
inline std::string epsg_of(const std::string& wkt) {
    OGRSpatialReference crs;
    if (wkt.empty() || crs.importFromWkt(wkt.c_str()) != OGRERR_NONE) return "";
    crs.AutoIdentifyEPSG();
    const char* code = crs.GetAuthorityCode(nullptr);
    return code ? code : "";
}

inline Ring box(double x, double y, double width, double height) {
    return {{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}};
}

inline std::vector<FieldDefinition> sample_fields() {
    return {{"predicted_iou", FieldType::real, 0, 0},
            {"predicted_class", FieldType::text, 0, 0},
            {"tiles", FieldType::integer64, 0, 0},
            {"touches_edge", FieldType::boolean, 0, 0}};
}

// Near Kathmandu in UTM 45N: a square with a hole, two squares as one object, and one with nulls.
inline std::vector<Feature> sample_features() {
    const double x = 330000, y = 3060000;
    Feature with_hole{11,
                      {{box(x, y, 30, 30), {box(x + 10, y + 10, 5, 5)}}},
                      {0.875,
                       std::string("d\xC3\xA4"
                                   "ch"),
                       std::int64_t{4}, std::int64_t{1}}};
    Feature two_parts{12,
                      {{box(x + 100, y, 10, 10), {}}, {box(x + 120, y, 10, 10), {}}},
                      {0.5, std::string("pond"), std::int64_t{1} << 40, std::int64_t{0}}};
    Feature of_nulls{15,
                     {{box(x + 200, y, 3, 4), {}}},
                     {std::monostate{}, std::monostate{}, std::monostate{}, std::monostate{}}};
    return {with_hole, two_parts, of_nulls};
}

inline LayerOptions sample_options(const std::string& path) {
    LayerOptions options;
    options.path = path;
    options.crs_wkt = wkt_of_epsg(32645);
    options.fields = sample_fields();
    return options;
}

inline void write_sample(const LayerOptions& options) {
    const auto sink = open_layer(options);
    for (const Feature& feature : sample_features()) sink->write(feature);
    sink->close();
}

}  // namespace landseam::output::testing
