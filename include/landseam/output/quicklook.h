// Polygons drawn over a picture of their scene.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/polygon.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::output {

using Color = std::array<std::uint8_t, 3>;  // red, green, blue

struct OverlayStyle {
    double fill_opacity = 0.38;     // 0 to 1
    double outline_opacity = 0.95;  // 0 to 1
    int outline_width = 1;          // pixels of the picture, 0 draws none

    // Throws Error of kind usage for values outside these ranges.
    void validate() const;
};

// The colour of the object of this index: neighbours in the list are far apart in hue, all are of like
// lightness, and the same index always has the same colour.
Color object_color(std::size_t index);

// Draws objects over an RGB picture (3 channels): translucent fills and crisp outlines, each object in
// its colour, or object_color(its index) where `colors` is empty, large ones first so that small ones stay
// visible; holes stay clear. Coordinates are pixels of the picture, its first pixel covering [0, 1] × [0, 1];
// what lies outside is cut off. A polygon's outer ring and holes, and all polygons of an object, fill by the
// even-odd rule.
ImageU8 draw_overlay(const ImageU8& rgb, const std::vector<MultiPolygon>& objects,
                     const OverlayStyle& style = {}, const std::vector<Color>& colors = {});

// Writes patches of colours, and what they mean, over the upper left corner of an RGB picture; what does not
// fit is cut off. Texts are ASCII.
void draw_legend(ImageU8& rgb, const std::vector<std::pair<Color, std::string>>& entries);

}  // namespace landseam::output
