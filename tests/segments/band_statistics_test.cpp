#include "landseam/segments/band_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace landseam::segments {
namespace {

RasterWindow window_of(int width, int height) {
    RasterWindow window;
    window.band_numbers = {1};
    window.bands.emplace_back(width, height);
    window.valid = ImageU8(width, height, 1, 1);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) window.bands[0].at(x, y) = static_cast<float>(1e6 + x * x + 10 * y);
    return window;
}

RasterWindow crop(const RasterWindow& window, const PixelBox& box) {
    RasterWindow part;
    part.band_numbers = window.band_numbers;
    part.valid = ImageU8(static_cast<int>(box.width), static_cast<int>(box.height));
    part.bands.emplace_back(part.valid.width, part.valid.height);
    for (int y = 0; y < part.valid.height; ++y)
        for (int x = 0; x < part.valid.width; ++x) {
            part.valid.at(x, y) = window.valid.at(static_cast<int>(box.x) + x, static_cast<int>(box.y) + y);
            part.bands[0].at(x, y) = window.bands[0].at(static_cast<int>(box.x) + x, static_cast<int>(box.y) + y);
        }
    return part;
}

TEST(BandStatistics, AreThoseOfTheValidPixels) {
    RasterWindow window = window_of(4, 1);
    window.bands[0].values = {2, 4, 1000, 9};
    window.valid.at(2, 0) = 0;
    const PixelBox frame{10, 20, 4, 1};
    const SegmentStatistics statistics = window_statistics(RunMask::from_box({10, 20, 3, 1}), window, frame, frame);
    EXPECT_EQ(statistics.bands[0].count, 2);
    EXPECT_DOUBLE_EQ(statistics.bands[0].mean, 3);
    EXPECT_DOUBLE_EQ(statistics.bands[0].standard_deviation(), 1);
}

TEST(BandStatistics, CombineOverWindowsAsIfReadAtOnce) {
    const RasterWindow whole = window_of(12, 9);
    const PixelBox scene{0, 0, 12, 9};
    const RunMask mask = RunMask::from_runs({{1, 2, 11}, {2, 0, 12}, {5, 3, 8}, {8, 1, 2}});
    const SegmentStatistics expected = window_statistics(mask, whole, scene, scene);
    SegmentStatistics sum;
    for (const PixelBox& core : {PixelBox{0, 0, 5, 4}, PixelBox{5, 0, 7, 4}, PixelBox{0, 4, 5, 5}, PixelBox{5, 4, 7, 5}}) {
        const PixelBox frame = intersection({core.x - 1, core.y - 1, core.width + 2, core.height + 2}, scene);
        combine(sum, window_statistics(mask, crop(whole, frame), frame, core));
    }
    EXPECT_EQ(sum.bands[0].count, mask.area());
    EXPECT_NEAR(sum.bands[0].mean, expected.bands[0].mean, 1e-8);
    EXPECT_NEAR(sum.bands[0].standard_deviation(), expected.bands[0].standard_deviation(), 1e-8);
}

TEST(BandStatistics, NoticeInvalidGroundBesideTheSegmentOnly) {
    RasterWindow window = window_of(6, 6);
    window.valid.at(4, 2) = 0;
    const PixelBox frame{0, 0, 6, 6};
    const auto touches = [&](const PixelBox& box) {
        return window_statistics(RunMask::from_box(box), window, frame, frame).touches_invalid;
    };
    EXPECT_TRUE(touches({2, 2, 2, 1}));   // left of it
    EXPECT_TRUE(touches({4, 3, 1, 1}));   // below it
    EXPECT_FALSE(touches({2, 2, 1, 1}));  // a pixel away
    EXPECT_FALSE(touches({3, 1, 1, 1}));  // across the corner
}

}  // namespace
}  // namespace landseam::segments
