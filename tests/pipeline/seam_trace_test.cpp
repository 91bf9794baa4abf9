#include "pipeline/seam_trace.h"

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

MultiPolygon box(double x, double y, double width, double height) {
    return {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, {}}};
}

// Two tiles beside each other on a scene of 180 by 100 pixels: windows begin and end at 80 and 100, cores
// at 90.
const tiling::TileGrid grid(180, 100, {100, 20});

TEST(SeamTrace, OfObjectsCutAtTileLinesIsLarge) {
    const SeamTrace trace = seam_trace({box(60, 10, 20, 30), box(80, 10, 25, 30)}, grid);
    EXPECT_EQ(trace.lines, 3);
    EXPECT_DOUBLE_EQ(trace.on_lines, 60);  // both sides of the cut
    EXPECT_GT(trace.ratio(), 2);
}

TEST(SeamTrace, OfObjectsEverywhereIsOne) {
    std::vector<MultiPolygon> outlines;
    for (int x = 0; x < 170; ++x) outlines.push_back(box(x, 20, 5, 10));
    EXPECT_NEAR(seam_trace(outlines, grid).ratio(), 1, 1e-9);
}

TEST(SeamTrace, IgnoresTheScenesBorderAndEdgesThatAreAskew) {
    EXPECT_EQ(seam_trace({box(0, 0, 180, 100)}, grid).on_lines, 0);
    EXPECT_EQ(seam_trace({{{{{80, 10}, {81, 40}, {60, 40}}, {}}}}, grid).on_lines, 0);
    EXPECT_EQ(seam_trace({}, grid).ratio(), 0);
}

TEST(SeamTrace, SeesRowsOfTilesToo) {
    const tiling::TileGrid rows(100, 180, {100, 20});
    EXPECT_DOUBLE_EQ(seam_trace({box(10, 90, 30, 40)}, rows).on_lines, 30);
}

}  // namespace
}  // namespace landseam::pipeline
