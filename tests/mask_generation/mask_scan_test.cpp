#include "mask_generation/mask_scan.h"

#include <cmath>

#include <gmock/gmock.h>

namespace landseam::mask_generation {
namespace {

using ::testing::ElementsAre;
using PixelRun = landseam::Run;  // within a test, Run is a member function

TEST(MaskScan, TakesPixelsAboveTheThresholdOnly) {
    MaskScan scan(0, 1);
    const std::vector<float> row{0.1F, 0, -0.1F, 5, 6, 0, 1};
    scan.add_row(row.data(), 7, 10, 3);
    scan.add_row(row.data(), 4, 10, 4);
    EXPECT_THAT(scan.take_mask().runs(),
                ElementsAre(PixelRun{3, 10, 11}, PixelRun{3, 13, 15}, PixelRun{3, 16, 17},
                            PixelRun{4, 10, 11}, PixelRun{4, 13, 14}));
}

TEST(MaskScan, JoinsNothingAcrossRows) {
    MaskScan scan(0, 1);
    const std::vector<float> row{1, 1};
    scan.add_row(row.data(), 2, 0, 0);
    scan.add_row(row.data(), 2, 0, 1);
    EXPECT_THAT(scan.take_mask().runs(), ElementsAre(PixelRun{0, 0, 2}, PixelRun{1, 0, 2}));
}

TEST(StabilityScore, IsTheShareOfThePixelsThatStayWhenTheThresholdRises) {
    MaskScan scan(0, 1);
    const std::vector<float> row{1.5F, 1, 0.5F, -0.5F, -1, -1.5F};  // 1 above +1; 4 above −1: both strictly
    scan.add_row(row.data(), 6, 0, 0);
    EXPECT_EQ(scan.stability_score(), 0.25F);
}

TEST(StabilityScore, CountsOverAllRowsWithTheGivenOffset) {
    MaskScan scan(0, 2);
    const std::vector<float> first{3, 3, -1.9F}, second{1.9F, -3, -3};
    scan.add_row(first.data(), 3, 0, 0);
    scan.add_row(second.data(), 3, 0, 1);
    EXPECT_EQ(scan.stability_score(), 0.5F);
}

TEST(StabilityScore, IsNotANumberWhereNoPixelIsAboveTheLowerThreshold) {
    MaskScan scan(0, 1);
    const std::vector<float> row{-2, -3};
    scan.add_row(row.data(), 2, 0, 0);
    EXPECT_TRUE(std::isnan(scan.stability_score()));
    EXPECT_TRUE(scan.take_mask().empty());
}

TEST(StabilityScore, DoesNotOverflowOnRowsOfMoreThan32767Pixels) {
    MaskScan scan(0, 1);
    const std::vector<float> row(40000, 2);
    scan.add_row(row.data(), 40000, 0, 0);
    EXPECT_EQ(scan.stability_score(), 1);
    EXPECT_EQ(scan.take_mask().area(), 40000);
}

TEST(MaskScan, LeavesOutPixelsWithoutData) {
    MaskScan scan(0, 1);
    const std::vector<float> row{2, 2, 0.5F, 2};
    const std::vector<std::uint8_t> valid{1, 0, 1, 0};
    scan.add_row(row.data(), 4, 0, 0, valid.data());
    EXPECT_EQ(scan.stability_score(), 0.5F);
    EXPECT_THAT(scan.take_mask().runs(), ElementsAre(PixelRun{0, 0, 1}, PixelRun{0, 2, 3}));
}

}  // namespace
}  // namespace landseam::mask_generation
