#include "landseam/tiling/tile_layout.h"

#include "landseam/core/error.h"

#include <random>

#include <gtest/gtest.h>

namespace landseam::tiling {
namespace {

TEST(TileLayout, OfAGridHasItsWindowsAndNeighbours) {
    const TileGrid grid(517, 430, {64, 24, 13, 7});
    const TileLayout layout(grid);
    ASSERT_EQ(layout.count(), grid.count());
    EXPECT_EQ(layout.scene(), grid.scene());
    for (int index = 0; index < grid.count(); ++index) {
        EXPECT_EQ(layout.window(index), grid.tile(index).window);
        EXPECT_EQ(layout.neighbours(index), grid.neighbours(index));
    }
}

TEST(TileLayout, FindsAllThatShareAPixelAmongWindowsOfAnySize) {
    std::mt19937 random(5);
    std::vector<PixelBox> windows;
    for (int k = 0; k < 80; ++k) {
        const std::int64_t x = random() % 300, y = random() % 200;
        windows.push_back({x, y, 1 + static_cast<std::int64_t>(random() % (300 - x)) / (1 + k % 5),
                           1 + static_cast<std::int64_t>(random() % (200 - y)) / (1 + k % 3)});
    }
    const TileLayout layout({0, 0, 300, 200}, windows);
    for (int i = 0; i < layout.count(); ++i) {
        std::vector<int> expected;
        for (int j = 0; j < layout.count(); ++j)
            if (i != j && !intersection(windows[i], windows[j]).empty()) expected.push_back(j);
        EXPECT_EQ(layout.neighbours(i), expected);
    }
}

TEST(TileLayout, RefusesWindowsThatAreNotInTheScene) {
    EXPECT_THROW(TileLayout({0, 0, 100, 100}, {{50, 50, 51, 10}}), Error);
    EXPECT_THROW(TileLayout({0, 0, 100, 100}, {{-1, 0, 10, 10}}), Error);
    EXPECT_THROW(TileLayout({0, 0, 100, 100}, {{0, 0, 0, 10}}), Error);
    EXPECT_THROW(TileLayout({0, 0, 100, 100}, {{0, 0, 10, 10}}).window(1), Error);
}

}  // namespace
}  // namespace landseam::tiling
