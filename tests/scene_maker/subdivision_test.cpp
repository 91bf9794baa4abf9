#include "scene_maker/subdivision.h"

#include <cmath>

#include <gtest/gtest.h>

namespace {

using namespace landseam::scene_maker;
using landseam::Point;
using landseam::Ring;
using landseam::signed_area;

const Ring square{{0, 0}, {100, 0}, {100, 100}, {0, 100}};
const Ring kite{{0, 0}, {60, -10}, {80, 50}, {20, 70}};

double total_area(const std::vector<Ring>& rings) {
    double sum = 0;
    for (const Ring& ring : rings) sum += std::abs(signed_area(ring));
    return sum;
}

TEST(Subdivision, CutsAllOfTheLandIntoCellsNoLargerThanWanted) {
    Random random(5);
    SubdivisionRule rule;
    rule.area = 300;
    rule.spread = 1.5;
    const Subdivision result = subdivided(random, square, rule);
    EXPECT_NEAR(total_area(result.cells), 10000, 1e-6);
    EXPECT_GT(result.cells.size(), 20u);
    EXPECT_EQ(result.cuts.size() + 1, result.cells.size());
    for (const Ring& cell : result.cells) EXPECT_LT(std::abs(signed_area(cell)), 300 * 1.5);
}

TEST(Subdivision, CutsFromEdgeToEdge) {
    Random random(6);
    SubdivisionRule rule;
    rule.area = 9000;
    rule.spread = 1;
    rule.slant = 0;
    const Subdivision result = subdivided(random, square, rule);
    ASSERT_EQ(result.cuts.size(), 1u);
    EXPECT_NEAR(length(result.cuts[0].to - result.cuts[0].from), 100, 1e-9);
}

TEST(Slices, LieSideBySideAndFillTheRing) {
    Random random(7);
    const std::vector<Ring> slices = sliced(random, kite, {1, 0}, 8, 0.3);
    EXPECT_EQ(slices.size(), 10u);
    EXPECT_NEAR(total_area(slices), std::abs(signed_area(kite)), 1e-6);
    for (const Ring& slice : slices) {
        const Extent e = extent_in({{0, 0}, {1, 0}, {0, 1}}, slice);
        EXPECT_LT(e.u1 - e.u0, 8 * 1.31);
    }
}

TEST(Inset, LeavesAMarginWhicheverWayTheRingRuns) {
    const Ring reversed(square.rbegin(), square.rend());
    for (const Ring& ring : {square, reversed})
        EXPECT_NEAR(std::abs(signed_area(inset(ring, 10))), 6400, 1e-9);
}

TEST(Inset, LeavesNothingOfARingThinnerThanItsMargins) {
    EXPECT_TRUE(inset(square, 51).empty());
}

TEST(BoxInside, LiesInTheRingAndTakesMuchOfIt) {
    const Box box = box_inside(kite, longest_direction(kite));
    for (const Point& p : scaled(box.ring(), box.centre(), 0.99)) EXPECT_TRUE(contains(kite, p));
    EXPECT_GT(box.length * box.width, 0.35 * std::abs(signed_area(kite)));
}

TEST(Warp, MovesPointsNoFurtherThanItsReachAndKeepsFramesOrthonormal) {
    const Warp warp(3, 40, 9);
    double furthest = 0;
    for (int i = 0; i < 400; ++i) {
        const Point p{(i % 20) * 17.3, (i / 20) * 11.1};
        furthest = std::max(furthest, length(warp(p) - p));
        const LocalFrame frame = warp(LocalFrame{p, {0.6, 0.8}, {0.8, -0.6}});
        EXPECT_NEAR(length(frame.u), 1, 1e-9);
        EXPECT_NEAR(dot(frame.u, frame.v), 0, 1e-9);
        EXPECT_LT(dot(frame.v, left_of(frame.u)), 0) << "a mirrored frame stays mirrored";
    }
    EXPECT_LE(furthest, 3 * std::sqrt(2.0));
    EXPECT_GT(furthest, 1);
}

TEST(Warp, BendsEdges) {
    const Warp warp(3, 40, 9);
    EXPECT_EQ(warp.bent(square, 10).size(), 40u);
    EXPECT_EQ(warp.bent(square, 1e9).size(), 4u);
}

}  // namespace
