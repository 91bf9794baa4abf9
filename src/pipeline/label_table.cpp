#include "pipeline/label_table.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace landseam::pipeline {
namespace {

std::optional<std::int64_t> whole_number(const output::FieldValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
    if (const auto* real = std::get_if<double>(&value))
        return *real == std::floor(*real) && std::abs(*real) < 1e15
                   ? std::optional(static_cast<std::int64_t>(*real))
                   : std::nullopt;
    if (const auto* text = std::get_if<std::string>(&value)) {
        char* end = nullptr;
        const long long number = std::strtoll(text->c_str(), &end, 10);
        if (end != text->c_str() && *end == '\0') return number;
    }
    return std::nullopt;
}

}  // namespace

LabelTable::LabelTable(const std::string& path, const std::string& key_field,
                       const std::vector<output::FieldDefinition>& taken) {
    const output::Table table = output::read_table(path);
    const auto named = [](const std::string& name) {
        return [&name](const output::FieldDefinition& field) { return field.name == name; };
    };
    if (table.fields.empty()) throw Error(path, "has no fields", "give a table of labels and what they mean");
    const auto key = key_field.empty()
                         ? table.fields.begin()
                         : std::find_if(table.fields.begin(), table.fields.end(), named(key_field));
    if (key == table.fields.end())
        throw Error(path, "has no field '" + key_field + "'",
                    "name the field that holds the labels as --key");
    const auto key_index = static_cast<std::size_t>(key - table.fields.begin());
    for (std::size_t i = 0; i < table.fields.size(); ++i) {
        if (i == key_index) continue;
        output::FieldDefinition field = table.fields[i];
        if (std::any_of(taken.begin(), taken.end(), named(field.name))) field.name = "table_" + field.name;
        fields_.push_back(field);
    }
    for (const std::vector<output::FieldValue>& row : table.rows) {
        const auto label = whole_number(row[key_index]);
        if (!label)
            throw Error(path, "has a row without a whole number in the field '" + key->name + "'",
                        "name the field that holds the labels as --key");
        std::vector<output::FieldValue> values = row;
        values.erase(values.begin() + static_cast<std::ptrdiff_t>(key_index));
        if (!rows_.emplace(*label, std::move(values)).second)
            throw Error(path, "has two rows for the label " + std::to_string(*label), "keep one of them");
    }
    nothing_.resize(fields_.size());
}

const std::vector<output::FieldValue>& LabelTable::values_of(std::int64_t label) const {
    const auto found = rows_.find(label);
    return found == rows_.end() ? nothing_ : found->second;
}

}  // namespace landseam::pipeline
