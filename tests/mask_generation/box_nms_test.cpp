#include "mask_generation/box_nms.h"

#include <gmock/gmock.h>

namespace landseam::mask_generation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BoxNms, KeepsTheBetterOfTwoBoxesThatOverlapMuch) {
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 9}, {50, 50, 60, 60}}, {0.5F, 0.9F, 0.1F}, 0.7),
                ElementsAre(1, 2));
}

TEST(BoxNms, ReturnsWhatStaysByFallingScore) {
    EXPECT_THAT(box_nms({{0, 0, 1, 1}, {5, 5, 6, 6}, {9, 9, 10, 10}}, {0.2F, 0.3F, 0.25F}, 0.5),
                ElementsAre(1, 2, 0));
}

TEST(BoxNms, KeepsTheFirstOfEqualScores) {
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 10}, {0, 0, 10, 10}}, {1, 1, 1}, 0.7), ElementsAre(0));
}

TEST(BoxNms, SuppressesOnlyAboveTheThreshold) {
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 5}}, {1, 0.5F}, 0.5), ElementsAre(0, 1));
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 5}}, {1, 0.5F}, 0.499), ElementsAre(0));
}

TEST(BoxNms, ComparesInSinglePrecisionAsTheReferenceDoes) {
    // 0.6 rounded to single precision is above 0.6, 0.7 below 0.7.
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 6}}, {1, 0.5F}, 0.6), ElementsAre(0));
    EXPECT_THAT(box_nms({{0, 0, 10, 10}, {0, 0, 10, 7}}, {1, 0.5F}, 0.7), ElementsAre(0, 1));
}

TEST(BoxNms, TakesAreasBetweenTheCentresOfTheOuterPixels) {
    // As pixels 2 × 2 and 3 × 2 share 4 of 6; between centres they share 1 of 2.
    EXPECT_THAT(box_nms({{0, 0, 1, 1}, {0, 0, 2, 1}}, {1, 0.5F}, 0.6), ElementsAre(0, 1));
}

TEST(BoxNms, NeverSuppressesBoxesOfOnePixel) {
    EXPECT_THAT(box_nms({{3, 3, 3, 3}, {3, 3, 3, 3}}, {1, 1}, 0), ElementsAre(0, 1));
}

TEST(BoxNms, DoesNotLetASuppressedBoxSuppressAnother) {
    // Each overlaps the next by more than half, the first and the last do not.
    const std::vector<IndexBox> chain{{0, 0, 10, 10}, {3, 0, 13, 10}, {6, 0, 16, 10}};
    EXPECT_THAT(box_nms(chain, {3, 2, 1}, 0.5), ElementsAre(0, 2));
}

TEST(BoxNms, OfNothingIsNothing) {
    EXPECT_THAT(box_nms({}, {}, 0.7), IsEmpty());
}

}  // namespace
}  // namespace landseam::mask_generation
