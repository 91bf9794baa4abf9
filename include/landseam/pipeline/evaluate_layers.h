// Two layers compared.
#pragma once

#include "landseam/vectors/evaluate.h"

#include <string>

namespace landseam::pipeline {

struct EvaluateOptions {
    std::string predicted;  // layer with the polygons to score
    std::string truth;      // layer with the true ones, in any CRS
    // Of `predicted`: which polygon counts first; where it is missing all are equal, and there is no average
    // precision.
    std::string score_field = "predicted_iou";
    std::string class_field;  // of `truth`: scores are given per class too; empty: none
    // Of `predicted`: its polygons count for true objects of their class only; empty: they have no class.
    std::string predicted_class_field;
    std::string only_class;  // of `class_field`: only these true objects count; empty: all
    double iou_threshold = 0.5;
    double boundary_width = 0;  // metres (units of the CRS where it has none), see vectors::ScoreOptions

    std::string plot;        // PNG of hits, misses and false alarms; empty: none
    int plot_size = 1600;    // its longest side in pixels
    bool overwrite = false;  // the plot

    void validate() const;
};

struct Evaluation {
    vectors::Scores scores;
    bool has_average_precision = false;
    std::string unit;  // of distances: "m", or empty where it is not known
};

// Both layers are brought into one planar frame in metres (output::measuring_crs). Throws Error where a layer
// cannot be read, a field is missing or the plot cannot be written.
Evaluation evaluate_layers(const EvaluateOptions& options);

// The scores as one JSON object.
std::string scores_json(const Evaluation& evaluation);

}  // namespace landseam::pipeline
