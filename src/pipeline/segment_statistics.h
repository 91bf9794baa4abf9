// Band statistics of segments, read window by window.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/tile_mask.h"
#include "landseam/raster/raster_source.h"
#include "landseam/segments/band_statistics.h"

#include <vector>

namespace landseam::pipeline {

// One entry a segment, in their order. Ground outside `area_of_interest` (scene pixels; empty: all of the scene) counts
// as invalid, and, with `unreadable_is_invalid`, so does what cannot be read. Only blocks of the scene with pixels of a
// segment are read, each once, through `parallel_for`. What comes out for a segment depends neither on that nor on the
// other segments.
std::vector<segments::SegmentStatistics> gather_statistics(const raster::RasterSource& source,
                                                           const std::vector<Segment>& segments,
                                                           const MultiPolygon& area_of_interest,
                                                           bool unreadable_is_invalid, const ParallelFor& parallel_for);

}  // namespace landseam::pipeline
