#include "landseam/pipeline/overlap_policy.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/outline_drawing.h"
#include "landseam/vectors/simplify.h"

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

// 60 × 40 pixels of half a metre, the right-most five columns without data.
std::unique_ptr<raster::RasterSource> scene() {
    raster::SceneInfo info;
    info.geo_transform = GeoTransform{{1000, 0.5, 0, 2000, 0, -0.5}};
    info.crs_wkt =
        R"(ENGCRS["local",EDATUM["here"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]])";
    ImageU8 valid(60, 40, 1, 1);
    for (int y = 0; y < 40; ++y)
        for (int x = 55; x < 60; ++x) valid.at(x, y) = 0;
    return raster::memory_raster(info, {ImageF(60, 40)}, valid);
}

Segment segment(PixelBox box, double quality) {
    Segment result;
    result.mask = RunMask::from_box(box);
    result.predicted_iou = quality;
    result.stability_score = 1;
    return result;
}

OverlapOptions policy(const std::string& name) {
    OverlapOptions options;
    options.policy = name;
    return options;
}

TEST(OverlapPolicy, KeepsMasksAsTheyAre) {
    const auto arranged = arrange_segments({segment({0, 0, 10, 10}, 0.9), segment({5, 0, 10, 10}, 0.8)},
                                           policy("keep"), *scene(), {});
    ASSERT_EQ(arranged.segments.size(), 2u);
    EXPECT_EQ(arranged.segments[1].mask.area(), 100);
    EXPECT_TRUE(arranged.corners.empty());
}

TEST(OverlapPolicy, GivesEachPixelToTheBestMaskAndLeavesOutWhatIsCovered) {
    const auto arranged = arrange_segments(
        {segment({0, 0, 10, 10}, 0.8), segment({5, 0, 10, 10}, 0.9), segment({6, 1, 3, 3}, 0.7)},
        policy("flat"), *scene(), {});
    ASSERT_EQ(arranged.segments.size(), 2u);
    EXPECT_EQ(arranged.segments[0].mask, RunMask::from_box({0, 0, 5, 10}));
    EXPECT_EQ(arranged.segments[1].mask.area(), 100);
    EXPECT_EQ(arranged.left_out, 1);
}

TEST(OverlapPolicy, LetsTheNextBestHaveWhatTooSmallRemainsLose) {
    // The second mask would be left with a strip of 10 pixels; the third one takes it.
    OverlapOptions options = policy("flat");
    options.min_area = "5m2";
    const auto arranged = arrange_segments(
        {segment({0, 0, 10, 10}, 0.9), segment({0, 0, 11, 10}, 0.8), segment({5, 0, 20, 10}, 0.7)}, options,
        *scene(), {});
    ASSERT_EQ(arranged.segments.size(), 2u);
    EXPECT_EQ(arranged.segments[1].mask, RunMask::from_box({10, 0, 15, 10}));
}

TEST(OverlapPolicy, ClosesSlitsButNotOverPixelsWithoutData) {
    OverlapOptions options = policy("flat");
    options.fill_gaps = 2;
    const auto arranged = arrange_segments({segment({0, 0, 10, 10}, 0.9), segment({12, 0, 10, 10}, 0.8),
                                            segment({45, 20, 10, 10}, 0.9), segment({57, 20, 3, 10}, 0.8)},
                                           options, *scene(), {});
    EXPECT_EQ(arranged.segments[0].mask, RunMask::from_box({0, 0, 11, 10}));
    EXPECT_EQ(arranged.segments[1].mask, RunMask::from_box({11, 0, 11, 10}));
    EXPECT_EQ(arranged.segments[2].mask.area(), 100);
    EXPECT_EQ(arranged.segments[3].mask.area(), 30);
}

TEST(OverlapPolicy, DrawsPartsWithinTheirWholes) {
    const auto arranged = arrange_segments(
        {segment({0, 0, 30, 30}, 0.9), segment({2, 2, 9, 8}, 0.8), segment({28, 5, 10, 3}, 0.9)},
        policy("tree"), *scene(), {});
    ASSERT_EQ(arranged.segments.size(), 3u);
    EXPECT_EQ(arranged.places[1].parent, 0);
    EXPECT_EQ(arranged.places[1].depth, 1);
    EXPECT_EQ(arranged.places[2].parent, -1);
    EXPECT_EQ(arranged.segments[0].mask.area() + arranged.segments[2].mask.area(), 900 + 24);
    const raster::Georeference georeference(scene()->info());
    const DrawnOutlines drawn = draw_outlines(arranged, {}, georeference, serial_for);
    std::vector<output::FieldValue> values;
    append_drawing_values(arranged, drawn, 1, values);
    EXPECT_EQ(values, (std::vector<output::FieldValue>{std::int64_t{1}, std::int64_t{1}}));
}

TEST(OverlapPolicy, RefusesWhatMakesNoSense) {
    EXPECT_THROW(policy("pile").validate(), Error);
    OverlapOptions options = policy("keep");
    options.fill_gaps = 1;
    EXPECT_THROW(options.validate(), Error);
    options = policy("flat");
    options.max_area = "much";
    EXPECT_THROW(options.validate(), Error);
}

}  // namespace
}  // namespace landseam::pipeline
