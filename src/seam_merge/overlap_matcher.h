// Which masks of two overlapping tiles show the same object.
#pragma once

#include "landseam/seam_merge/seam_merger.h"

#include "seam_merge/piece.h"

#include <vector>

namespace landseam::seam_merge {

// The pixels of a tile near which another tile's masks can matter to its own ones: its window widened by this
// much.
inline int reach(const MergeOptions& options) {
    return options.edge_margin + options.tolerance;
}

// `a` and `b` are the pieces of two tiles in the order of their ranks, a's tile having the lower index. The
// relations found, in no particular order, include pairs that are alike but not one object (same_object
// false, no fragments): they must be decided together.
std::vector<Relation> match_overlap(const std::vector<Piece*>& a, const PixelBox& window_a,
                                    const std::vector<Piece*>& b, const PixelBox& window_b,
                                    const MergeOptions& options);

}  // namespace landseam::seam_merge
