// Colour, height and slope of a surface at a point.
#pragma once

#include "scene_maker/plan.h"

namespace landseam::scene_maker {

// Height above the ground, metres.
double height_at(const Surface& surface, Point p);
// Gradient of the height.
Point slope_at(const Surface& surface, Point p);
// Reflectance before light and shade.
Spectrum colour_at(const Surface& surface, Point p);

}  // namespace landseam::scene_maker
