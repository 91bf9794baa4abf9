// Outlines of segments as they are written.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/overlap_policy.h"
#include "landseam/raster/georeference.h"
#include "landseam/vectors/regularize.h"

#include <cmath>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct DrawingOptions {
    vectors::OutlineOptions outlines;  // pixels
    bool buildings = false;            // squared up, see vectors::regularize
};

// By how much edges may bend when a layer is brought into another CRS: a twentieth of a pixel.
inline double edge_deviation(const GeoTransform& transform) {
    return std::sqrt(std::abs(transform.determinant())) / 20;
}

struct DrawnOutlines {
    std::vector<MultiPolygon> outlines;               // scene pixels
    std::vector<vectors::RegularBuilding> buildings;  // what was done to each; geometries are empty
    double deviation = 0;  // pixels by which simplification and smoothing moved outlines
};

// Buildings are squared up on the ground, so pixels need a size: throws Error (usage) where the scene has no
// georeference.
DrawnOutlines draw_outlines(const ArrangedSegments& arranged, const DrawingOptions& options,
                            const raster::Georeference& georeference, const ParallelFor& parallel_for);

// Fields that segments have beyond segment_fields: parent_id and depth of a tree; main_angle, iou_with_mask
// and status of buildings.
std::vector<output::FieldDefinition> drawing_fields(const OverlapOptions& overlap,
                                                    const DrawingOptions& drawing);
// Their values for segment i; ids count from 1.
void append_drawing_values(const ArrangedSegments& arranged, const DrawnOutlines& drawn, std::size_t i,
                           std::vector<output::FieldValue>& values);

}  // namespace landseam::pipeline
