// From pieces and what they are to each other to objects.
#pragma once

#include "landseam/core/tile_mask.h"
#include "landseam/seam_merge/seam_merger.h"

#include "seam_merge/piece.h"

#include <vector>

namespace landseam::seam_merge {

// The objects of a cluster that no tile still to come can change. Pieces and relations may be in any order.
std::vector<Segment> resolve(const Cluster& cluster, const PixelBox& scene, const MergeOptions& options);

}  // namespace landseam::seam_merge
