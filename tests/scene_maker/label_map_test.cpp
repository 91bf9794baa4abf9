#include "landseam/scene_maker/label_map.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace landseam::scene_maker {
namespace {

using LabelMap = Image<std::int32_t>;

// The number of 4- or 8-connected pieces of each label, 0 left out.
std::vector<int> pieces_of(const LabelMap& map, int labels, bool diagonal) {
    std::vector<int> pieces(static_cast<std::size_t>(labels) + 1, 0);
    LabelMap rest = map;
    for (int y = 0; y < map.height; ++y) {
        for (int x = 0; x < map.width; ++x) {
            const std::int32_t label = rest.at(x, y);
            if (label == 0) continue;
            ++pieces[static_cast<std::size_t>(label)];
            std::vector<std::pair<int, int>> stack{{x, y}};
            while (!stack.empty()) {
                const auto [px, py] = stack.back();
                stack.pop_back();
                if (px < 0 || py < 0 || px >= map.width || py >= map.height || rest.at(px, py) != label)
                    continue;
                rest.at(px, py) = 0;
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx)
                        if (diagonal || dx == 0 || dy == 0) stack.push_back({px + dx, py + dy});
            }
        }
    }
    return pieces;
}

TEST(LabelMap, IsTheSameForTheSameSeedOnly) {
    EXPECT_EQ(make_label_map(90, 70, 40, 3).values, make_label_map(90, 70, 40, 3).values);
    EXPECT_NE(make_label_map(90, 70, 40, 3).values, make_label_map(90, 70, 40, 4).values);
}

TEST(LabelMap, UsesOnlyTheLabelsAskedFor) {
    const LabelMap map = make_label_map(120, 80, 30, 1);
    std::set<std::int32_t> labels(map.values.begin(), map.values.end());
    EXPECT_GE(*labels.begin(), 0);
    EXPECT_LE(*labels.rbegin(), 30);
    EXPECT_GT(labels.size(), 15u);
}

TEST(LabelMap, HasARiverFromSideToSide) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const LabelMap map = make_label_map(60, 50, 12, seed);
        EXPECT_EQ(pieces_of(map, 12, true)[1], 1) << seed;
        bool left = false, right = false, top = false, bottom = false;
        for (int y = 0; y < 50; ++y) left |= map.at(0, y) == 1, right |= map.at(59, y) == 1;
        for (int x = 0; x < 60; ++x) top |= map.at(x, 0) == 1, bottom |= map.at(x, 49) == 1;
        EXPECT_TRUE((left && right) || (top && bottom)) << seed;
    }
}

TEST(LabelMap, HasSinglePixelsCutLabelsAndTouchingNeighbours) {
    const LabelMap map = make_label_map(200, 200, 80, 2);
    std::vector<int> areas(81, 0);
    for (const std::int32_t label : map.values) ++areas[static_cast<std::size_t>(label)];
    EXPECT_GT(std::count(areas.begin(), areas.end(), 1), 0);
    const std::vector<int> pieces = pieces_of(map, 80, true);
    EXPECT_GT(std::count_if(pieces.begin(), pieces.end(), [](int n) { return n > 1; }), 0);
    std::set<std::pair<int, int>> neighbours;
    for (int y = 0; y < 200; ++y)
        for (int x = 1; x < 200; ++x)
            if (map.at(x, y) > map.at(x - 1, y) && map.at(x - 1, y) > 1)
                neighbours.insert({map.at(x - 1, y), map.at(x, y)});
    EXPECT_GT(neighbours.size(), 10u);
}

TEST(LabelMap, TakesAnySizeAndNumber) {
    for (const int size : {1, 2, 3})
        for (const int objects : {0, 1, 2, 50}) {
            const LabelMap map = make_label_map(size, 1, objects, 7);
            EXPECT_EQ(map.width, size);
            EXPECT_EQ(objects == 0, map.values == std::vector<std::int32_t>(map.values.size(), 0));
        }
}

TEST(LabelMap, RefusesImpossibleSizes) {
    EXPECT_THROW(make_label_map(0, 5, 1, 1), Error);
    EXPECT_THROW(make_label_map(5, -1, 1, 1), Error);
    EXPECT_THROW(make_label_map(5, 5, -1, 1), Error);
}

}  // namespace
}  // namespace landseam::scene_maker
