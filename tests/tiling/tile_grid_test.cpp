#include "landseam/tiling/tile_grid.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::tiling {
namespace {

TileOptions options(int tile_size, int overlap, std::int64_t origin_x = 0, std::int64_t origin_y = 0) {
    return {tile_size, overlap, origin_x, origin_y};
}

std::vector<std::int64_t> starts(const TileGrid& grid) {
    std::vector<std::int64_t> all;
    for (int column = 0; column < grid.columns(); ++column) all.push_back(grid.tile(column).window.x);
    return all;
}

using Starts = std::vector<std::int64_t>;

void expect_usage_error(std::int64_t width, std::int64_t height, const TileOptions& given) {
    try {
        TileGrid grid(width, height, given);
        FAIL() << "accepted " << width << " by " << height << ", tile " << given.tile_size << ", overlap "
               << given.overlap;
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    }
}

TEST(TileGrid, HasOneTileForASceneOfOnePixel) {
    const TileGrid grid(1, 1);
    ASSERT_EQ(grid.count(), 1);
    EXPECT_EQ(grid.tile(0).window, (PixelBox{0, 0, 1, 1}));
    EXPECT_EQ(grid.tile(0).core, (PixelBox{0, 0, 1, 1}));
    EXPECT_TRUE(grid.neighbours(0).empty());
}

TEST(TileGrid, HasOneTileForASceneAsLargeAsATile) {
    const TileGrid grid(64, 64, options(64, 16));
    ASSERT_EQ(grid.count(), 1);
    EXPECT_EQ(grid.tile(0).window, (PixelBox{0, 0, 64, 64}));
}

TEST(TileGrid, MovesTheLastTileInsideTheScene) {
    EXPECT_EQ(starts(TileGrid(65, 1, options(64, 16))), (Starts{0, 1}));
    EXPECT_EQ(starts(TileGrid(112, 1, options(64, 16))), (Starts{0, 48}));
    EXPECT_EQ(starts(TileGrid(113, 1, options(64, 16))), (Starts{0, 48, 49}));
    EXPECT_EQ(starts(TileGrid(150, 1, options(64, 16))), (Starts{0, 48, 86}));
}

TEST(TileGrid, BoundsCoresInTheMiddleOfWhatConsecutiveWindowsShare) {
    const TileGrid grid(150, 1, options(64, 16));  // windows [0, 64), [48, 112), [86, 150)
    EXPECT_EQ(grid.tile(0).core, (PixelBox{0, 0, 56, 1}));
    EXPECT_EQ(grid.tile(1).core, (PixelBox{56, 0, 99 - 56, 1}));
    EXPECT_EQ(grid.tile(2).core, (PixelBox{99, 0, 150 - 99, 1}));
}

TEST(TileGrid, NumbersTilesRowByRow) {
    const TileGrid grid(112, 160, options(64, 16));
    EXPECT_EQ(grid.columns(), 2);
    EXPECT_EQ(grid.rows(), 3);
    const Tile tile = grid.tile(3);
    EXPECT_EQ(tile.index, 3);
    EXPECT_EQ(tile.column, 1);
    EXPECT_EQ(tile.row, 1);
    EXPECT_EQ(tile.window, (PixelBox{48, 48, 64, 64}));
}

TEST(TileGrid, NamesDiagonalTilesAndTheOneAfterTheNextAsNeighboursWhereTheySharePixels) {
    const TileGrid grid(113, 112, options(64, 16));  // columns at 0, 48, 49; rows at 0, 48
    EXPECT_EQ(grid.neighbours(0), (std::vector<int>{1, 2, 3, 4, 5}));
    EXPECT_EQ(grid.overlap(0, 2), (PixelBox{49, 0, 15, 64}));
    EXPECT_EQ(grid.overlap(0, 4), (PixelBox{48, 48, 16, 16}));
}

TEST(TileGrid, HasNoNeighboursWithoutOverlap) {
    const TileGrid grid(128, 64, options(64, 0));
    EXPECT_TRUE(grid.neighbours(0).empty());
    EXPECT_TRUE(grid.overlap(0, 1).empty());
}

TEST(TileGrid, ShiftsItsLinesToTheOrigin) {
    EXPECT_EQ(starts(TileGrid(160, 1, options(64, 16, 10))), (Starts{0, 10, 58, 96}));
    EXPECT_EQ(starts(TileGrid(160, 1, options(64, 16, 10 - 48))), (Starts{0, 10, 58, 96}));
    EXPECT_EQ(starts(TileGrid(160, 1, options(64, 16, 10 + 480))), (Starts{0, 10, 58, 96}));
    EXPECT_EQ(starts(TileGrid(160, 1, options(64, 16, std::numeric_limits<std::int64_t>::min()))).front(), 0);
    EXPECT_EQ(starts(TileGrid(64, 1, options(64, 16, 10))), (Starts{0}));
}

TEST(TileGrid, KeepsItsPromisesOnOneAxisForAllSmallSizes) {
    for (int tile_size = 1; tile_size <= 7; ++tile_size)
        for (int overlap = 0; overlap < tile_size; ++overlap)
            for (int length = 1; length <= 24; ++length)
                for (int origin = 0; origin < tile_size - overlap; ++origin) {
                    SCOPED_TRACE(testing::Message() << "tile " << tile_size << ", overlap " << overlap
                                                    << ", length " << length << ", origin " << origin);
                    const TileGrid grid(1, length, options(tile_size, overlap, 0, origin));
                    std::int64_t covered = 0;
                    for (int row = 0; row < grid.rows(); ++row) {
                        const Tile tile = grid.tile(row);
                        ASSERT_EQ(tile.window.height, std::min(tile_size, length));
                        ASSERT_TRUE(grid.scene().contains(tile.window));
                        ASSERT_TRUE(tile.window.contains(tile.core));
                        ASSERT_FALSE(tile.core.empty());
                        ASSERT_EQ(tile.core.y, covered) << "cores must follow each other without gap";
                        covered = tile.core.bottom();
                        if (row > 0) {
                            ASSERT_GT(tile.window.y, grid.tile(row - 1).window.y);
                            ASSERT_GE(grid.overlap(row - 1, row).height, overlap);
                        }
                    }
                    ASSERT_EQ(covered, length);
                }
}

TEST(TileGrid, CoversEveryPixelOfTheSceneWithExactlyOneCore) {
    const TileGrid grid(83, 59, options(20, 7, 5, 11));
    std::vector<int> owners(83 * 59, 0);
    for (int index = 0; index < grid.count(); ++index) {
        const PixelBox core = grid.tile(index).core;
        for (std::int64_t y = core.y; y < core.bottom(); ++y)
            for (std::int64_t x = core.x; x < core.right(); ++x) ++owners[y * 83 + x];
    }
    EXPECT_EQ(std::count(owners.begin(), owners.end(), 1), 83 * 59);
}

TEST(TileGrid, NamesExactlyTheTilesThatSharePixels) {
    for (int overlap : {0, 1, 7, 13}) {
        const TileGrid grid(60, 47, options(20, overlap, 3, 0));
        for (int index = 0; index < grid.count(); ++index) {
            std::vector<int> expected;
            for (int other = 0; other < grid.count(); ++other)
                if (other != index && !intersection(grid.tile(index).window, grid.tile(other).window).empty())
                    expected.push_back(other);
            EXPECT_EQ(grid.neighbours(index), expected) << "overlap " << overlap << ", tile " << index;
        }
    }
}

TEST(TileGrid, HandlesTheLargestSceneThatPixelsCanNumber) {
    const std::int64_t largest = std::numeric_limits<std::int32_t>::max();
    const TileGrid grid(largest, largest, options(1 << 20, 1 << 18));
    EXPECT_EQ(grid.tile(grid.count() - 1).window.right(), largest);
    EXPECT_EQ(grid.tile(grid.count() - 1).core.bottom(), largest);
}

TEST(TileGrid, RefusesOptionsThatMakeNoSense) {
    expect_usage_error(100, 100, options(0, 0));
    expect_usage_error(100, 100, options(-5, 0));
    expect_usage_error(100, 100, options(64, -1));
    expect_usage_error(100, 100, options(64, 64));
    expect_usage_error(100, 100, options(64, 65));
    expect_usage_error(0, 100, options(64, 16));
    expect_usage_error(100, -1, options(64, 16));
    expect_usage_error(std::int64_t{1} << 31, 1, options(64, 16));
    expect_usage_error(100000, 100000, options(2, 1));  // 10¹⁰ tiles
}

TEST(TileGrid, RefusesAnIndexItDoesNotHave) {
    const TileGrid grid(100, 100, options(64, 16));
    EXPECT_THROW(grid.tile(-1), Error);
    EXPECT_THROW(grid.tile(grid.count()), Error);
    EXPECT_THROW(grid.neighbours(grid.count()), Error);
    EXPECT_THROW(grid.overlap(0, grid.count()), Error);
}

}  // namespace
}  // namespace landseam::tiling
