#include "output/feature_values.h"

#include "landseam/core/error.h"

#include <cmath>

namespace landseam::output {
namespace {

std::string name_of(const Feature& feature) {
    return "feature " + std::to_string(feature.id);
}

}  // namespace

void define(const FieldDefinition& field, OGRFieldDefn& definition) {
    switch (field.type) {
        case FieldType::integer64:
            definition.SetType(OFTInteger64);
            break;
        case FieldType::real:
            definition.SetType(OFTReal);
            break;
        case FieldType::text:
            definition.SetType(OFTString);
            break;
        case FieldType::boolean:
            definition.SetType(OFTInteger);
            definition.SetSubType(OFSTBoolean);
            break;
    }
    definition.SetWidth(field.width);
    definition.SetPrecision(field.precision);
}

void check_geometry(const Feature& feature, const std::string& path, bool may_be_empty) {
    const auto check = [&](const Ring& ring) {
        bool finite = true;
        for (const Point& point : ring) finite = finite && std::isfinite(point.x) && std::isfinite(point.y);
        if (ring.size() < 3 || !finite)
            throw Error(path, name_of(feature) + " has a ring that is none: " +
                                  (finite ? "fewer than three vertices" : "a coordinate is not finite"));
    };
    if (feature.geometry.empty() && !may_be_empty) throw Error(path, name_of(feature) + " has no polygon");
    for (const Polygon& polygon : feature.geometry) {
        check(polygon.outer);
        for (const Ring& hole : polygon.holes) check(hole);
    }
}

void set_values(OGRFeature& row, const Feature& feature, const LayerOptions& options) {
    if (feature.values.size() != options.fields.size())
        throw Error(options.path, name_of(feature) + " has " + std::to_string(feature.values.size()) +
                                      " values for " + std::to_string(options.fields.size()) + " fields");
    for (std::size_t i = 0; i < feature.values.size(); ++i) {
        const int field = static_cast<int>(i);
        const FieldType type = options.fields[i].type;
        const FieldValue& value = feature.values[i];
        const auto* number = std::get_if<double>(&value);
        const auto* integer = std::get_if<std::int64_t>(&value);
        const auto* text = std::get_if<std::string>(&value);
        if (std::holds_alternative<std::monostate>(value) || (number && !std::isfinite(*number)))
            row.SetFieldNull(field);
        else if (number && type == FieldType::real)
            row.SetField(field, *number);
        else if (integer && type == FieldType::real)
            row.SetField(field, static_cast<double>(*integer));
        else if (integer && type == FieldType::boolean)
            row.SetField(field, *integer != 0 ? 1 : 0);
        else if (integer && type == FieldType::integer64)
            row.SetField(field, static_cast<GIntBig>(*integer));
        else if (text && type == FieldType::text)
            row.SetField(field, text->c_str());
        else
            throw Error(options.path, name_of(feature) + " has a value of another type than its field '" +
                                          options.fields[i].name + "'");
    }
}

}  // namespace landseam::output
