// Band statistics of all segments, read window by window.
#pragma once

#include <vector>

#include "landseam/core/progress.h"
#include "landseam/core/tile_mask.h"
#include "landseam/raster/raster_source.h"
#include "landseam/segments/band_statistics.h"

namespace landseam::pipeline {

// One entry a segment, in their order. Ground outside `area_of_interest` (scene pixels; empty: all of the scene) counts as invalid. The result
// does not depend on `threads`.
std::vector<segments::SegmentStatistics> gather_statistics(const raster::RasterSource& source,
                                                           const std::vector<Segment>& segments,
                                                           const MultiPolygon& area_of_interest, int threads,
                                                           Progress& progress);

}  // namespace landseam::pipeline
