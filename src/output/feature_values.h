// Features as OGR takes them.
#pragma once

#include "landseam/output/layer_sink.h"

#include <string>

#include <ogr_feature.h>

namespace landseam::output {

void define(const FieldDefinition& field, OGRFieldDefn& definition);

// Throws Error where a feature of the output `path` has no polygon (unless it may be
// empty), or a ring that is none.
void check_geometry(const Feature& feature, const std::string& path, bool may_be_empty = false);

// Sets the fields of `row` from 0 on. Throws Error where the values do not fit the layer's fields.
void set_values(OGRFeature& row, const Feature& feature, const LayerOptions& options);

}  // namespace landseam::output
