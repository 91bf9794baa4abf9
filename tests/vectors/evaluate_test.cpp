#include "landseam/vectors/evaluate.h"

#include "landseam/core/error.h"
#include "landseam/vectors/trace.h"

#include "vectors/random_masks.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

MultiPolygon box(double x, double y, double width, double height) {
    return {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, {}}};
}

TEST(Evaluate, GivesFullMarksToTheTruthItself) {
    const std::vector<EvaluatedObject> truth{{box(0, 0, 4, 4), 0, "roof"}, {box(9, 0, 2, 2), 0, "pond"}};
    const Scores scores = evaluate(truth, truth);
    EXPECT_DOUBLE_EQ(scores.mean_best_iou, 1);
    EXPECT_DOUBLE_EQ(scores.f1, 1);
    EXPECT_EQ(scores.true_positives, 2);
    EXPECT_DOUBLE_EQ(scores.per_class.at("pond").recall, 1);
}

TEST(Evaluate, CountsHitsMissesAndFalseAlarms) {
    // IoU of the first pair 8/12 = 2/3, of the second 4/12 = 1/3; a third truth and a third prediction stand
    // alone.
    const std::vector<EvaluatedObject> truth{{box(0, 0, 10, 1)}, {box(0, 10, 8, 1)}, {box(100, 0, 1, 1)}};
    const std::vector<EvaluatedObject> predicted{{box(2, 0, 10, 1)}, {box(4, 10, 8, 1)}, {box(200, 0, 1, 1)}};
    const Scores scores = evaluate(predicted, truth);
    EXPECT_EQ(scores.true_positives, 1);
    EXPECT_EQ(scores.false_positives, 2);
    EXPECT_EQ(scores.false_negatives, 2);
    EXPECT_DOUBLE_EQ(scores.precision, 1.0 / 3);
    EXPECT_DOUBLE_EQ(scores.recall, 1.0 / 3);
    EXPECT_DOUBLE_EQ(scores.f1, 1.0 / 3);
    EXPECT_DOUBLE_EQ(scores.mean_best_iou, (2.0 / 3 + 1.0 / 3) / 3);
    EXPECT_DOUBLE_EQ(scores.share_best_iou_50, 1.0 / 3);
    EXPECT_EQ(evaluate(predicted, truth, {0.3}).true_positives, 2);
}

TEST(Evaluate, MatchesOneToOne) {
    const std::vector<EvaluatedObject> truth{{box(0, 0, 10, 1)}};
    const std::vector<EvaluatedObject> predicted{{box(0, 0, 10, 1)}, {box(1, 0, 10, 1)}};
    const Scores scores = evaluate(predicted, truth);
    EXPECT_EQ(scores.true_positives, 1);
    EXPECT_EQ(scores.false_positives, 1);
}

TEST(Evaluate, LetsTheHigherScoreChooseFirst) {
    // The sure prediction prefers the first truth (9/11 to 6/9); the unsure one overlaps that one alone.
    const std::vector<EvaluatedObject> truth{{box(0, 0, 10, 1)}, {box(4, 0, 5, 1)}};
    const EvaluatedObject sure{box(1, 0, 10, 1), 0.9, ""}, unsure{box(0, 0, 9, 1), 0.1, ""};
    const Scores scores = evaluate({unsure, sure}, truth);
    // `sure` takes the first; `unsure` is left with the second, IoU 5/9.
    EXPECT_EQ(scores.true_positives, 2);
    const Scores reversed = evaluate({{unsure.geometry, 0.9, ""}, {sure.geometry, 0.1, ""}}, truth);
    // `unsure` takes the first; the other is left with the second, IoU 5/10.
    EXPECT_EQ(reversed.true_positives, 2);
    EXPECT_EQ(evaluate({{unsure.geometry, 0.9, ""}, {sure.geometry, 0.1, ""}}, truth, {0.52}).true_positives,
              1);
    EXPECT_EQ(evaluate({unsure, sure}, truth, {0.52}).true_positives, 2);
}

TEST(Evaluate, TakesHolesAway) {
    MultiPolygon ring = box(0, 0, 10, 10);
    ring[0].holes.push_back(box(2, 2, 6, 6)[0].outer);
    EXPECT_DOUBLE_EQ(evaluate({{ring}}, {{box(0, 0, 10, 10)}}).mean_best_iou, 0.64);
}

