#include "landseam/core/polygon_fill.h"

#include <gtest/gtest.h>

namespace landseam {
namespace {

Polygon rectangle(double x0, double y0, double x1, double y1) { return {{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {}}; }

TEST(PolygonFill, TakesPixelsWhoseCentresLieInside) {
    const RunMask mask = fill_polygons({rectangle(1.4, 0.6, 3.6, 2.5)}, {0, 0, 10, 10});
    EXPECT_EQ(mask.runs(), (std::vector<landseam::Run>{{1, 1, 4}}));
}

TEST(PolygonFill, GivesSharedEdgesToOneSideOnly) {
    const PixelBox frame{0, 0, 8, 8};
    const RunMask left = fill_polygons({{{{0.5, 0.5}, {4.5, 0.5}, {2.5, 6.5}, {0.5, 6.5}}, {}}}, frame);
    const RunMask right = fill_polygons({{{{4.5, 0.5}, {7.5, 0.5}, {7.5, 6.5}, {2.5, 6.5}}, {}}}, frame);
    EXPECT_EQ(intersection_area(left, right), 0);
    EXPECT_EQ(set_union(left, right), fill_polygons({rectangle(0.5, 0.5, 7.5, 6.5)}, frame));
}

TEST(PolygonFill, LeavesHolesOpenAndUnitesPolygons) {
    Polygon ring = rectangle(0, 0, 5, 5);
    ring.holes.push_back(rectangle(1, 1, 4, 4).outer);
    const RunMask mask = fill_polygons({ring, rectangle(2, 2, 3, 3), rectangle(0, 0, 2, 2)}, {0, 0, 5, 5});
    EXPECT_EQ(mask.area(), 16 + 1 + 1);
    EXPECT_TRUE(mask.contains(2, 2));
    EXPECT_FALSE(mask.contains(3, 1));
}

TEST(PolygonFill, KeepsToItsFrame) {
    const PixelBox frame{-2, 3, 4, 2};
    EXPECT_EQ(fill_polygons({rectangle(-1e9, -1e9, 1e9, 1e9)}, frame), RunMask::from_box(frame));
    EXPECT_TRUE(fill_polygons({rectangle(10, 10, 20, 20)}, frame).empty());
}

}  // namespace
}  // namespace landseam
