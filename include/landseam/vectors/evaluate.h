// How well predicted polygons fit the true ones.
#pragma once

#include "landseam/core/polygon.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace landseam::vectors {

// Predicted or true: the polygons of one object.
struct EvaluatedObject {
    MultiPolygon geometry;
    double score = 0;          // of predictions: how sure the model is; higher comes first
    std::string class_name{};  // what it is; may be empty
};

struct ScoreOptions {
    double iou_threshold = 0.5;  // from which a pair is a match, above 0 and up to 1
    // Predictions have classes, too, and count for true objects of their own class only.
    bool match_classes = false;
    // How far inside of outlines boundary IoU looks, in units of the polygons; 0: a twentieth of the square
    // root of the true objects' median area, half a metre for houses of 10 m.
    double boundary_width = 0;

    // Throws Error of kind usage.
    void validate() const;
};

// How alike the outlines of matched pairs are.
struct OutlineScores {
    double boundary_width = 0;  // as it was used
    // Mean IoU of the two bands that lie within boundary_width of either outline, inside. Source: Cheng et
    // al. 2021, "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation", eq. 2.
    double boundary_iou = 0;
    // Mean distance from the vertices of either outline to the other one, in units of the polygons. Source:
    // Avbelj, Müller, Bamler 2015, "A Metric for Polygon Comparison and Building Extraction Evaluation",
    // eq. 2.
    double polis = 0;
    double vertex_ratio = 0;  // vertices of predictions over those of the true objects
};

// Scores of one class.
struct ClassScores {
    std::int64_t true_objects = 0;
    std::int64_t found = 0;        // matched one to one at the threshold
    double recall = 0;             // found / true_objects
    double mean_best_iou = 0;      // mean over true objects of the best IoU of any prediction
    double share_best_iou_50 = 0;  // share of true objects whose best IoU is at least 0.5

    // With match_classes only:
    std::int64_t predicted_objects = 0;
    double precision = 0;
    double f1 = 0;
    double average_precision = 0;  // as in Scores
    double pixel_iou = 0;
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

    // Area under the precision-recall curve, sampled at 101 recalls: mean over the thresholds 0.5, 0.55 …
    // 0.95, and at two of them. Source: pycocotools, COCOeval. With match_classes the mean over the classes
    // of the truth.
    double average_precision = 0;
    double average_precision_50 = 0;
    double average_precision_75 = 0;

    double pixel_iou = 0;  // of the ground covered by any prediction and by any true object, class or not
    OutlineScores outlines;

    // Means over the true objects that any prediction overlaps, by the one with the best IoU: the share of
    // the true object that it leaves out, and the share of it that lies elsewhere. Source: Persello and
    // Bruzzone 2010, "A Novel Protocol for Accuracy Assessment in Classification of Very High Resolution
    // Images", who take the largest overlap; the best IoU is the same where predictions do not overlap, and
    // tells more where they do.
    double over_segmentation = 0;
    double under_segmentation = 0;

    std::map<std::string, ClassScores> per_class;  // by class_name; of predictions with match_classes only

    // With match_classes: the area that the true objects of the first class share with predictions of the
    // second one; of it the share where both are the same, and Cohen's kappa.
    std::map<std::pair<std::string, std::string>, double> common_area;
    double overall_accuracy = 0;
    double kappa = 0;

    std::vector<bool> predicted_matched;  // of each prediction and true object given: whether it is in a pair
    std::vector<bool> true_matched;
};

// Compares two layers in one planar frame. Best IoU looks at every pair. The F1 score is SpaceNet's:
// predictions, the highest score first (the earlier one where scores are equal), each take the true object
// not yet taken with which their IoU is largest, and count as right if it reaches the threshold. Polygons
// that overlap within an object are dissolved first. Source: Van Etten, Lindenbaum, Bacastow 2018, "SpaceNet:
// A Remote Sensing Dataset and Challenge Series".
Scores evaluate(const std::vector<EvaluatedObject>& predicted, const std::vector<EvaluatedObject>& truth,
                const ScoreOptions& options = {});

}  // namespace landseam::vectors
