// Label maps of awkward shapes, for tests of whatever handles segments.
#pragma once

#include "landseam/core/image.h"

#include <cstdint>

namespace landseam::scene_maker {

// A map of up to `objects` labels 1, 2, …, drawn over each other on 0: blobs, boxes that touch, rings, nested
// shapes, combs, single pixels, and (label 1, if there are at least two objects) a river from one side to the
// other through everything. A label that others cover entirely is missing; one that is cut stays one label in
// several pieces. The same arguments give the same map everywhere (integer arithmetic only). Throws Error
// (usage) unless width and height are positive and objects is not negative.
Image<std::int32_t> make_label_map(int width, int height, int objects, std::uint64_t seed);

}  // namespace landseam::scene_maker
