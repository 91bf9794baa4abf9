// What the neighbourhood of each pixel looks like.
#pragma once

#include "landseam/core/image.h"

namespace landseam::segments {

// Length of the gradient by central differences, one channel; 0 where a neighbour is not valid or the picture
// ends.
ImageF gradient_magnitude(const ImageF& image, const ImageU8& valid);

// Uniform rotation-invariant local binary patterns of the eight neighbours: the number of those that are not
// darker than the pixel where at most two changes lie around it, else 9; 255 where a neighbour is not valid
// or the picture ends. Source: Ojala, Pietikäinen, Mäenpää 2002, "Multiresolution gray-scale and rotation
// invariant texture classification with local binary patterns", equation 9; neighbours on the square instead
// of the circle.
ImageU8 binary_patterns(const ImageF& image, const ImageU8& valid);

}  // namespace landseam::segments
