#include "pipeline/seam_trace.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

MultiPolygon box(double x, double y, double width, double height) {
    return {{{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}}, {}}};
}

// Two tiles beside each other on a scene of 180 by 100 pixels: windows begin and end at 80 and 100.
const tiling::TilePyramid grid(180, 100, {100, 20}, 0);

TEST(SeamTrace, OfObjectsCutAtTileLinesIsLarge) {
    const SeamReport trace = seam_trace({box(60, 10, 20, 30), box(80, 10, 32, 30)}, grid);
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

// A model that draws outlines along the edges of its patches, of 16 pixels, does so at the edges of tiles and
// elsewhere.
TEST(SeamTrace, OfOutlinesAtPatchesIsOne) {
    std::vector<MultiPolygon> outlines;
    for (int at = 16; at < 174; at += 16)
        for (const int begin : {at, at + 4}) {
            outlines.push_back(box(begin, 0, 200, 180));
            outlines.push_back(box(0, begin, 180, 200));
        }
    EXPECT_NEAR(seam_trace(outlines, tiling::TilePyramid(180, 180, {100, 20}, 0)).ratio(), 1, 0.03);
}

// Tiles begin and end at 80 and 100; shifted by 16 pixels, away from these, at 16, 36 and 116, by 32 at 32,
// 52, 112 and 132, by 48 at 48, 68, 128 and 148, by 64 at 64, 144 and 164.
TEST(SeamTrace, ComparesWithAllShiftsAndTellsHowTheyDiffer) {
    const SeamReport trace = seam_trace({box(20, 16, 4, 20), box(36, 10, 16, 40)}, grid);
    const double lines = 3 * 100;  // pixels of one line with its neighbours
    // 40 pixels of outline lie at 36, and 40 at 52; the first box has none on any of the lines.
    const double shifts[] = {40 / (3 * lines), 40 / (4 * lines), 0, 0};
    const double weights[] = {3 * lines, 4 * lines, 4 * lines, 3 * lines};
    double mean = 0, all = 0, variance = 0;
    for (int i = 0; i < 4; ++i) mean += shifts[i] * weights[i], all += weights[i];
    mean /= all;
    for (int i = 0; i < 4; ++i) variance += weights[i] / all * (shifts[i] - mean) * (shifts[i] - mean);
    EXPECT_NEAR(trace.elsewhere, mean, 1e-9);
    EXPECT_NEAR(trace.deviation, std::sqrt(variance), 1e-9);
    EXPECT_NEAR(trace.chance(), trace.deviation / mean, 1e-9);
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
