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
    EXPECT_EQ(evaluate(predicted, truth, 0.3).true_positives, 2);
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
    EXPECT_EQ(evaluate({{unsure.geometry, 0.9, ""}, {sure.geometry, 0.1, ""}}, truth, 0.52).true_positives,
              1);
    EXPECT_EQ(evaluate({unsure, sure}, truth, 0.52).true_positives, 2);
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

TEST(Evaluate, RefusesThresholdsAndScoresThatMakeNoSense) {
    EXPECT_THROW(evaluate({}, {}, 0), Error);
    EXPECT_THROW(evaluate({}, {}, 1.5), Error);
    EXPECT_THROW(evaluate({{box(0, 0, 1, 1), std::nan(""), ""}}, {}), Error);
}

}  // namespace
}  // namespace landseam::vectors
