// What makes a picture of a layer a map: labels, a legend, a scale bar, an arrow to the north.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/polygon.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace landseam::output {

using PictureColor = std::array<std::uint8_t, 3>;  // red, green, blue

// Pictures have 3 channels. Text is Latin: other characters become '?'. Furniture that has no room in a
// picture is left out of it.

struct MapLabel {
    Point at;  // the middle of the text, pixels of the picture
    std::string text;
};

// Draws the labels in their order, but for those that would lie on an earlier one or beyond the picture.
// Returns how many were drawn.
int draw_labels(ImageU8& picture, const std::vector<MapLabel>& labels);

struct LegendEntry {
    PictureColor color;
    std::string text;
};

// In the upper left corner, on a light ground.
void draw_legend(ImageU8& picture, const std::string& title, const std::vector<LegendEntry>& entries);

// In the lower left corner: a round length of up to a quarter of the picture's width.
void draw_scale_bar(ImageU8& picture, double metres_per_pixel);
// The length that the bar of a picture this wide shows, in metres: 1, 2 or 5 times a power of ten.
double scale_bar_length(double metres_per_pixel, int picture_width);

// In the upper right corner. `north` is its direction in the picture, y downwards, of any length above 0.
void draw_north_arrow(ImageU8& picture, Point north);

// Both pictures, which have the same size, with a light line between them: side by side, or one above the
// other where they are wider than high by half or more.
ImageU8 beside_each_other(const ImageU8& first, const ImageU8& second);

// A colour for a share from 0 (dark violet) to 1 (yellow), after matplotlib's viridis (van der Walt and
// Smith).
PictureColor ramp_color(double share);

}  // namespace landseam::output
