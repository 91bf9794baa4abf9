// Where a mask ends only because its tile does.
#pragma once

#include "seam_merge/piece.h"

#include <cstdint>

namespace landseam::seam_merge {

// Of the pixels in which the piece meets the sides where its tile cuts it, how many go nowhere: nothing of
// `whole`, the object that it is part of (scene pixels), lies beyond, `margin` pixels to either side.
std::int64_t open_length(const Piece& piece, const RunMask& whole, int margin);

}  // namespace landseam::seam_merge
