// The finest regions, which all others are made of.
#pragma once

#include "landseam/segments/region_hierarchy.h"

namespace landseam::segments {

// The picture with noise and fine texture smoothed away and its edges kept.
ImageU8 smoothed(const ImageU8& picture);

// Felzenszwalb and Huttenlocher 2004 over pixels joined by their sides; small regions join the neighbour they
// differ from least.
RegionMap fine_regions(const ImageU8& picture, const ImageU8& valid);

// Grey levels by which two pixels (of `channels` values) differ: root mean square over the channels.
double color_difference(const std::uint8_t* a, const std::uint8_t* b, int channels);

}  // namespace landseam::segments
