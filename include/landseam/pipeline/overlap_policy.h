// What becomes of masks that lie over one another.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/core/tile_mask.h"
#include "landseam/pipeline/area_limits.h"
#include "landseam/raster/raster_source.h"
#include "landseam/segments/overlaps.h"
#include "landseam/vectors/coverage.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct OverlapOptions {
    // "keep": all masks as they are. "flat": each pixel belongs to the best mask over it, the one with the
    // highest predicted_iou × stability_score (of equal ones the larger, then the first in the layer).
    // "tree": masks that lie in a larger one to four fifths are its parts and are cut to it; parts of one
    // whole, and wholes, share the ground as in "flat".
    std::string policy = "keep";
    int fill_gaps = 0;  // slits up to this many pixels wide between two objects are closed; "flat" only
    std::string min_area, max_area;  // see parse_area; objects outside of them are left out

    bool is_flat() const { return policy == "flat"; }
    bool is_tree() const { return policy == "tree"; }
    // Throws Error (usage) naming the option.
    void validate() const;
};

// The objects of a scene as they are to be drawn.
struct ArrangedSegments {
    std::vector<Segment> segments;            // in their old order
    std::vector<segments::TreePlace> places;  // of a tree, one for each
    vectors::CornerIndex corners;             // of a flat layer or a tree; else each mask stands alone
    std::int64_t left_out = 0;                // too small, too large, or covered by better ones
};

// Objects that become too small as better ones cover them are left out, and what they had goes to the next
// best. No slit is closed over pixels that are not valid or lie outside of the area of interest. All masks
// must be known: memory follows their outlines.
ArrangedSegments arrange_segments(std::vector<Segment> segments, const OverlapOptions& options,
                                  const raster::RasterSource& source, const MultiPolygon& area_of_interest);

}  // namespace landseam::pipeline
