// What is measured of segments in the pixels of their scene.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/progress.h"
#include "landseam/raster/raster_source.h"
#include "landseam/segments/feature_table.h"
#include "landseam/segments/segment_measures.h"

#include <vector>

namespace landseam::pipeline {

// The scene's bands by name, what indices they allow, and how bright the scene is (from a sample of it).
// `preset`: as bands::ChannelRequest; where it fits none of the bands, they go by number.
segments::MeasurePlan plan_measures(const raster::RasterSource& source, const std::string& preset);

// Columns of picture_measure_names. `outlines` are in scene pixels, and `masks` what they cover.
segments::FeatureTable measure_in_scene(const raster::RasterSource& source, const segments::MeasurePlan& plan,
                                        const std::vector<MultiPolygon>& outlines,
                                        const std::vector<RunMask>& masks, const ParallelFor& parallel_for,
                                        Progress& progress);

}  // namespace landseam::pipeline
