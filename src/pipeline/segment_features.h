// The layer's fields, and a feature for each segment.
#pragma once

#include <vector>

#include "landseam/core/tile_mask.h"
#include "landseam/output/layer_sink.h"
#include "landseam/raster/georeference.h"
#include "landseam/segments/band_statistics.h"

namespace landseam::pipeline {

std::vector<output::FieldDefinition> segment_fields(const std::vector<int>& bands,
                                                     const std::vector<std::string>& attributes = {});

// `outline`, in scene pixels, as the polygon of `segment` in world coordinates, and its attributes in the order of
// segment_fields. Sizes are null where the scene has no georeference, statistics where no pixel counted.
output::Feature segment_feature(std::int64_t id, const Segment& segment, const segments::SegmentStatistics& statistics,
                                std::size_t band_count, const raster::Georeference& georeference,
                                const MultiPolygon& outline, std::size_t attribute_count = 0);

}  // namespace landseam::pipeline
