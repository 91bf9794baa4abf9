#include "pipeline/segment_features.h"

#include <cmath>

namespace landseam::pipeline {
namespace {

using output::FieldType;
using output::FieldValue;

FieldValue number_or_null(double value) {
    return std::isfinite(value) ? FieldValue(value) : FieldValue(std::monostate{});
}

}  // namespace

std::vector<output::FieldDefinition> segment_fields(const std::vector<int>& bands,
                                                     const std::vector<std::string>& attributes) {
    std::vector<output::FieldDefinition> fields = {
        {"id", FieldType::integer64},       {"predicted_iou", FieldType::real}, {"stability_score", FieldType::real},
        {"area_m2", FieldType::real},       {"area_px", FieldType::integer64},  {"perimeter_m", FieldType::real},
        {"tiles", FieldType::integer64},    {"touches_edge", FieldType::boolean},
    };
    for (int band : bands) {
        fields.push_back({"mean_" + std::to_string(band), FieldType::real});
        fields.push_back({"std_" + std::to_string(band), FieldType::real});
    }
    for (const std::string& name : attributes) fields.push_back({name, FieldType::real});
    return fields;
}

output::Feature segment_feature(std::int64_t id, const Segment& segment, const segments::SegmentStatistics& statistics,
                                std::size_t band_count, const raster::Georeference& georeference,
                                const MultiPolygon& outline, std::size_t attribute_count) {
    output::Feature feature;
    feature.id = id;
    feature.geometry = georeference.to_world(outline);
    const bool known = georeference.known();
    const raster::GroundSize size = known ? georeference.size(feature.geometry) : raster::GroundSize{};
    feature.values = {
        id,
        segment.predicted_iou,
        segment.stability_score,
        known ? number_or_null(size.area_m2) : FieldValue(),
        segment.mask.area(),
        known ? number_or_null(size.perimeter_m) : FieldValue(),
        std::int64_t{segment.tiles},
        std::int64_t{segment.touches_edge || statistics.touches_invalid},
    };
    for (std::size_t band = 0; band < band_count; ++band) {
        const bool measured = band < statistics.bands.size() && statistics.bands[band].count > 0;
        feature.values.push_back(measured ? FieldValue(statistics.bands[band].mean) : FieldValue());
        feature.values.push_back(measured ? FieldValue(statistics.bands[band].standard_deviation()) : FieldValue());
    }
    for (std::size_t i = 0; i < attribute_count; ++i)
        feature.values.push_back(i < segment.attributes.size() ? number_or_null(segment.attributes[i]) : FieldValue());
    return feature;
}

}  // namespace landseam::pipeline
