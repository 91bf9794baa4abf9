#include "landseam/core/run_mask.h"

#include <algorithm>

#include <gtest/gtest.h>

#include <random>

#include "landseam/core/error.h"

namespace landseam {
namespace {

ImageU8 random_image(int width, int height, unsigned seed) {
    std::mt19937 random(seed);
    ImageU8 image(width, height);
    for (auto& v : image.values) v = random() % 3 == 0;
    return image;
}

TEST(RunMask, BringsRunsInAnyOrderIntoOneForm) {
    const RunMask mask = RunMask::from_runs({{2, 5, 7}, {1, 0, 3}, {2, 7, 9}, {1, 2, 4}, {3, 4, 4}});
    EXPECT_EQ(mask.runs(), (std::vector<landseam::Run>{{1, 0, 4}, {2, 5, 9}}));
    EXPECT_EQ(mask.area(), 8);
    EXPECT_EQ(mask.bounds(), (PixelBox{0, 1, 9, 2}));
}

TEST(RunMask, ContainsExactlyItsPixels) {
    const ImageU8 image = random_image(17, 11, 1);
    const RunMask mask = RunMask::from_image(image);
    for (int y = -1; y <= image.height; ++y)
        for (int x = -1; x <= image.width; ++x) {
            const bool inside = x >= 0 && y >= 0 && x < image.width && y < image.height && image.at(x, y);
            EXPECT_EQ(mask.contains(x, y), inside) << x << ", " << y;
        }
}

TEST(RunMask, GoesThroughCocoAndBack) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const ImageU8 image = random_image(1 + seed % 7, 1 + seed % 5, seed);
        const RunMask mask = RunMask::from_image(image);
        const CocoRle rle = mask.to_coco(image.width, image.height);
        EXPECT_EQ(RunMask::from_coco(rle), mask);
    }
}

TEST(RunMask, WritesCocoColumnByColumnZerosFirst) {
    // . #
    // # #
    const RunMask mask = RunMask::from_runs({{0, 1, 2}, {1, 0, 2}});
    EXPECT_EQ(mask.to_coco(2, 2).counts, (std::vector<std::uint32_t>{1, 3}));
    EXPECT_EQ(RunMask::from_box({0, 0, 1, 1}).to_coco(1, 1).counts, (std::vector<std::uint32_t>{0, 1}));
}

TEST(RunMask, WritesTheCountsThatGoingFromPixelToPixelGives) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        ImageU8 image = random_image(3 + seed, 23 - seed, seed);
        if (seed % 2) std::fill(image.row(1), image.row(3), std::uint8_t{1});  // rows that go on from column to column
        std::vector<std::uint32_t> counts{0};
        bool inside = false;
        for (int x = 0; x < image.width; ++x)
            for (int y = 0; y < image.height; ++y) {
                if ((image.at(x, y) != 0) != inside) {
                    counts.push_back(0);
                    inside = !inside;
                }
                ++counts.back();
            }
        EXPECT_EQ(RunMask::from_image(image).to_coco(image.width, image.height).counts, counts);
    }
}

TEST(RunMask, RefusesCocoCountsThatStandForTooManyRuns) {
    EXPECT_NO_THROW(RunMask::from_coco({100, 2, {0, 200}}, 100));
    EXPECT_THROW(RunMask::from_coco({100, 2, {0, 200}}, 99), Error);
}

TEST(RunMask, RefusesCocoCountsThatDoNotFit) {
    EXPECT_THROW(RunMask::from_coco({2, 2, {1, 2}}), Error);
    EXPECT_THROW(RunMask::from_coco({2, 2, {4294967295u, 5}}), Error);
}

TEST(RunMask, SetOperationsAgreeWithPixels) {
    for (unsigned seed = 0; seed < 30; ++seed) {
        const ImageU8 a = random_image(19, 13, 2 * seed), b = random_image(19, 13, 2 * seed + 1);
        const RunMask ma = RunMask::from_image(a), mb = RunMask::from_image(b);
        ImageU8 both(19, 13), either(19, 13), only(19, 13);
        for (std::size_t i = 0; i < a.values.size(); ++i) {
            both.values[i] = a.values[i] && b.values[i];
            either.values[i] = a.values[i] || b.values[i];
            only.values[i] = a.values[i] && !b.values[i];
        }
        EXPECT_EQ(set_intersection(ma, mb), RunMask::from_image(both));
        EXPECT_EQ(set_union(ma, mb), RunMask::from_image(either));
        EXPECT_EQ(set_difference(ma, mb), RunMask::from_image(only));
        EXPECT_EQ(intersection_area(ma, mb), RunMask::from_image(both).area());
    }
}

TEST(RunMask, ClippingAndShiftingAgreeWithPixels) {
    const RunMask mask = RunMask::from_image(random_image(20, 20, 5)).shifted(100, -30);
    const PixelBox box{105, -25, 7, 9};
    const RunMask clipped = mask.clipped(box);
    EXPECT_EQ(clipped, set_intersection(mask, RunMask::from_box(box)));
    EXPECT_EQ(RunMask::from_image(clipped.to_image(box)).shifted(box.x, box.y), clipped);
}

}  // namespace
}  // namespace landseam
