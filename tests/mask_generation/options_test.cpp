#include "landseam/core/error.h"
#include "landseam/mask_generation/automatic_mask_generator.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

void expect_refused(const std::string& option, const std::function<void(MaskGeneratorOptions&)>& spoil) {
    MaskGeneratorOptions options;
    spoil(options);
    try {
        options.validate();
        FAIL() << option << " was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage) << option;
        EXPECT_NE(std::string(error.what()).find(option), std::string::npos) << error.what();
    }
}

TEST(MaskGeneratorOptions, AreTheReferencesByDefaultAndMakeSense) {
    EXPECT_NO_THROW(MaskGeneratorOptions().validate());
}

TEST(MaskGeneratorOptions, OutOfRangeAreRefusedByName) {
    using Options = MaskGeneratorOptions;
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();
    expect_refused("points_per_side", [](Options& o) { o.points_per_side = 0; });
    expect_refused("points_per_side", [](Options& o) { o.points_per_side = 1'000'000; });
    expect_refused("points_per_batch", [](Options& o) { o.points_per_batch = 0; });
    expect_refused("pred_iou_thresh", [](Options& o) { o.pred_iou_thresh = 1.5; });
    expect_refused("pred_iou_thresh", [&](Options& o) { o.pred_iou_thresh = nan; });
    expect_refused("stability_score_thresh", [](Options& o) { o.stability_score_thresh = -0.1; });
    expect_refused("stability_score_offset", [](Options& o) { o.stability_score_offset = -1; });
    expect_refused("stability_score_offset", [&](Options& o) { o.stability_score_offset = infinity; });
    expect_refused("box_nms_thresh", [](Options& o) { o.box_nms_thresh = -1; });
    expect_refused("crop_n_layers", [](Options& o) { o.crop_n_layers = -1; });
    expect_refused("crop_n_layers", [](Options& o) { o.crop_n_layers = 40; });
    expect_refused("crop_nms_thresh", [](Options& o) { o.crop_nms_thresh = 2; });
    expect_refused("crop_overlap_ratio", [](Options& o) { o.crop_overlap_ratio = -0.5; });
    expect_refused("crop_n_points_downscale_factor",
                   [](Options& o) { o.crop_n_points_downscale_factor = 0; });
    expect_refused("min_mask_region_area", [](Options& o) { o.min_mask_region_area = -1; });
}

TEST(MaskGeneratorOptions, ForCoarseToFineNeedAStepAndARegularGrid) {
    expect_refused("approximate_coarse_to_fine",
                   [](MaskGeneratorOptions& o) { o.approximate_coarse_to_fine = 1; });
    expect_refused("approximate_coarse_to_fine",
                   [](MaskGeneratorOptions& o) { o.approximate_coarse_to_fine = -2; });
    expect_refused("approximate_coarse_to_fine", [](MaskGeneratorOptions& o) {
        o.approximate_coarse_to_fine = 2;
        o.point_grids = {{{0.5, 0.5}}};
    });
}

TEST(PointsPerSideForObjects, LieAtMostHalfAnObjectApart) {
    EXPECT_EQ(points_per_side_for_objects(10, 512), 103);  // 512 / 103 ≤ 5 < 512 / 102
    EXPECT_EQ(points_per_side_for_objects(64, 1024), 32);
    EXPECT_EQ(points_per_side_for_objects(5000, 1024), 1);
}

TEST(PointsPerSideForObjects, AreRefusedBeyondWhatAnOptionMayAskFor) {
    EXPECT_EQ(points_per_side_for_objects(2, 1024), 1024);
    EXPECT_THROW(points_per_side_for_objects(1.9, 1024), Error);
    EXPECT_THROW(points_per_side_for_objects(1e-300, 1e300), Error);
}

TEST(MaskGeneratorOptions, ThatLeaveACropLayerWithoutPointsAreRefused) {
    expect_refused("crop_n_points_downscale_factor", [](MaskGeneratorOptions& o) {
        o.points_per_side = 8;
        o.crop_n_layers = 2;
        o.crop_n_points_downscale_factor = 3;
    });
}

TEST(MaskGeneratorOptions, NeedOneGridForEachCropLayerWithFractions) {
    MaskGeneratorOptions good;
    good.points_per_side = 0;  // not used
    good.crop_n_layers = 1;
    good.point_grids = {{{0, 1}}, {{0.5, 0.5}}};
    EXPECT_NO_THROW(good.validate());
    expect_refused("point_grids", [](MaskGeneratorOptions& o) { o.point_grids = {{{0, 1}}, {{0, 1}}}; });
    expect_refused("point_grids", [](MaskGeneratorOptions& o) { o.point_grids = {{{0, 1.01}}}; });
    expect_refused("point_grids", [](MaskGeneratorOptions& o) { o.point_grids = {{{std::nan(""), 0}}}; });
}

TEST(MaskGeneratorOptions, ThatMakeNoSenseAreRefusedWhenTheGeneratorIsMade) {
    MaskGeneratorOptions options;
    options.points_per_batch = -3;
    EXPECT_THROW(AutomaticMaskGenerator(nullptr, options), Error);
}

}  // namespace
}  // namespace landseam::mask_generation
