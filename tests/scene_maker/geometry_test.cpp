#include "scene_maker/geometry.h"

#include "scene_maker/noise.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace landseam::scene_maker {
namespace {

const Ring square{{0, 0}, {4, 0}, {4, 4}, {0, 4}};

double total_area(const std::vector<Ring>& rings) {
    double sum = 0;
    for (const Ring& ring : rings) sum += std::abs(signed_area(ring));
    return sum;
}

TEST(Clipped, KeepsWhatLiesInsideAndDropsWhatLiesOutside) {
    EXPECT_EQ(clipped(square, {1, 0}, 5).size(), 1u);
    EXPECT_DOUBLE_EQ(total_area(clipped(square, {1, 0}, 5)), 16);
    EXPECT_TRUE(clipped(square, {1, 0}, -1).empty());
}

TEST(Clipped, CutsAtTheLine) {
    const std::vector<Ring> parts = clipped(square, {1, 0}, 1.5);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_DOUBLE_EQ(total_area(parts), 6);
    for (const Point& p : parts[0]) EXPECT_LE(p.x, 1.5);
}

TEST(Clipped, CutsAForkIntoItsProngsInEitherDirection) {
    // A U, open at the top; y < 2 cuts off its bottom.
    const Ring fork{{0, 0}, {1, 0}, {1, 3}, {2, 3}, {2, 0}, {3, 0}, {3, 4}, {0, 4}};
    for (const Ring& ring : {fork, Ring(fork.rbegin(), fork.rend())}) {
        const std::vector<Ring> prongs = clipped(ring, {0, 1}, 2);
        ASSERT_EQ(prongs.size(), 2u);
        EXPECT_DOUBLE_EQ(std::abs(signed_area(prongs[0])), 2);
        EXPECT_DOUBLE_EQ(std::abs(signed_area(prongs[1])), 2);
        const std::vector<Ring> bottom = clipped(ring, {0, -1}, -2);
        ASSERT_EQ(bottom.size(), 1u);
        EXPECT_DOUBLE_EQ(total_area(bottom), 5);
    }
}

TEST(Clipped, SharesTheAreaBetweenBothSidesOfAnyLine) {
    Random random(5);
    for (int i = 0; i < 200; ++i) {
        const Ring blob = wavering_ellipse({0, 0}, 10, 6, 0.3, 0.8, 40, random.next());
        const double turn = random.uniform(0, 6.3), limit = random.uniform(-8, 8);
        const Point normal{std::cos(turn), std::sin(turn)};
        const double both =
            total_area(clipped(blob, normal, limit)) + total_area(clipped(blob, normal * -1, -limit));
        EXPECT_NEAR(both, std::abs(signed_area(blob)), 1e-9);
    }
}

TEST(Occupancy, LetsNeighboursTouchButNotOverlap) {
    Occupancy occupancy;
    occupancy.add(square, Occupancy::building);
    const Ring beside{{4, 0}, {8, 0}, {8, 4}, {4, 4}}, over{{3.9, 0}, {8, 0}, {8, 4}, {3.9, 4}};
    EXPECT_TRUE(occupancy.free(beside, Occupancy::building));
    EXPECT_FALSE(occupancy.free(over, Occupancy::building));
    EXPECT_TRUE(occupancy.free(over, Occupancy::road));
}

TEST(Occupancy, SeesWhatLiesWithinSomethingLarge) {
    Occupancy occupancy;
    occupancy.add({{-500, -500}, {500, -500}, {500, 500}, {-500, 500}}, Occupancy::water);
    EXPECT_FALSE(occupancy.free(square, Occupancy::water));
}

TEST(Path, IsWalkedByLength) {
    const Path path({{0, 0}, {3, 0}, {3, 4}});
    EXPECT_DOUBLE_EQ(path.length(), 7);
    const LocalFrame frame = path.at(5);
    EXPECT_EQ(frame.origin, (Point{3, 2}));
    EXPECT_EQ(frame.u, (Point{0, 1}));
    EXPECT_EQ(path.part(1, 5).points(), (std::vector<Point>{{1, 0}, {3, 0}, {3, 2}}));
    EXPECT_DOUBLE_EQ(path.distance_to({1, 2}), 2);
}

TEST(Path, StripsMeetInMitres) {
    // The inner corner of the bend is cut, the outer one added: the area is that of the centre line times the
    // width.
    const Path path({{0, 0}, {10, 0}, {10, 10}});
    const Ring strip = path.strip(-1, 1);
    EXPECT_DOUBLE_EQ(std::abs(signed_area(strip)), 40);
    EXPECT_TRUE(contains(strip, {10.9, -0.9}));
    EXPECT_FALSE(contains(strip, {8.9, 1.1}));
}

TEST(Random, FollowsThePublishedGenerator) {
    // The first outputs of splitmix64 from state 0, as published with the generator.
    EXPECT_EQ(mixed(0), 0xe220a8397b1dcdafu);
    EXPECT_EQ(mixed(0x9e3779b97f4a7c15u), 0x6e789e6aa1b965f4u);
}

TEST(Noise, IsContinuousAndWithinItsBounds) {
    double lowest = 1, highest = -1;
    for (int i = 0; i < 4000; ++i) {
        const double x = i * 0.037 - 70, y = i * 0.011;
        const double value = layered_noise(x, y, 3, 9);
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
        EXPECT_NEAR(layered_noise(x + 1e-6, y, 3, 9), value, 1e-4);
    }
    EXPECT_GE(lowest, -1);
    EXPECT_LE(highest, 1);
    EXPECT_GT(highest - lowest, 0.8);
}

}  // namespace
}  // namespace landseam::scene_maker
