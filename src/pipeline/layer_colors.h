// Colours and labels for a layer, from its attributes.
#pragma once

#include "landseam/output/layer_reader.h"
#include "landseam/output/map_furniture.h"

#include <cstddef>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct LayerColors {
    std::vector<output::PictureColor> of_objects;  // one a feature
    std::vector<output::LegendEntry> legend;
};

// Text, and whole numbers of at most 12 different values, are classes: the more frequent ones have a colour
// each, of more than 12 the rest is grey. Other numbers lie on a ramp. Null is grey.
LayerColors color_layer(const output::ReadLayer& layer, std::size_t field);

// The attribute as text at each object's most interior place, larger objects first; nulls are left out.
// `objects` are the layer's in pixels of the picture.
std::vector<output::MapLabel> labels_of(const output::ReadLayer& layer, std::size_t field,
                                        const std::vector<MultiPolygon>& objects);

// Throws Error (usage) naming the fields there are.
std::size_t field_named(const output::ReadLayer& layer, const std::string& name, const std::string& path,
                        const std::string& option);

}  // namespace landseam::pipeline
