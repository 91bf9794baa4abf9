// Pictures one above the other.
#pragma once

#include "landseam/core/image.h"

#include <algorithm>

namespace landseam::pipeline {

// RGB, on white.
inline ImageU8 stacked(const ImageU8& upper, const ImageU8& lower) {
    ImageU8 picture(std::max(upper.width, lower.width), upper.height + lower.height, 3, 255);
    for (int y = 0; y < upper.height; ++y) std::copy_n(upper.row(y), upper.width * 3, picture.row(y));
    for (int y = 0; y < lower.height; ++y)
        std::copy_n(lower.row(y), lower.width * 3, picture.row(upper.height + y));
    return picture;
}

}  // namespace landseam::pipeline
