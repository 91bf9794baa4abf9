// How well predicted polygons fit the true ones.
#pragma once

#include "landseam/core/polygon.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace landseam::vectors {

// Predicted or true: the polygons of one object.
struct EvaluatedObject {
    MultiPolygon geometry;
    double score = 0;          // of predictions: how sure the model is; higher comes first
    std::string class_name{};  // of true objects: what they are; may be empty
};

// Scores of the true objects of one class against all predictions.
struct ClassScores {
    std::int64_t true_objects = 0;
    std::int64_t found = 0;        // matched one to one at the threshold
    double recall = 0;             // found / true_objects
    double mean_best_iou = 0;      // mean over true objects of the best IoU of any prediction
    double share_best_iou_50 = 0;  // share of true objects whose best IoU is at least 0.5
};

// A ratio without a denominator is 0.
struct Scores {
    std::int64_t predicted_objects = 0;  // those with an area
    std::int64_t true_objects = 0;       // those with an area
    std::int64_t invalid_predicted = 0;  // repaired before they were compared
    std::int64_t invalid_true = 0;
    std::int64_t empty_predicted = 0;  // without any area, left out of every score
    std::int64_t empty_true = 0;

    double mean_best_iou = 0;
    double share_best_iou_50 = 0;

    std::int64_t true_positives = 0;  // matched pairs
    std::int64_t false_positives = 0;
    std::int64_t false_negatives = 0;
    double precision = 0;
    double recall = 0;
    double f1 = 0;

    std::map<std::string, ClassScores> per_class;  // by class_name of the true objects
};

// Compares two layers in one planar frame. Best IoU looks at every pair. The F1 score is SpaceNet's:
// predictions, the highest score first (the earlier one where scores are equal), each take the true object
// not yet taken with which their IoU is largest, and count as right if it reaches `iou_threshold`. Polygons
// that overlap within an object are dissolved first. Source: Van Etten, Lindenbaum, Bacastow 2018, "SpaceNet:
// A Remote Sensing Dataset and Challenge Series".
Scores evaluate(const std::vector<EvaluatedObject>& predicted, const std::vector<EvaluatedObject>& truth,
                double iou_threshold = 0.5);

}  // namespace landseam::vectors