TEST(Evaluate, ScoresEachClassOfTheTruth) {
    const std::vector<EvaluatedObject> truth{
        {box(0, 0, 4, 4), 0, "roof"}, {box(10, 0, 4, 4), 0, "roof"}, {box(20, 0, 4, 4), 0, "tree"}};
    const Scores scores = evaluate({{box(0, 0, 4, 4)}, {box(20, 0, 4, 2)}}, truth);
    const ClassScores &roofs = scores.per_class.at("roof"), &trees = scores.per_class.at("tree");
    EXPECT_EQ(roofs.true_objects, 2);
    EXPECT_EQ(roofs.found, 1);
    EXPECT_DOUBLE_EQ(roofs.recall, 0.5);
    EXPECT_DOUBLE_EQ(roofs.mean_best_iou, 0.5);
    EXPECT_DOUBLE_EQ(trees.mean_best_iou, 0.5);
    EXPECT_DOUBLE_EQ(trees.share_best_iou_50, 1);
}

TEST(Evaluate, RepairsAndCountsInvalidPolygons) {
    const MultiPolygon bow_tie{{{{0, 0}, {2, 2}, {2, 0}, {0, 2}}, {}}};
    MultiPolygon overlapping = box(10, 0, 3, 1);
    overlapping.push_back(box(11, 0, 3, 1)[0]);
    const Scores scores =
        evaluate({{bow_tie}, {overlapping}, {{}}}, {{box(10, 0, 4, 1)}, {{{{{5, 5}, {6, 6}}, {}}}}});
    EXPECT_EQ(scores.invalid_predicted, 2);
    EXPECT_EQ(scores.invalid_true, 0);
    EXPECT_EQ(scores.empty_predicted, 1);
    EXPECT_EQ(scores.empty_true, 1);
    EXPECT_EQ(scores.predicted_objects, 2);
    EXPECT_EQ(scores.true_objects, 1);
    EXPECT_DOUBLE_EQ(scores.mean_best_iou, 1);
}

TEST(Evaluate, HasZerosWhereThereIsNothingToCompare) {
    const Scores nothing = evaluate({}, {});
    EXPECT_EQ(nothing.f1, 0);
    EXPECT_EQ(nothing.mean_best_iou, 0);
    EXPECT_EQ(evaluate({{box(0, 0, 1, 1)}}, {}).false_positives, 1);
    EXPECT_EQ(evaluate({}, {{box(0, 0, 1, 1)}}).false_negatives, 1);
}

TEST(Evaluate, AgreesWithCountingPixelsOnRandomMasks) {
    std::mt19937 random(5);
    for (int round = 0; round < 60; ++round) {
        std::vector<RunMask> masks;
        std::vector<EvaluatedObject> predicted, truth;
        for (int i = 0; i < 12; ++i) {
            masks.push_back(testing::random_mask(random));
            (i < 6 ? predicted : truth).push_back({trace(masks.back())});
        }
        double sum = 0;
        int counted = 0;
        for (int t = 6; t < 12; ++t) {
            double best = 0;
            for (int p = 0; p < 6; ++p) best = std::max(best, intersection_over_union(masks[p], masks[t]));
            counted += !masks[t].empty();
            sum += best;
        }
        ASSERT_NEAR(evaluate(predicted, truth).mean_best_iou, counted ? sum / counted : 0, 1e-12);
    }
}

TEST(Evaluate, AveragesPrecisionAsCocoDoes) {
    // Predictions in order of their scores: right, wrong, right; one of three true objects is missed.
    // Precision is 1 up to a recall of 1/3 (34 of 101 samples), then 2/3 up to 2/3 (33 samples), then 0; from
    // IoU 0.8 on the last prediction (7.75/10) is wrong, too.
    const std::vector<EvaluatedObject> truth{{box(0, 0, 10, 1)}, {box(20, 0, 10, 1)}, {box(40, 0, 10, 1)}};
    const std::vector<EvaluatedObject> predicted{
        {box(20, 0, 7.75, 1), 0.5, ""}, {box(0, 0, 10, 1), 0.9, ""}, {box(70, 0, 10, 1), 0.7, ""}};
    const Scores scores = evaluate(predicted, truth);
    const double both = (34 + 33 * 2.0 / 3) / 101, first_only = 34.0 / 101;
    EXPECT_NEAR(scores.average_precision_50, both, 1e-12);
    EXPECT_NEAR(scores.average_precision_75, both, 1e-12);
    EXPECT_NEAR(scores.average_precision, (6 * both + 4 * first_only) / 10, 1e-12);
}

