#include "landseam/tiling/tile_pyramid.h"

#include "landseam/core/error.h"

#include <gtest/gtest.h>

namespace landseam::tiling {
namespace {

TEST(TilePyramid, EachLevelHasTilesTwiceAsWide) {
    const TilePyramid tiles(700, 500, {100, 20, 30, 10}, 2);
    ASSERT_EQ(tiles.grids().size(), 3u);
    int index = 0;
    for (int level = 0; level < 3; ++level) {
        const TileGrid expected(700, 500, {100 << level, 20 << level, 30, 10});
        for (int k = 0; k < expected.count(); ++k, ++index) {
            EXPECT_EQ(tiles.level(index), level);
            EXPECT_EQ(tiles.window(index), expected.tile(k).window);
            EXPECT_EQ(tiles.layout().window(index), expected.tile(k).window);
        }
    }
    EXPECT_EQ(tiles.count(), index);
    EXPECT_EQ(tiles.base().count(), TileGrid(700, 500, {100, 20, 30, 10}).count());
    EXPECT_THROW(tiles.window(index), Error);
    EXPECT_THROW(tiles.level(-1), Error);
}

TEST(TilePyramid, EndsWithTheLevelThatSeesTheSceneInOneTile) {
    EXPECT_EQ(TilePyramid(100, 90, {100, 20}, 5).count(), 1);
    const TilePyramid tiles(390, 90, {100, 20}, 5);
    ASSERT_EQ(tiles.grids().size(), 3u);
    EXPECT_EQ(tiles.grids().back().count(), 1);
    EXPECT_EQ(tiles.window(tiles.count() - 1), (PixelBox{0, 0, 390, 90}));
}

TEST(TilePyramid, WhatTheLevelBelowSeesWholeWhereverItLies) {
    const TilePyramid tiles(3000, 100, {100, 20}, 2);
    EXPECT_EQ(tiles.seen_below(0, 5), 0);
    EXPECT_EQ(tiles.seen_below(1, 5), 10);
    EXPECT_EQ(tiles.seen_below(2, 5), 30);
    EXPECT_EQ(tiles.seen_below(1, 15), 0);
    for (int level : {1, 2}) {
        const TileGrid& below = tiles.grids()[static_cast<std::size_t>(level) - 1];
        const std::int64_t length = tiles.seen_below(level, 5);
        // Wherever an object of that length lies, a tile has it with five pixels to spare on either side.
        for (std::int64_t x = 0; x + length <= 3000; ++x) {
            bool whole = false;
            for (int k = 0; k < below.count(); ++k) {
                const PixelBox window = below.tile(k).window;
                whole = whole || ((window.x == 0 || window.x + 5 <= x) &&
                                  (window.right() == 3000 || x + length + 5 <= window.right()));
            }
            EXPECT_TRUE(whole) << "at " << x;
        }
    }
}

TEST(TilePyramid, UsuallyReachesTilesOf4096Pixels) {
    EXPECT_EQ(TilePyramid::usual_levels(192), 4);
    EXPECT_EQ(TilePyramid::usual_levels(1024), 2);
    EXPECT_EQ(TilePyramid::usual_levels(2048), 1);
    EXPECT_EQ(TilePyramid::usual_levels(5000), 0);
}

TEST(TilePyramid, RefusesWhatMakesNoSense) {
    EXPECT_THROW(TilePyramid(700, 500, {100, 20}, -1), Error);
    EXPECT_THROW(TilePyramid(700, 500, {100, 100}, 1), Error);
    EXPECT_THROW(TilePyramid(2147483647, 2147483647, {1 << 29, 1 << 20}, 10), Error);
}

}  // namespace
}  // namespace landseam::tiling
