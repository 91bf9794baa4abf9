#include "mask_generation/point_grid.h"

#include "landseam/mask_generation/automatic_mask_generator.h"

#include <gmock/gmock.h>

namespace landseam::mask_generation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PointGrid, LiesHalfAStepFromTheEdgesAndRunsRowByRow) {
    EXPECT_THAT(build_point_grid(2),
                ElementsAre(Point{0.25, 0.25}, Point{0.75, 0.25}, Point{0.25, 0.75}, Point{0.75, 0.75}));
}

TEST(PointGrid, OfOnePointHasItInTheMiddle) {
    EXPECT_THAT(build_point_grid(1), ElementsAre(Point{0.5, 0.5}));
}

TEST(PointGrid, EndsExactlyHalfAStepBeforeTheFarEdge) {
    for (const int n : {3, 7, 12, 32, 49})
        EXPECT_EQ(build_point_grid(n).back().x, 1.0 - 1.0 / (2.0 * n)) << n;
}

TEST(PointGrids, ThinOutFromLayerToLayer) {
    MaskGeneratorOptions options;
    options.points_per_side = 13;
    options.crop_n_layers = 2;
    options.crop_n_points_downscale_factor = 2;
    EXPECT_THAT(build_all_layer_point_grids(options), ElementsAre(SizeIs(169), SizeIs(36), SizeIs(9)));
}

TEST(PointGrids, OfOnesOwnReplaceTheRegularOnes) {
    MaskGeneratorOptions options;
    options.point_grids = {{{0.1, 0.9}}};
    EXPECT_THAT(build_all_layer_point_grids(options), ElementsAre(ElementsAre(Point{0.1, 0.9})));
}

TEST(Prompts, AreScaledToTheCropAndStayInItsFrame) {
    EXPECT_THAT(place_prompts({{0.25, 0.5}, {1, 1}}, {100, 200, 40, 20}, nullptr),
                ElementsAre(Point{10, 10}, Point{40, 20}));
}

TEST(Prompts, LandOnValidPixelsOnly) {
    ImageU8 valid(4, 4, 1, 0);
    valid.at(2, 3) = 1;  // the lower left pixel of the crop below
    const PixelBox crop{2, 2, 2, 2};
    EXPECT_THAT(place_prompts(build_point_grid(2), crop, &valid), ElementsAre(Point{0.5, 1.5}));
    valid.at(2, 3) = 0;
    EXPECT_THAT(place_prompts(build_point_grid(2), crop, &valid), IsEmpty());
}

TEST(Prompts, OnTheFarEdgeBelongToTheLastPixel) {
    ImageU8 valid(3, 1, 1, 0);
    valid.at(2, 0) = 1;
    EXPECT_THAT(place_prompts({{1, 1}}, {0, 0, 3, 1}, &valid), ElementsAre(Point{3, 1}));
}

TEST(PartGrid, TakesEveryNthPointAlongEachSide) {
    const PartedGrid parted = part_grid(build_point_grid(4), 2);
    const std::vector<Point> coarse{{0.375, 0.375}, {0.875, 0.375}, {0.375, 0.875}, {0.875, 0.875}};
    EXPECT_EQ(parted.coarse, coarse);
    EXPECT_EQ(parted.others.size(), 12u);
    EXPECT_EQ(part_grid(build_point_grid(9), 3).coarse.front(), build_point_grid(3).front());
}

TEST(PartGrid, KeepsAnyGridWholeWithoutAStep) {
    const std::vector<Point> grid{{0.1, 0.2}, {0.3, 0.4}, {0.5, 0.6}};
    EXPECT_EQ(part_grid(grid, 0).coarse, grid);
    EXPECT_TRUE(part_grid(grid, 0).others.empty());
}

}  // namespace
}  // namespace landseam::mask_generation
