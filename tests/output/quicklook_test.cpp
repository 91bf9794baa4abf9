#include "landseam/output/quicklook.h"

#include "landseam/core/error.h"

#include "output/layer_samples.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace landseam::output {
namespace {

using testing::box;

std::array<std::uint8_t, 3> pixel(const ImageU8& image, int x, int y) {
    return {image.at(x, y, 0), image.at(x, y, 1), image.at(x, y, 2)};
}

const std::array<std::uint8_t, 3> grey{100, 100, 100};

TEST(Overlay, TintsTheInsideAndLeavesTheRestAlone) {
    const ImageU8 ground(40, 40, 3, 100);
    const ImageU8 drawn = draw_overlay(ground, {{{box(10, 10, 20, 20), {}}}}, {0.5, 1, 1});
    const auto color = object_color(0);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(drawn.at(20, 20, c), (100 + color[c]) / 2, 1);
    EXPECT_EQ(pixel(drawn, 7, 20), grey);
    EXPECT_EQ(pixel(drawn, 33, 20), grey);
    EXPECT_EQ(pixel(drawn, 20, 7), grey);
    EXPECT_EQ(pixel(drawn, 20, 33), grey);
}

TEST(Overlay, PutsTheOutlineOnTheEdgeOfPixels) {
    const ImageU8 ground(40, 40, 3, 0);
    const ImageU8 drawn = draw_overlay(ground, {{{box(10, 10, 20, 20), {}}}}, {0, 1, 1});
    // The edge at 10 lies between columns 9 and 10, which it covers alike, and so does the one at 30.
    EXPECT_GT(drawn.at(9, 20, 0), 60);
    EXPECT_NEAR(drawn.at(9, 20, 0), drawn.at(10, 20, 0), 12);
    EXPECT_NEAR(drawn.at(29, 20, 0), drawn.at(30, 20, 0), 12);
    EXPECT_NEAR(drawn.at(20, 29, 0), drawn.at(20, 30, 0), 12);
    EXPECT_EQ(drawn.at(20, 20, 0), 0);
}

TEST(Overlay, LeavesHolesClear) {
    const ImageU8 ground(60, 60, 3, 100);
    const ImageU8 drawn = draw_overlay(ground, {{{box(5, 5, 50, 50), {box(20, 20, 20, 20)}}}});
    EXPECT_EQ(pixel(drawn, 30, 30), grey);
    EXPECT_NE(pixel(drawn, 12, 30), grey);
}

TEST(Overlay, DrawsSmallObjectsAboveLargeOnes) {
    const ImageU8 ground(60, 60, 3, 100);
    const MultiPolygon small{{box(25, 25, 10, 10), {}}}, large{{box(2, 2, 56, 56), {}}};
    const OverlayStyle solid{1, 1, 1};
    EXPECT_EQ(pixel(draw_overlay(ground, {small, large}, solid), 30, 30), object_color(0));
    EXPECT_EQ(pixel(draw_overlay(ground, {large, small}, solid), 30, 30), object_color(1));
}

TEST(Overlay, CutsOffWhatLiesOutside) {
    const ImageU8 ground(20, 20, 3, 100);
    const ImageU8 drawn = draw_overlay(ground, {{{box(-1e9, -1e9, 2e9, 1e9 + 10), {}}},
                                                {{box(500, 500, 10, 10), {}}},
                                                {{{{0, 0}, {1, 1}, {std::nan(""), 5}}, {}}},
                                                {}});
    EXPECT_NE(pixel(drawn, 10, 3), grey);
    EXPECT_EQ(pixel(drawn, 10, 15), grey);
}

TEST(Overlay, GivesNeighboursInTheListDifferentStableColors) {
    EXPECT_EQ(object_color(5), object_color(5));
    for (std::size_t i = 0; i < 200; ++i) {
        const auto a = object_color(i), b = object_color(i + 1);
        const double distance = std::hypot(a[0] - b[0], std::hypot(a[1] - b[1], a[2] - b[2]));
        EXPECT_GT(distance, 90) << i;
    }
}

TEST(Overlay, RefusesStylesAndPicturesThatMakeNoSense) {
    const ImageU8 ground(20, 20, 3, 100);
    EXPECT_THROW(draw_overlay(ground, {}, {1.5, 1, 1}), Error);
    EXPECT_THROW(draw_overlay(ground, {}, {0.5, std::nan(""), 1}), Error);
    EXPECT_THROW(draw_overlay(ground, {}, {0.5, 1, -1}), Error);
    EXPECT_THROW(draw_overlay(ImageU8(20, 20, 1), {}), Error);
}

}  // namespace
}  // namespace landseam::output
