#include "landseam/vectors/trace.h"

#include "landseam/core/polygon_fill.h"
#include "landseam/vectors/simplify.h"

#include "vectors/random_masks.h"

#include <random>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

RunMask mask_of(const std::vector<std::string>& rows) {
    ImageU8 image(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()));
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) image.at(x, y) = rows[y][x] == '#';
    return RunMask::from_image(image);
}

// The number of pixel sets connected by sides, counted by flooding.
int count_components(const RunMask& mask) {
    const PixelBox box = mask.bounds();
    ImageU8 left = mask.to_image(box);
    int count = 0;
    for (int y = 0; y < left.height; ++y)
        for (int x = 0; x < left.width; ++x) {
            if (!left.at(x, y)) continue;
            ++count;
            std::vector<std::pair<int, int>> open{{x, y}};
            while (!open.empty()) {
                const auto [px, py] = open.back();
                open.pop_back();
                if (px < 0 || py < 0 || px >= left.width || py >= left.height || !left.at(px, py)) continue;
                left.at(px, py) = 0;
                open.insert(open.end(), {{px + 1, py}, {px - 1, py}, {px, py + 1}, {px, py - 1}});
            }
        }
    return count;
}

bool turns_everywhere(const Ring& ring) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point &a = ring[i], &b = ring[(i + 1) % ring.size()], &c = ring[(i + 2) % ring.size()];
        if ((b.x - a.x) * (c.y - b.y) == (b.y - a.y) * (c.x - b.x)) return false;
    }
    return true;
}

TEST(Trace, GivesNothingForAnEmptyMask) {
    EXPECT_TRUE(trace({}).empty());
}

TEST(Trace, OutlinesOnePixelAlongItsEdgesCounterclockwiseAsSeen) {
    const MultiPolygon polygons = trace(RunMask::from_box({3, -2, 1, 1}));
    ASSERT_EQ(polygons.size(), 1u);
    EXPECT_EQ(polygons[0].outer, (Ring{{3, -2}, {3, -1}, {4, -1}, {4, -2}}));
    EXPECT_TRUE(polygons[0].holes.empty());
}

TEST(Trace, DropsVerticesThatLieInALine) {
    const MultiPolygon polygons = trace(RunMask::from_box({0, 0, 7, 5}));
    ASSERT_EQ(polygons.size(), 1u);
    EXPECT_EQ(polygons[0].outer, (Ring{{0, 0}, {0, 5}, {7, 5}, {7, 0}}));
}

TEST(Trace, KeepsHolesAndIslandsInHoles) {
    const MultiPolygon polygons = trace(mask_of({"#####",  //
                                                 "#...#",  //
                                                 "#.#.#",  //
                                                 "#...#",  //
                                                 "#####"}));
    ASSERT_EQ(polygons.size(), 2u);
    ASSERT_EQ(polygons[0].holes.size(), 1u);
    EXPECT_EQ(polygons[0].holes[0], (Ring{{1, 1}, {4, 1}, {4, 4}, {1, 4}}));
    EXPECT_EQ(polygons[1].outer, (Ring{{2, 2}, {2, 3}, {3, 3}, {3, 2}}));
    EXPECT_TRUE(polygons[1].holes.empty());
}

TEST(Trace, KeepsPixelsThatMeetOnlyAtACornerApart) {
    for (const auto& rows : {std::vector<std::string>{"#.", ".#"}, {".#", "#."}}) {
        const MultiPolygon polygons = trace(mask_of(rows));
        ASSERT_EQ(polygons.size(), 2u);
        for (const Polygon& polygon : polygons) EXPECT_EQ(area(polygon), 1);
        EXPECT_TRUE(is_valid(polygons));
    }
}

TEST(Trace, TurnsABayClosedOnlyAtACornerIntoAHoleThatTouchesTheOutline) {
    const MultiPolygon polygons = trace(mask_of({"###",  //
                                                 "#.#",  //
                                                 "##."}));
    ASSERT_EQ(polygons.size(), 1u);
    ASSERT_EQ(polygons[0].holes.size(), 1u);
    EXPECT_EQ(polygons[0].holes[0], (Ring{{1, 1}, {2, 1}, {2, 2}, {1, 2}}));
    EXPECT_EQ(polygons[0].outer, (Ring{{0, 0}, {0, 3}, {2, 3}, {2, 2}, {3, 2}, {3, 0}}));
    EXPECT_TRUE(is_valid(polygons));
}

TEST(Trace, SplitsHolesThatMeetAtACorner) {
    const MultiPolygon polygons = trace(mask_of({"####",  //
                                                 "##.#",  //
                                                 "#.##",  //
                                                 "####"}));
    ASSERT_EQ(polygons.size(), 1u);
    ASSERT_EQ(polygons[0].holes.size(), 2u);
    EXPECT_EQ(polygons[0].holes[0].front(), (Point{2, 1}));
    EXPECT_EQ(polygons[0].holes[1].front(), (Point{1, 2}));
    EXPECT_TRUE(is_valid(polygons));
}

TEST(Trace, IsExactValidAndWellFormedOnRandomMasks) {
    std::mt19937 random(7);
    for (int round = 0; round < 800; ++round) {
        const RunMask mask = testing::random_mask(random);
        const MultiPolygon polygons = trace(mask);
        std::string reason;
        ASSERT_EQ(area(polygons), static_cast<double>(mask.area())) << "round " << round;
        ASSERT_TRUE(is_valid(polygons, &reason)) << "round " << round << ": " << reason;
        ASSERT_EQ(fill_polygons(polygons, mask.bounds()), mask) << "round " << round;
        ASSERT_EQ(static_cast<int>(polygons.size()), count_components(mask)) << "round " << round;
        Point last{-1e9, -1e9};
        for (const Polygon& polygon : polygons) {
            ASSERT_LT(signed_area(polygon.outer), 0);
            ASSERT_TRUE(turns_everywhere(polygon.outer));
            for (const Ring& hole : polygon.holes) {
                ASSERT_GT(signed_area(hole), 0);
                ASSERT_TRUE(turns_everywhere(hole));
            }
            const Point first = polygon.outer.front();
            ASSERT_TRUE(last.y < first.y || (last.y == first.y && last.x < first.x)) << "order of polygons";
            last = first;
            for (const Point& point : polygon.outer)
                ASSERT_TRUE(first.y < point.y || (first.y == point.y && first.x <= point.x))
                    << "start of ring";
        }
    }
}

TEST(Trace, MovesWithTheMask) {
    std::mt19937 random(11);
    const RunMask mask = testing::random_mask(random);
    MultiPolygon moved = trace(mask.shifted(1000000, -500000));
    for (Polygon& polygon : moved) {
        for (Point& point : polygon.outer) point = {point.x - 1000000, point.y + 500000};
        for (Ring& hole : polygon.holes)
            for (Point& point : hole) point = {point.x - 1000000, point.y + 500000};
    }
    const MultiPolygon still = trace(mask);
    ASSERT_EQ(moved.size(), still.size());
    for (std::size_t i = 0; i < still.size(); ++i) {
        EXPECT_EQ(moved[i].outer, still[i].outer);
        EXPECT_EQ(moved[i].holes, still[i].holes);
    }
}

TEST(Trace, NeedsNoRasterOfTheMask) {
    // 2 billion columns; a raster of these two rows would not fit.
    const RunMask mask = RunMask::from_runs({{0, -1000000000, 1000000000}, {1, -1000000000, 1000000000}});
    EXPECT_EQ(area(trace(mask)), 4e9);
}

}  // namespace
}  // namespace landseam::vectors
