#include "landseam/core/interior_pixel.h"

#include <cmath>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace landseam {
namespace {

RunMask mask_of(const std::vector<std::string>& rows) {
    ImageU8 image(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()));
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) image.at(x, y) = rows[y][x] == '#';
    return RunMask::from_image(image);
}

// By comparison with every pixel outside, up to one beyond the bounds.
double depth_of(const RunMask& mask, int x, int y) {
    const PixelBox box = mask.bounds();
    double least = 1e30;
    for (std::int64_t v = box.y - 1; v <= box.bottom(); ++v)
        for (std::int64_t u = box.x - 1; u <= box.right(); ++u)
            if (!mask.contains(u, v))
                least = std::min(least, std::hypot(static_cast<double>(u - x), static_cast<double>(v - y)));
    return least;
}

TEST(InteriorPixel, IsNotThereInAnEmptyMask) {
    EXPECT_FALSE(most_interior_pixel({}));
}

TEST(InteriorPixel, IsTheMiddleOfABoxAndKeepsTheMasksFrame) {
    const auto pixel = most_interior_pixel(RunMask::from_box({-10, 100, 7, 5}));
    ASSERT_TRUE(pixel);
    EXPECT_EQ(pixel->x, -7);
    EXPECT_EQ(pixel->y, 102);
    EXPECT_EQ(pixel->depth, 3);
}

TEST(InteriorPixel, LiesInTheMiddleOfAStripWhereManyAreEquallyDeep) {
    const auto pixel = most_interior_pixel(RunMask::from_box({0, 0, 101, 1}));
    ASSERT_TRUE(pixel);
    EXPECT_EQ(pixel->x, 50);
    EXPECT_EQ(pixel->depth, 1);
}

TEST(InteriorPixel, LiesOnARingAndNotInItsHole) {
    const auto pixel = most_interior_pixel(mask_of({"########",  //
                                                    "########",  //
                                                    "##..####",  //
                                                    "##..####",  //
                                                    "########"}));
    ASSERT_TRUE(pixel);
    EXPECT_EQ(pixel->x, 5);
    EXPECT_EQ(pixel->y, 2);
    EXPECT_EQ(pixel->depth, 2);
}

TEST(InteriorPixel, IsAsDeepAsAComparisonWithEveryPixelOutsideSays) {
    std::mt19937 random(5);
    for (int round = 0; round < 200; ++round) {
        ImageU8 image(1 + static_cast<int>(random() % 20), 1 + static_cast<int>(random() % 20));
        const unsigned density = 1 + random() % 30;
        for (auto& value : image.values) value = random() % density != 0;
        const RunMask mask = RunMask::from_image(image);
        const auto pixel = most_interior_pixel(mask);
        ASSERT_EQ(pixel.has_value(), !mask.empty());
        if (!pixel) continue;
        double deepest = 0;
        for (int y = 0; y < image.height; ++y)
            for (int x = 0; x < image.width; ++x)
                if (image.at(x, y)) deepest = std::max(deepest, depth_of(mask, x, y));
        EXPECT_DOUBLE_EQ(pixel->depth, deepest);
        EXPECT_DOUBLE_EQ(depth_of(mask, pixel->x, pixel->y), deepest);
    }
}

}  // namespace
}  // namespace landseam
