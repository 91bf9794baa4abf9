#include "landseam/vectors/simplify.h"

#include "landseam/core/error.h"
#include "landseam/vectors/trace.h"

#include "vectors/random_masks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

double distance(Point p, Point a, Point b) {
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const double t = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
    return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

RunMask disc(int radius) {
    std::vector<Run> runs;
    for (int y = -radius; y <= radius; ++y) {
        const int half = static_cast<int>(std::sqrt(radius * radius - y * y));
        runs.push_back({y, -half, half + 1});
    }
    return RunMask::from_runs(runs);
}

const Ring unit_square{{0, 0}, {1, 0}, {1, 1}, {0, 1}};
const Ring bow_tie{{0, 0}, {2, 2}, {2, 0}, {0, 2}};

TEST(Simplify, DropsMostVerticesOfAStaircase) {
    const MultiPolygon rough = trace(disc(40)), smooth = simplify(rough, 1.0);
    EXPECT_LT(vertex_count(smooth) * 4, vertex_count(rough));
    EXPECT_NEAR(area(smooth), area(rough), 0.03 * area(rough));
}

TEST(Simplify, MovesNoVertexFurtherThanTheTolerance) {
    const MultiPolygon rough = trace(disc(30));
    for (const double tolerance : {0.8, 1.5, 3.0}) {
        const MultiPolygon smooth = simplify(rough, tolerance);
        ASSERT_EQ(smooth.size(), 1u);
        const Ring& ring = smooth[0].outer;
        for (const Point& point : rough[0].outer) {
            double nearest = std::numeric_limits<double>::infinity();
            for (std::size_t i = 0; i < ring.size(); ++i)
                nearest = std::min(nearest, distance(point, ring[i], ring[(i + 1) % ring.size()]));
            ASSERT_LE(nearest, tolerance + 1e-9);
        }
    }
}

TEST(Simplify, KeepsEveryPolygonAndStaysValidOnRandomMasks) {
    std::mt19937 random(23);
    for (int round = 0; round < 400; ++round) {
        const MultiPolygon polygons = trace(testing::random_mask(random));
        for (const double tolerance : {0.5, 1.0, 2.5, 50.0}) {
            const MultiPolygon result = simplify(polygons, tolerance);
            std::string reason;
            ASSERT_TRUE(is_valid(result, &reason)) << "round " << round << ": " << reason;
            ASSERT_GE(result.size(), polygons.size()) << "round " << round;
            ASSERT_LE(vertex_count(result), vertex_count(polygons));
        }
    }
}

TEST(Simplify, ChangesNothingAtToleranceZero) {
    const MultiPolygon polygons = trace(disc(5));
    EXPECT_EQ(simplify(polygons, 0)[0].outer, polygons[0].outer);
    EXPECT_TRUE(simplify({}, 1).empty());
}

TEST(Simplify, RefusesAToleranceThatMakesNoSense) {
    for (const double tolerance : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        try {
            simplify({{unit_square, {}}}, tolerance);
            FAIL() << tolerance;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::usage);
        }
    }
}

TEST(Validity, TellsWhyAndWhereAPolygonIsInvalid) {
    std::string reason;
    EXPECT_TRUE(is_valid({}, &reason));
    EXPECT_TRUE(is_valid({{unit_square, {}}}, &reason));
    EXPECT_FALSE(is_valid({{bow_tie, {}}}, &reason));
    EXPECT_NE(reason.find("Self-intersection"), std::string::npos) << reason;
    EXPECT_NE(reason.find("1 1"), std::string::npos) << reason;
}

TEST(Validity, SurvivesRingsThatAreNone) {
    std::string reason;
    EXPECT_FALSE(is_valid({{{}, {}}}, &reason));
    EXPECT_FALSE(is_valid({{{{0, 0}, {1, 1}}, {}}}, &reason));
    EXPECT_NE(reason.find("three"), std::string::npos) << reason;
    EXPECT_FALSE(is_valid({{{{0, 0}, {1, 0}, {1, std::nan("")}}, {}}}, &reason));
    EXPECT_NE(reason.find("finite"), std::string::npos) << reason;
    EXPECT_FALSE(is_valid({{{{0, 0}, {1, 1}, {2, 2}}, {}}}));
}

TEST(MakeValid, KeepsBothHalvesOfABowTie) {
    const MultiPolygon repaired = make_valid({{bow_tie, {}}});
    EXPECT_TRUE(is_valid(repaired));
    EXPECT_DOUBLE_EQ(area(repaired), 2);
}

TEST(MakeValid, UnitesPolygonsThatOverlap) {
    const MultiPolygon repaired =
        make_valid({{{{0, 0}, {4, 0}, {4, 4}, {0, 4}}, {}}, {{{2, 0}, {6, 0}, {6, 4}, {2, 4}}, {}}});
    ASSERT_EQ(repaired.size(), 1u);
    EXPECT_DOUBLE_EQ(area(repaired), 24);
}

TEST(MakeValid, DropsWhatHasNoArea) {
    EXPECT_TRUE(make_valid({{{{0, 0}, {1, 1}, {2, 2}}, {}}}).empty());
    const MultiPolygon kept = make_valid({{{{0, 0}, {1, 1}}, {}}, {unit_square, {{{0, 0}}}}});
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_DOUBLE_EQ(area(kept), 1);
}

}  // namespace
}  // namespace landseam::vectors