TEST(Evaluate, MeasuresOutlinesOfPairs) {
    // A box moved by 1 along its longer side. Bands of 1: frames of 10 × 4 less 8 × 2, 24 each. They share
    // the frame's intersection: rows at top and bottom 9 wide, columns that meet none but where they cross.
    const Scores scores = evaluate({{box(1, 0, 10, 4)}}, {{box(0, 0, 10, 4)}}, {0.5, false, 1});
    EXPECT_DOUBLE_EQ(scores.outlines.boundary_width, 1);
    EXPECT_NEAR(scores.outlines.boundary_iou, 18.0 / (24 + 24 - 18), 1e-9);
    // Of each box two corners lie on the other's outline, and two 1 away from it.
    EXPECT_DOUBLE_EQ(scores.outlines.polis, 0.5);
    EXPECT_DOUBLE_EQ(scores.outlines.vertex_ratio, 1);
    // A twentieth of the square root of the area.
    EXPECT_DOUBLE_EQ(evaluate({{box(0, 0, 4, 4)}}, {{box(0, 0, 4, 4)}}).outlines.boundary_width, 0.2);
}

TEST(Evaluate, TellsSplitFromMerged) {
    // One object in two halves leaves half of itself out; two objects in one prediction cover half in vain.
    const Scores split = evaluate({{box(0, 0, 5, 1)}, {box(5, 0, 5, 1)}}, {{box(0, 0, 10, 1)}});
    EXPECT_DOUBLE_EQ(split.over_segmentation, 0.5);
    EXPECT_DOUBLE_EQ(split.under_segmentation, 0);
    const Scores merged = evaluate({{box(0, 0, 10, 1)}}, {{box(0, 0, 5, 1)}, {box(5, 0, 5, 1)}});
    EXPECT_DOUBLE_EQ(merged.over_segmentation, 0);
    EXPECT_DOUBLE_EQ(merged.under_segmentation, 0.5);
    EXPECT_DOUBLE_EQ(merged.pixel_iou, 1);
    EXPECT_DOUBLE_EQ(split.pixel_iou, 1);
}

TEST(Evaluate, CountsOverlappingGroundOnce) {
    const Scores scores = evaluate({{box(0, 0, 4, 1)}, {box(2, 0, 4, 1)}}, {{box(0, 0, 8, 1)}});
    EXPECT_DOUBLE_EQ(scores.pixel_iou, 6.0 / 8);
}

TEST(Evaluate, LetsPredictionsCountForTheirClassOnly) {
    const std::vector<EvaluatedObject> truth{
        {box(0, 0, 4, 4), 0, "roof"}, {box(10, 0, 4, 4), 0, "roof"}, {box(20, 0, 4, 4), 0, "pond"}};
    const std::vector<EvaluatedObject> predicted{
        {box(0, 0, 4, 4), 1, "roof"}, {box(10, 0, 4, 4), 1, "pond"}, {box(20, 0, 4, 2), 1, "pond"}};
    EXPECT_EQ(evaluate(predicted, truth).true_positives, 3);
    const Scores scores = evaluate(predicted, truth, {0.5, true});
    EXPECT_EQ(scores.true_positives, 2);
    EXPECT_EQ(scores.predicted_matched, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(scores.true_matched, (std::vector<bool>{true, false, true}));
    EXPECT_DOUBLE_EQ(scores.per_class.at("roof").precision, 1);
    EXPECT_DOUBLE_EQ(scores.per_class.at("roof").recall, 0.5);
    EXPECT_DOUBLE_EQ(scores.per_class.at("pond").precision, 0.5);
    EXPECT_DOUBLE_EQ(scores.per_class.at("pond").pixel_iou, 8.0 / 32);
    EXPECT_EQ((scores.common_area.at({"roof", "pond"})), 16);
    EXPECT_DOUBLE_EQ(scores.overall_accuracy, 24.0 / 40);
    // By chance: roofs are 32/40 of the truth and 16/40 of the predictions, ponds 8/40 and 24/40.
    const double chance = 0.8 * 0.4 + 0.2 * 0.6;
    EXPECT_DOUBLE_EQ(scores.kappa, (0.6 - chance) / (1 - chance));
}

TEST(Evaluate, RefusesThresholdsAndScoresThatMakeNoSense) {
    EXPECT_THROW(evaluate({}, {}, {0}), Error);
    EXPECT_THROW(evaluate({}, {}, {1.5}), Error);
    EXPECT_THROW(evaluate({{box(0, 0, 1, 1), std::nan(""), ""}}, {}), Error);
}

}  // namespace
}  // namespace landseam::vectors
