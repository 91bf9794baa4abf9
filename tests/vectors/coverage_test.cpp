#include "landseam/vectors/coverage.h"

#include "landseam/core/error.h"
#include "landseam/scene_maker/label_map.h"
#include "landseam/vectors/simplify.h"
#include "landseam/vectors/trace.h"

#include "vectors/geos.h"
#include "vectors/label_maps.h"
#include "vectors/random_masks.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

using testing::corners_of_map;
using testing::LabelMap;
using testing::masks_of_map;
using testing::random_map;

double distance_to(const Point& p, const MultiPolygon& polygons) {
    double nearest = 1e300;
    const auto look_at = [&](const Ring& ring) {
        for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
            const double dx = ring[i].x - ring[j].x, dy = ring[i].y - ring[j].y;
            const double length2 = dx * dx + dy * dy;
            const double t =
                length2 > 0
                    ? std::clamp(((p.x - ring[j].x) * dx + (p.y - ring[j].y) * dy) / length2, 0.0, 1.0)
                    : 0;
            nearest = std::min(nearest, std::hypot(p.x - ring[j].x - t * dx, p.y - ring[j].y - t * dy));
        }
    };
    for (const Polygon& polygon : polygons) {
        look_at(polygon.outer);
        for (const Ring& hole : polygon.holes) look_at(hole);
    }
    return nearest;
}

double deviation_between(const MultiPolygon& exact, const MultiPolygon& drawn) {
    double farthest = 0;
    const auto look_at = [&](const Ring& ring) {
        for (const Point& p : ring) farthest = std::max(farthest, distance_to(p, drawn));
    };
    for (const Polygon& polygon : exact) {
        look_at(polygon.outer);
        for (const Ring& hole : polygon.holes) look_at(hole);
    }
    return farthest;
}

struct Shape {
    std::size_t polygons = 0, holes = 0;
    friend bool operator==(const Shape& a, const Shape& b) {
        return a.polygons == b.polygons && a.holes == b.holes;
    }
};

Shape shape_of(const MultiPolygon& polygons) {
    Shape shape{polygons.size(), 0};
    for (const Polygon& polygon : polygons) shape.holes += polygon.holes.size();
    return shape;
}

// Everything trace_outline promises of all objects of a map.
void check(const LabelMap& map, const OutlineOptions& options) {
    const CornerIndex corners = corners_of_map(map);
    MultiPolygon all;
    double sum = 0, pixels = 0;
    for (const auto& [label, mask] : masks_of_map(map)) {
        const Outline outline = trace_outline(mask, corners, options);
        std::string reason;
        ASSERT_TRUE(is_valid(outline.polygons, &reason)) << reason;
        ASSERT_EQ(shape_of(outline.polygons), shape_of(trace(mask)));
        ASSERT_LE(outline.deviation, options.simplify + options.smooth / std::sqrt(2.0));
        ASSERT_LE(deviation_between(trace(mask), outline.polygons), outline.deviation + 1e-9);
        if (options.exact()) {
            ASSERT_EQ(area(outline.polygons), static_cast<double>(mask.area()));
        }
        sum += area(outline.polygons);
        pixels += static_cast<double>(mask.area());
        all.insert(all.end(), outline.polygons.begin(), outline.polygons.end());
    }
    const Geos geos;
    const Geometry together = geos.to_geos(all);
    const Geometry united = geos.checked(GEOSUnaryUnion_r(geos.handle(), together.get()), "a union");
    ASSERT_NEAR(geos.area(united.get()), sum, 1e-9 * std::max(1.0, pixels));
    // Gaps and islands of all objects together stay as many, too.
    std::vector<RunMask> masks;
    std::vector<const RunMask*> parts;
    for (auto& [label, mask] : masks_of_map(map)) masks.push_back(mask);
    for (const RunMask& mask : masks) parts.push_back(&mask);
    const Shape exact = shape_of(trace(set_union(parts))), drawn = shape_of(geos.from_geos(united.get()));
    ASSERT_EQ(drawn.polygons, exact.polygons);
    ASSERT_EQ(drawn.holes, exact.holes);
}

