// From light to the picture a viewer shows: optics, haze, stretch, noise, compression. Drawn anew for every
// scene, since pictures differ by camera and by hand as much as by what is on them.
#pragma once

#include "scene_maker/render.h"

namespace landseam::scene_maker {

// Three channels of 8 bits from four of reflectance.
ImageU8 photograph(const Image<float>& reflectance, double gsd_m, std::uint64_t seed);

}  // namespace landseam::scene_maker
