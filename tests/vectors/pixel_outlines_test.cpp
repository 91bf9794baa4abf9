#include "landseam/vectors/pixel_outlines.h"

#include "landseam/vectors/simplify.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

// A flight of steps of this size, turned by 20°.
MultiPolygon stairs(double step, int count) {
    Ring ring;
    for (int i = 0; i < count; ++i) {
        ring.push_back({i * step, i * step});
        ring.push_back({(i + 1) * step, i * step});
    }
    ring.push_back({count * step, (count + 3) * step});
    ring.push_back({0, (count + 3) * step});
    for (Point& p : ring)
        p = {500000 + std::cos(0.35) * p.x - std::sin(0.35) * p.y,
             std::sin(0.35) * p.x + std::cos(0.35) * p.y};
    return {{ring, {}}};
}

TEST(PixelSide, IsTheStepOfMostStaircases) {
    EXPECT_NEAR(pixel_side({stairs(0.25, 6)}), 0.25, 1e-9);
    EXPECT_NEAR(pixel_side({stairs(0.25, 6), stairs(0.5, 8), stairs(0.25, 20)}), 0.25, 1e-9);
    // Further corners on straight edges are none, and do not make edges shorter than they are by much.
    MultiPolygon with_more = stairs(10, 8);
    const Point a = with_more[0].outer[0], b = with_more[0].outer[1];
    with_more[0].outer.insert(with_more[0].outer.begin() + 1, {(a.x + b.x) / 2, (a.y + b.y) / 2});
    EXPECT_NEAR(pixel_side({with_more}), 5, 1e-9);
}

TEST(PixelSide, IsUnknownWhereMostPolygonsAreSomethingElse) {
    const MultiPolygon drawn{{{{0, 0}, {12, 0}, {12, 8}, {5, 8}, {5, 5}, {0, 5}}, {}}};  // an L
    EXPECT_EQ(pixel_side({}), 0);
    EXPECT_EQ(pixel_side({MultiPolygon()}), 0);
    EXPECT_EQ(pixel_side({drawn}), 0);
    EXPECT_EQ(pixel_side({drawn, stairs(0.25, 6)}), 0);
    EXPECT_GT(pixel_side({drawn, stairs(0.25, 6), stairs(0.25, 6)}), 0);
    EXPECT_EQ(pixel_side({simplify(stairs(0.25, 20), 0.3)}), 0);
    MultiPolygon twice = stairs(0.25, 6);
    twice[0].outer.push_back(twice[0].outer.back());  // an edge of no length
    EXPECT_EQ(pixel_side({twice}), 0);
}

}  // namespace
}  // namespace landseam::vectors
