#include "pipeline/seam_trace.h"

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

MultiPolygon box(double x, double y, double width, double height) {
    return {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, {}}};
}

// Two tiles beside each other on a scene of 180 by 100 pixels: windows begin and end at 80 and 100.
const tiling::TilePyramid grid(180, 100, {100, 20}, 0);

TEST(SeamTrace, OfObjectsCutAtTileLinesIsLarge) {
    const SeamReport trace = seam_trace({box(60, 10, 20, 30), box(80, 10, 25, 30)}, grid);
    EXPECT_EQ(trace.tile_lines, 2);
    // Both sides of the cut, on the six columns within a pixel of the two lines.
    EXPECT_NEAR(trace.on_lines, 60.0 / (6 * 100), 1e-9);
    EXPECT_GT(trace.ratio(), 2);
}

TEST(SeamTrace, OfObjectsEverywhereIsOne) {
    std::vector<MultiPolygon> outlines;
    for (int at = 6; at < 174; ++at) {
        outlines.push_back(box(at, 0, 1, 180));
        outlines.push_back(box(0, at, 180, 1));
    }
    EXPECT_NEAR(seam_trace(outlines, tiling::TilePyramid(180, 180, {100, 20}, 0)).ratio(), 1, 0.03);
}

TEST(SeamTrace, IgnoresTheScenesBorderAndEdgesThatAreAskew) {
    EXPECT_EQ(seam_trace({box(0, 0, 180, 100)}, grid).on_lines, 0);
    EXPECT_EQ(seam_trace({{{{{80, 10}, {81, 40}, {60, 40}}, {}}}}, grid).on_lines, 0);
    EXPECT_EQ(seam_trace({}, grid).ratio(), 0);
}

TEST(SeamTrace, SeesRowsOfTilesToo) {
    const tiling::TilePyramid rows(100, 180, {100, 20}, 0);
    EXPECT_GT(seam_trace({box(10, 100, 30, 40)}, rows).on_lines, 0);
    EXPECT_EQ(seam_trace({box(10, 110, 30, 40)}, rows).on_lines, 0);
}

TEST(SeamTrace, SeesTilesOfAllLevels) {
    // The first of the larger ones ends at 200; smaller ones begin at 160 and 240 and end at 180 and 260.
    const MultiPolygon there = box(200, 10, 12, 30);
    EXPECT_EQ(seam_trace({there}, tiling::TilePyramid(1000, 100, {100, 20}, 0)).on_lines, 0);
    EXPECT_GT(seam_trace({there}, tiling::TilePyramid(1000, 100, {100, 20}, 1)).on_lines, 0);
}

}  // namespace
}  // namespace landseam::pipeline
