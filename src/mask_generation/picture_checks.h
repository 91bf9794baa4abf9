// What every generator asks of its picture.
#pragma once

#include "landseam/core/error.h"
#include "landseam/core/image.h"

#include <algorithm>
#include <string>

namespace landseam::mask_generation {

// `valid` may be null. Throws Error for a picture without pixels or of other than `bands` channels, and where
// `valid` is not one channel of its size.
inline void check_picture(const ImageU8& rgb, const ImageU8* valid, int bands) {
    if (rgb.empty()) throw Error("", "the picture has no pixels");
    if (rgb.channels != bands)
        throw Error("", "the picture has " + std::to_string(rgb.channels) + " channels; the model takes " +
                            std::to_string(bands));
    if (valid && (valid->width != rgb.width || valid->height != rgb.height || valid->channels != 1))
        throw Error("", "the mask of valid pixels and the picture differ in size");
}

inline bool holds_no_zero(const ImageU8& image) {
    return std::find(image.values.begin(), image.values.end(), 0) == image.values.end();
}

}  // namespace landseam::mask_generation
