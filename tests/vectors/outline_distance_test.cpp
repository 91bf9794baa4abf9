#include "landseam/vectors/outline_distance.h"

#include "landseam/core/error.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

MultiPolygon square(double x, double y, double side) {
    return {{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}, {}}};
}

TEST(OutlineDistance, OfAnOutlineToItselfIsNothing) {
    const OutlineDistance distance = outline_distance(square(0, 0, 10), square(0, 0, 10), 0.5);
    EXPECT_EQ(distance.mean, 0);
    EXPECT_EQ(distance.largest, 0);
}

TEST(OutlineDistance, OfASquareInTheMiddleOfAnotherIsTheirGap) {
    // Along the inner square 1 everywhere; along the outer one 1 beside it and more towards the corners.
    const OutlineDistance distance = outline_distance(square(1, 1, 8), square(0, 0, 10), 0.01);
    EXPECT_NEAR(distance.largest, std::sqrt(2.0), 1e-9);
    // The outer 40 of 72 units have 32 at a distance of 1, and 8 with a mean of ∫√(1 + t²) over [0, 1].
    const double corner = (std::sqrt(2.0) + std::asinh(1.0)) / 2;
    EXPECT_NEAR(distance.mean, (32 + 32 + 8 * corner) / 72, 1e-3);
}

TEST(OutlineDistance, SeesHoles) {
    MultiPolygon holed = square(0, 0, 10);
    holed[0].holes.push_back({{4, 4}, {6, 4}, {6, 6}, {4, 6}});
    EXPECT_NEAR(outline_distance(holed, square(0, 0, 10), 0.1).largest, 4, 1e-9);
}

TEST(OutlineDistance, IsTheSameBothWaysAndNotANumberWithoutAnOutline) {
    const MultiPolygon a = square(0, 0, 10), b = square(3, 2, 5);
    EXPECT_DOUBLE_EQ(outline_distance(a, b, 0.1).mean, outline_distance(b, a, 0.1).mean);
    EXPECT_TRUE(std::isnan(outline_distance(a, {}, 0.1).mean));
    EXPECT_THROW(outline_distance(a, b, 0), Error);
}

TEST(IntersectionOverUnion, OfPolygonsCountsWhatOverlapsOnce) {
    EXPECT_DOUBLE_EQ(intersection_over_union(square(0, 0, 2), square(1, 0, 2)), 2.0 / 6);
    MultiPolygon twice = square(0, 0, 2);
    twice.push_back(twice[0]);
    EXPECT_DOUBLE_EQ(intersection_over_union(twice, square(0, 0, 2)), 1);
    EXPECT_EQ(intersection_over_union({}, square(0, 0, 2)), 0);
    EXPECT_EQ(intersection_over_union({}, {}), 0);
}

}  // namespace
}  // namespace landseam::vectors
