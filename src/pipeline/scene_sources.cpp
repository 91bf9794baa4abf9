#include "landseam/pipeline/scene_sources.h"

#include "landseam/output/layer_reader.h"
#include "landseam/raster/georeference.h"

#include <cstdio>

namespace landseam::pipeline {
namespace {

std::string text_of(const output::FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&value)) {
        char digits[40];
        std::snprintf(digits, sizeof digits, "%.17g", *number);
        return digits;
    }
    return "";
}

}  // namespace

MultiPolygon read_area_in_degrees(const std::string& path) {
    MultiPolygon area;
    for (output::Feature& feature : output::read_layer(path, "", raster::crs_wkt_from("EPSG:4326")).features)
        area.insert(area.end(), feature.geometry.begin(), feature.geometry.end());
    return area;
}

std::vector<TableRow> read_rows(const std::string& path) {
    const output::Table table = output::read_table(path);
    std::vector<TableRow> rows;
    for (const auto& values : table.rows) {
        TableRow row;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (const std::string text = text_of(values[i]); !text.empty())
                row.emplace_back(table.fields[i].name, text);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace landseam::pipeline
