#include "output/layer_style.h"

#include "landseam/core/error.h"
#include "landseam/output/quicklook.h"

#include "output/gdal_session.h"

#include <cstdio>

#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

constexpr std::size_t most_values = 64;

std::string xml_text(const std::string& text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += c;
        }
    return result;
}

// A translucent fill with an outline of its colour.
std::string symbol(std::size_t number, const Color& color) {
    char text[640];
    std::snprintf(
        text, sizeof text,
        "<symbol type=\"fill\" name=\"%zu\" alpha=\"1\"><layer class=\"SimpleFill\" enabled=\"1\">"
        "<prop k=\"color\" v=\"%d,%d,%d,110\"/><prop k=\"style\" v=\"solid\"/>"
        "<prop k=\"outline_color\" v=\"%d,%d,%d,255\"/><prop k=\"outline_style\" v=\"solid\"/>"
        "<prop k=\"outline_width\" v=\"0.3\"/><prop k=\"outline_width_unit\" v=\"MM\"/></layer></symbol>",
        number, color[0], color[1], color[2], color[0], color[1], color[2]);
    return text;
}

}  // namespace

LayerStyle::LayerStyle(const LayerOptions& options) : path_(options.path), field_(options.style_field) {
    while (index_ < options.fields.size() && options.fields[index_].name != field_) ++index_;
    if (index_ == options.fields.size()) field_.clear();
}

void LayerStyle::note(const Feature& feature) {
    if (field_.empty() || too_many_) return;
    const FieldValue& value = feature.values[index_];
    if (const auto* text = std::get_if<std::string>(&value)) values_.insert(*text);
    if (const auto* whole = std::get_if<std::int64_t>(&value)) values_.insert(std::to_string(*whole));
    too_many_ = values_.size() > most_values;
}

std::string LayerStyle::qml() const {
    const bool by_value = !field_.empty() && !too_many_ && !values_.empty();
    std::string categories, symbols;
    std::size_t number = 0;
    if (by_value)
        for (const std::string& value : values_) {
            const std::string text = xml_text(value);
            categories += "<category value=\"" + text + "\" label=\"" + text + "\" symbol=\"" +
                          std::to_string(number) + "\" render=\"true\"/>";
            symbols += symbol(number, object_color(number));
            ++number;
        }
    else
        symbols = symbol(0, object_color(0));
    const std::string kind = by_value ? "categorizedSymbol\" attr=\"" + xml_text(field_) : "singleSymbol";
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22\" "
           "styleCategories=\"Symbology\">"
           "<renderer-v2 type=\"" +
           kind + "\" symbollevels=\"0\">" + (by_value ? "<categories>" + categories + "</categories>" : "") +
           "<symbols>" + symbols + "</symbols></renderer-v2></qgis>\n";
}

void LayerStyle::store(GDALDataset& dataset, const std::string& layer,
                       const std::string& geometry_column) const {
    const GdalMessages messages;
    OGRLayer* styles = dataset.CreateLayer("layer_styles", nullptr, wkbNone, nullptr);
    if (!styles) throw write_error(path_, "the style: " + messages.reason());
    for (const char* name :
         {"f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML",
          "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time"}) {
        const std::string field = name;
        OGRFieldDefn definition(name, field == "update_time"    ? OFTDateTime
                                      : field == "useAsDefault" ? OFTInteger
                                                                : OFTString);
        if (field == "useAsDefault") definition.SetSubType(OFSTBoolean);
        styles->CreateField(&definition);
    }
    OGRFeature row(styles->GetLayerDefn());
    row.SetField("f_table_catalog", "");
    row.SetField("f_table_schema", "");
    row.SetField("f_table_name", layer.c_str());
    row.SetField("f_geometry_column", geometry_column.c_str());
    row.SetField("styleName", layer.c_str());
    row.SetField("styleQML", qml().c_str());
    row.SetField("useAsDefault", 1);
    row.SetField("description", "written by landseam");
    if (styles->CreateFeature(&row) != OGRERR_NONE || messages.failed())
        throw write_error(path_, "the style: " + messages.reason());
}

}  // namespace landseam::output