TEST(Coverage, KeepsItsPromisesOnThousandsOfRandomMaps) {
    std::mt19937 random(11);
    const OutlineOptions choices[] = {{0, 0}, {0.5, 0}, {1, 0}, {1.5, 1}, {3, 0}, {8, 4}, {0, 1}};
    for (int round = 0; round < 4200; ++round) {
        const OutlineOptions& options = choices[round % 7];
        SCOPED_TRACE("round " + std::to_string(round) + ", simplify " + std::to_string(options.simplify));
        check(random_map(random), options);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(Coverage, KeepsItsPromisesOnAwkwardShapes) {
    for (int seed = 0; seed < 6; ++seed) {
        SCOPED_TRACE(seed);
        check(scene_maker::make_label_map(150, 120, 25, static_cast<std::uint64_t>(seed)),
              {1 + seed * 0.5, seed % 2 * 2.0});
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(Coverage, GivesNeighboursTheSameVertices) {
    // Two objects along a slanted border: each vertex of one on it is a vertex of the other.
    LabelMap map(60, 60);
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 60; ++x) map.at(x, y) = 3 * x + y < 110 + (x * 7 + y * 5) % 3 ? 1 : 2;
    const CornerIndex corners = corners_of_map(map);
    const auto masks = masks_of_map(map);
    const auto on_border = [&](int label) {
        std::set<std::pair<double, double>> points;
        const Outline outline = trace_outline(masks.at(label), corners, {1.2, 1});
        for (const Point& p : outline.polygons[0].outer)
            if (p.x > 2 && p.x < 58 && p.y > 2 && p.y < 58) points.insert({p.x, p.y});
        return points;
    };
    EXPECT_GT(on_border(1).size(), 1u);
    EXPECT_EQ(on_border(1), on_border(2));
}

TEST(Coverage, DropsTheStairsOfASlantedEdge) {
    LabelMap map(80, 50);
    for (int y = 5; y < 45; ++y)
        for (int x = 5 + y / 3; x < 40 + y / 3; ++x) map.at(x, y) = 1;
    const auto masks = masks_of_map(map);
    const Outline exact = trace_outline(masks.at(1), corners_of_map(map), {});
    const Outline simple = trace_outline(masks.at(1), corners_of_map(map), {1, 0});
    EXPECT_GT(vertex_count(exact.polygons), 50u);
    EXPECT_LE(vertex_count(simple.polygons), 6u);
    EXPECT_NEAR(area(simple.polygons), area(exact.polygons), 0.02 * area(exact.polygons));
}

TEST(Coverage, TreatsAMaskAloneAsAMapOfOneObject) {
    std::mt19937 random(3);
    for (int round = 0; round < 500; ++round) {
        const RunMask mask = testing::random_mask(random);
        const Outline outline = trace_outline(mask, corners_of(mask), {1, 0});
        ASSERT_TRUE(is_valid(outline.polygons));
        ASSERT_EQ(shape_of(outline.polygons), shape_of(trace(mask)));
        ASSERT_LE(outline.deviation, 1);
    }
}

TEST(Coverage, RoundsCornersByNoMoreThanItIsTold) {
    const RunMask box = RunMask::from_box({0, 0, 10, 10});
    const Outline outline = trace_outline(box, corners_of(box), {0, 2});
    // Each corner loses what lies outside of a parabola between points 2 away from it: 2/3 of the triangle's
    // half.
    EXPECT_LT(area(outline.polygons), 100 - 4 * 0.5);
    EXPECT_GT(area(outline.polygons), 100 - 4 * 1.0);
    EXPECT_NEAR(outline.deviation, std::sqrt(0.5), 1e-12);
    for (const Point& p : outline.polygons[0].outer)
        EXPECT_TRUE(p.x == 0 || p.x == 10 || p.y == 0 || p.y == 10 || std::min(p.x, 10 - p.x) < 2)
            << p.x << ' ' << p.y;
}

TEST(CornerIndex, ForgetsLinesThatAreNoLongerNeeded) {
    LabelMap map(4, 4);
    map.at(1, 1) = map.at(1, 2) = 1;
    CornerIndex corners = corners_of_map(map);
    ASSERT_EQ(corners.line(1).size(), 2u);
    EXPECT_EQ(corners.line(1)[0].edges, CornerIndex::right | CornerIndex::down);
    EXPECT_EQ(corners.line(2).size(), 0u);
    corners.forget_above(2);
    EXPECT_TRUE(corners.line(1).empty());
    EXPECT_EQ(corners.line(3).size(), 2u);
}

TEST(Coverage, RefusesTolerancesThatMakeNoSense) {
    EXPECT_THROW(OutlineOptions({-1, 0}).validate(), Error);
    EXPECT_THROW(OutlineOptions({0, std::nan("")}).validate(), Error);
}

}  // namespace
}  // namespace landseam::vectors
