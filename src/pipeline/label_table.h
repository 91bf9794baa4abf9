// What a table knows of labels.
#pragma once

#include "landseam/output/layer_reader.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace landseam::pipeline {

class LabelTable {
public:
    LabelTable() = default;
    // Throws Error: no such file or field, a key that is no whole number or comes twice, fields called as one
    // of `taken`.
    LabelTable(const std::string& path, const std::string& key_field,
               const std::vector<output::FieldDefinition>& taken);

    const std::vector<output::FieldDefinition>& fields() const { return fields_; }  // without the key
    // Nulls where the table does not know the label.
    const std::vector<output::FieldValue>& values_of(std::int64_t label) const;
    bool knows(std::int64_t label) const { return rows_.count(label) > 0; }

private:
    std::vector<output::FieldDefinition> fields_;
    std::unordered_map<std::int64_t, std::vector<output::FieldValue>> rows_;
    std::vector<output::FieldValue> nothing_;
};

}  // namespace landseam::pipeline
