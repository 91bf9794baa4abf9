#include "pipeline/segment_features.h"

#include <gtest/gtest.h>

#include "landseam/vectors/trace.h"
#include "pipeline/segment_statistics.h"

namespace landseam::pipeline {
namespace {

raster::SceneInfo scene_info() {
    raster::SceneInfo info;
    info.width = 3000;
    info.height = 2100;
    info.geo_transform = GeoTransform{{1000, 0.5, 0.1, 2000, 0.1, -0.5}};
    return info;
}

std::unique_ptr<raster::RasterSource> ramp_scene() {
    ImageF band(3000, 2100), other(3000, 2100);
    ImageU8 valid(3000, 2100, 1, 1);
    for (int y = 0; y < 2100; ++y)
        for (int x = 0; x < 3000; ++x) {
            band.at(x, y) = static_cast<float>(x % 37 + 3 * (y % 11));
            other.at(x, y) = static_cast<float>(x + y);
            valid.at(x, y) = x >= 100;
        }
    return raster::memory_raster(scene_info(), {band, other}, valid);
}

std::vector<Segment> some_segments() {
    std::vector<Segment> segments(3);
    segments[0].mask = RunMask::from_box({900, 900, 400, 300});  // over four blocks
    segments[1].mask = RunMask::from_box({100, 50, 7, 7});       // beside invalid ground
    segments[2].mask = RunMask::from_runs({{0, 2900, 3000}, {2099, 2900, 3000}});
    return segments;
}

TEST(SegmentStatistics, EqualThoseOfTheWholeSceneReadAtOnce) {
    const auto scene = ramp_scene();
    const auto segments = some_segments();
    const auto statistics = gather_statistics(*scene, segments, {}, false, serial_for);
    const RasterWindow whole = scene->read({0, 0, 3000, 2100}, {1, 2}, 3000, 2100);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto expected = segments::window_statistics(segments[i].mask, whole, {0, 0, 3000, 2100}, {0, 0, 3000, 2100});
        for (int band = 0; band < 2; ++band) {
            EXPECT_EQ(statistics[i].bands[band].count, segments[i].mask.area());
            EXPECT_NEAR(statistics[i].bands[band].mean, expected.bands[band].mean, 1e-9);
            EXPECT_NEAR(statistics[i].bands[band].standard_deviation(), expected.bands[band].standard_deviation(), 1e-9);
        }
    }
    EXPECT_FALSE(statistics[0].touches_invalid);
    EXPECT_TRUE(statistics[1].touches_invalid);
}

TEST(SegmentStatistics, AreTheSameToTheBitAloneAsAmongOthersInAnyOrder) {
    const auto scene = ramp_scene();
    const auto segments = some_segments();
    const ParallelFor backwards = [](std::size_t count, const std::function<void(std::size_t)>& body) {
        while (count > 0) body(--count);
    };
    const auto together = gather_statistics(*scene, segments, {}, false, backwards);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto alone = gather_statistics(*scene, {segments[i]}, {}, false, serial_for);
        for (int band = 0; band < 2; ++band) {
            EXPECT_EQ(alone[0].bands[band].mean, together[i].bands[band].mean);
            EXPECT_EQ(alone[0].bands[band].squared_deviations, together[i].bands[band].squared_deviations);
        }
    }
}

TEST(SegmentFeature, KeepsARotatedGeoreference) {
    const raster::Georeference georeference(scene_info());
    Segment segment;
    segment.mask = RunMask::from_box({10, 20, 4, 2});
    const output::Feature feature = segment_feature(5, segment, {}, 1, georeference, vectors::trace(segment.mask));
    ASSERT_EQ(feature.geometry.size(), 1u);
    const GeoTransform transform = *scene_info().geo_transform;
    const Point corner = transform.to_world({10, 20}), opposite = transform.to_world({14, 22});
    const Ring& ring = feature.geometry[0].outer;
    ASSERT_EQ(ring.size(), 4u);
    EXPECT_NE(std::find(ring.begin(), ring.end(), corner), ring.end());
    EXPECT_NE(std::find(ring.begin(), ring.end(), opposite), ring.end());
    EXPECT_EQ(feature.values.size(), segment_fields({1}).size());
    EXPECT_EQ(std::get<std::int64_t>(feature.values[0]), 5);
    // No pixel was measured.
    EXPECT_TRUE(std::holds_alternative<std::monostate>(feature.values.back()));
}

}  // namespace
}  // namespace landseam::pipeline
