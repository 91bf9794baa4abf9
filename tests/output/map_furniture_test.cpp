#include "landseam/output/map_furniture.h"

#include "landseam/core/error.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::output {
namespace {

ImageU8 ground(int width, int height) {
    return ImageU8(width, height, 3, 120);
}

// How many pixels differ from plain ground in this part of the picture.
int drawn_in(const ImageU8& picture, int x0, int y0, int x1, int y1) {
    int count = 0;
    for (int y = y0; y < y1; ++y)
        for (int x = x0; x < x1; ++x) count += picture.at(x, y) != 120;
    return count;
}

TEST(Labels, AreDrawnWhereTheyHaveRoomAndNotOverOneAnother) {
    ImageU8 picture = ground(400, 300);
    EXPECT_EQ(draw_labels(picture, {{{200, 150}, "house"}, {{203, 151}, "shed"}, {{100, 60}, "42"}}), 2);
    EXPECT_GT(drawn_in(picture, 170, 135, 230, 165), 50);
    EXPECT_GT(drawn_in(picture, 85, 45, 115, 75), 20);
    EXPECT_EQ(drawn_in(picture, 0, 200, 400, 300), 0);
    EXPECT_EQ(draw_labels(picture, {{{2, 2}, "beyond the corner"}, {{200, 280}, ""}}), 0);
    EXPECT_EQ(draw_labels(picture, {{{300, 250},
                                     "Stra\xC3\x9F"
                                     "e"}}),
              1)
        << "what has no glyph is no reason to fail";
}

TEST(Legend, LiesInTheUpperLeftCornerAndShowsItsColors) {
    ImageU8 picture = ground(600, 400);
    draw_legend(picture, "class", {{{255, 0, 0}, "roof"}, {{0, 0, 255}, "pond"}});
    int red = 0, blue = 0;
    for (int y = 0; y < 200; ++y)
        for (int x = 0; x < 300; ++x) {
            red += picture.at(x, y, 0) == 255 && picture.at(x, y, 1) == 0;
            blue += picture.at(x, y, 2) == 255 && picture.at(x, y, 0) == 0;
        }
    EXPECT_GT(red, 30);
    EXPECT_EQ(red, blue);
    EXPECT_EQ(drawn_in(picture, 300, 0, 600, 400), 0);
    ImageU8 small = ground(20, 20);
    draw_legend(small, "class", {{{255, 0, 0}, "roof"}});
    EXPECT_EQ(drawn_in(small, 0, 0, 20, 20), 0);
}

TEST(ScaleBar, ShowsARoundLengthOfUpToAQuarterOfTheWidth) {
    EXPECT_DOUBLE_EQ(scale_bar_length(0.5, 800), 100);
    EXPECT_DOUBLE_EQ(scale_bar_length(10, 1000), 2000);
    EXPECT_DOUBLE_EQ(scale_bar_length(0.05, 1000), 10);
    for (double gsd = 0.013; gsd < 1000; gsd *= 1.37) {
        const double length = scale_bar_length(gsd, 900);
        EXPECT_LE(length, gsd * 225 * (1 + 1e-12));
        EXPECT_GT(length, gsd * 225 / 2.6);
    }
    ImageU8 picture = ground(800, 600);
    draw_scale_bar(picture, 0.5);
    EXPECT_GT(drawn_in(picture, 0, 500, 260, 600), 1000);
    EXPECT_EQ(drawn_in(picture, 0, 0, 800, 450), 0);
    ImageU8 unknown = ground(800, 600);
    draw_scale_bar(unknown, std::nan(""));
    EXPECT_EQ(drawn_in(unknown, 0, 0, 800, 600), 0);
}

TEST(NorthArrow, PointsToTheNorth) {
    // The letter lies on the side of the arrow's box that north is on.
    const auto dark_rows = [](Point north) {
        ImageU8 picture = ground(1600, 1200);
        draw_north_arrow(picture, north);
        double above = 0, below = 0;
        const int middle = 14 + (2 * 34 + 28) / 2;
        for (int y = 0; y < 2 * middle; ++y)
            for (int x = 1480; x < 1600; ++x) (y < middle ? above : below) += picture.at(x, y) < 60;
        EXPECT_EQ(drawn_in(picture, 0, 0, 1400, 1200), 0);
        return std::make_pair(above, below);
    };
    const auto up = dark_rows({0, -1}), down = dark_rows({0, 3});
    EXPECT_NEAR(up.first, down.second, 0.35 * up.first);
    EXPECT_NEAR(up.second, down.first, 0.35 * up.second);
    EXPECT_NE(up, down);
}

TEST(BesideEachOther, PutsWidePicturesAboveOneAnother) {
    ImageU8 first = ground(100, 90), second(100, 90, 3, 7);
    ImageU8 both = beside_each_other(first, second);
    EXPECT_GT(both.width, 200);
    EXPECT_EQ(both.height, 90);
    EXPECT_EQ(both.at(0, 0), 120);
    EXPECT_EQ(both.at(both.width - 1, 89), 7);
    both = beside_each_other(ground(150, 100), ImageU8(150, 100, 3, 7));
    EXPECT_EQ(both.width, 150);
    EXPECT_EQ(both.at(149, both.height - 1), 7);
    EXPECT_THROW(beside_each_other(first, ground(3, 3)), Error);
}

TEST(RampColor, GoesFromDarkToLight) {
    const auto lightness = [](double share) {
        const PictureColor c = ramp_color(share);
        return 0.3 * c[0] + 0.6 * c[1] + 0.1 * c[2];
    };
    for (double share = 0; share < 1; share += 0.05) EXPECT_LT(lightness(share), lightness(share + 0.05));
    EXPECT_EQ(ramp_color(-3), ramp_color(0));
    EXPECT_EQ(ramp_color(7), ramp_color(1));
}

}  // namespace
}  // namespace landseam::output
