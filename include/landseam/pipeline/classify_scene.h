// From a scene to named segments in one run.
#pragma once

#include "landseam/pipeline/classify_layer.h"
#include "landseam/pipeline/segment_scene.h"

#include <string>

namespace landseam::pipeline {

struct ClassifySceneOptions {
    std::string model;             // file that classify_layer saved
    std::string only;              // as in ClassifyOptions
    double min_probability = -1;   // likewise
    std::string overlap = "keep";  // likewise
};

struct ClassifiedScene {
    SegmentReport segments;
    ClassifyReport classes;
};

// segment_scene, then classify_layer with the model: `options.output` is the layer of classes. The segments
// themselves stand in OUTPUT.segments.gpkg until it is written. The image encoder runs twice, unless
// `options.embeddings` names a folder. Throws Error as both do.
ClassifiedScene segment_and_classify(const SegmentOptions& options, const ClassifySceneOptions& classes,
                                     Progress& progress);

}  // namespace landseam::pipeline
