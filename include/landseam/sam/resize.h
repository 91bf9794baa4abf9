// Pictures to the size the model takes, as the reference does it. No libtorch in this header.
#pragma once

#include "landseam/core/image.h"

namespace landseam::sam {

// Width and height in pixels.
struct PictureSize {
    int width = 0;
    int height = 0;

    friend bool operator==(const PictureSize& a, const PictureSize& b) {
        return a.width == b.width && a.height == b.height;
    }
};

// The size of a width × height picture whose longest side becomes `long_side`, each side rounded half up and
// at least 1 (segment_anything/utils/transforms.py, ResizeLongestSide.get_preprocess_shape).
PictureSize resize_longest_side(int width, int height, int long_side);

// The picture at width × height (both ≥ 1), any number of channels: bit for bit what Pillow's Image.resize
// with Resampling.BILINEAR makes of 8-bit pictures (a triangle filter that widens when shrinking, weights
// rounded to 22 bits, columns first, rounded to 8 bits between the two passes). A picture that has that size
// already is returned unchanged.
ImageU8 resize_pillow_bilinear(const ImageU8& picture, int width, int height);

}  // namespace landseam::sam
