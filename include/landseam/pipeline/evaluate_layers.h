// Two layers compared.
#pragma once

#include <string>

#include "landseam/vectors/evaluate.h"

namespace landseam::pipeline {

struct EvaluateOptions {
    std::string predicted;                  // layer with the polygons to score
    std::string truth;                      // layer with the true ones, in any CRS
    std::string score_field = "predicted_iou";  // of `predicted`: which polygon counts first; ignored where it is missing
    std::string class_field;                // of `truth`: scores are given per class too; empty: none
    std::string only_class;                 // of `class_field`: only these true objects count; empty: all
    double iou_threshold = 0.5;

    void validate() const;
};

// The truth is brought into the predicted layer's CRS. Throws Error where a layer cannot be read or a field is missing.
vectors::Scores evaluate_layers(const EvaluateOptions& options);

// The scores as one JSON object.
std::string scores_json(const vectors::Scores& scores);

}  // namespace landseam::pipeline
