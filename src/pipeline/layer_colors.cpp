#include "pipeline/layer_colors.h"

#include "landseam/core/error.h"
#include "landseam/core/interior_pixel.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/output/quicklook.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

namespace landseam::pipeline {
namespace {

using output::FieldValue;

constexpr std::size_t most_classes = 12;
constexpr output::PictureColor grey{150, 150, 150};
constexpr int ramp_steps = 5;
constexpr double label_side = 64;  // pixels of the picture in which an object's middle is looked for

std::string text_of(const FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value)) {
        char text[40];
        std::snprintf(text, sizeof text, "%.3g", *real);
        return text;
    }
    return {};
}

bool is_number(const FieldValue& value) {
    return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

double number_of(const FieldValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole ? static_cast<double>(*whole) : std::get<double>(value);
}

LayerColors classes(const std::vector<const FieldValue*>& values) {
    std::map<std::string, std::size_t> counts;
    for (const FieldValue* value : values)
        if (!std::holds_alternative<std::monostate>(*value)) ++counts[text_of(*value)];
    std::vector<std::pair<std::string, std::size_t>> ordered(counts.begin(), counts.end());
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    const bool some_left = ordered.size() > most_classes;
    if (some_left) ordered.resize(most_classes);
    LayerColors colors;
    std::map<std::string, output::PictureColor> of_class;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        of_class[ordered[i].first] = output::object_color(i);
        colors.legend.push_back({output::object_color(i), ordered[i].first});
    }
    if (some_left) colors.legend.push_back({grey, "other"});
    for (const FieldValue* value : values) {
        const auto known = of_class.find(text_of(*value));
        const bool null = std::holds_alternative<std::monostate>(*value);
        colors.of_objects.push_back(null || known == of_class.end() ? grey : known->second);
    }
    return colors;
}

LayerColors ramp(const std::vector<const FieldValue*>& values) {
    double low = 1e300, high = -1e300;
    for (const FieldValue* value : values)
        if (is_number(*value) && std::isfinite(number_of(*value))) {
            low = std::min(low, number_of(*value));
            high = std::max(high, number_of(*value));
        }
    const double range = high > low ? high - low : 1;
    LayerColors colors;
    for (const FieldValue* value : values)
        colors.of_objects.push_back(is_number(*value) ? output::ramp_color((number_of(*value) - low) / range)
                                                      : grey);
    for (int i = ramp_steps - 1; i >= 0; --i) {
        const double share = static_cast<double>(i) / (ramp_steps - 1);
        colors.legend.push_back({output::ramp_color(share), text_of(FieldValue(low + share * (high - low)))});
    }
    return colors;
}

}  // namespace

LayerColors color_layer(const output::ReadLayer& layer, std::size_t field) {
    std::vector<const FieldValue*> values;
    std::map<FieldValue, int> whole;
    bool numbers = true, real = false, any = false;
    for (const output::Feature& feature : layer.features) {
        const FieldValue& value = feature.values[field];
        values.push_back(&value);
        if (std::holds_alternative<std::monostate>(value)) continue;
        any = true;
        numbers = numbers && is_number(value);
        real = real || std::holds_alternative<double>(value);
        if (whole.size() <= most_classes) ++whole[value];
    }
    return any && numbers && (real || whole.size() > most_classes) ? ramp(values) : classes(values);
}

std::vector<output::MapLabel> labels_of(const output::ReadLayer& layer, std::size_t field,
                                        const std::vector<MultiPolygon>& objects) {
    std::vector<std::size_t> order(objects.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::vector<double> areas;
    for (const MultiPolygon& object : objects) areas.push_back(area(object));
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return areas[a] > areas[b]; });
    std::vector<output::MapLabel> labels;
    for (const std::size_t i : order) {
        const std::string text = text_of(layer.features[i].values[field]);
        if (!text.empty()) labels.push_back({interior_place(objects[i], label_side), text});
    }
    return labels;
}

std::size_t field_named(const output::ReadLayer& layer, const std::string& name, const std::string& path,
                        const std::string& option) {
    std::string known;
    for (std::size_t i = 0; i < layer.field_names.size(); ++i) {
        if (layer.field_names[i] == name) return i;
        known += (i ? ", " : "") + layer.field_names[i];
    }
    throw Error(path, "has no field '" + name + "'",
                known.empty() ? "leave out " + option : "name one of " + known + " as " + option,
                ErrorKind::usage);
}

}  // namespace landseam::pipeline
