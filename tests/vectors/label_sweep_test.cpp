#include "landseam/vectors/label_sweep.h"

#include "vectors/label_maps.h"

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

using testing::label_runs;
using testing::LabelMap;

// Label and runs of each region, found by flooding.
using Regions = std::set<std::pair<std::int64_t, std::vector<std::tuple<int, int, int>>>>;

std::vector<std::tuple<int, int, int>> plain_runs(const RunMask& mask) {
    std::vector<std::tuple<int, int, int>> runs;
    for (const Run& run : mask.runs()) runs.emplace_back(run.y, run.x_begin, run.x_end);
    return runs;
}

Regions flooded(const LabelMap& map, bool diagonal) {
    Regions regions;
    ImageU8 seen(map.width, map.height);
    for (int y = 0; y < map.height; ++y)
        for (int x = 0; x < map.width; ++x) {
            if (map.at(x, y) == 0 || seen.at(x, y)) continue;
            std::vector<std::pair<int, int>> open{{x, y}};
            std::vector<Run> pixels;
            seen.at(x, y) = 1;
            while (!open.empty()) {
                const auto [px, py] = open.back();
                open.pop_back();
                pixels.push_back({py, px, px + 1});
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx) {
                        const int qx = px + dx, qy = py + dy;
                        if ((dx != 0 && dy != 0 && !diagonal) || qx < 0 || qy < 0 || qx >= map.width ||
                            qy >= map.height || seen.at(qx, qy) || map.at(qx, qy) != map.at(x, y))
                            continue;
                        seen.at(qx, qy) = 1;
                        open.emplace_back(qx, qy);
                    }
            }
            regions.insert({map.at(x, y), plain_runs(RunMask::from_runs(pixels))});
        }
    return regions;
}

TEST(LabelSweep, FindsTheRegionsThatFloodingFinds) {
    std::mt19937 random(4);
    for (int round = 0; round < 2000; ++round) {
        const bool diagonal = round % 2 == 1;
        const LabelMap map = testing::random_map(random);
        LabelSweep sweep(diagonal);
        Regions found;
        const auto take = [&](int y) {
            for (const LabelledMask& region : sweep.take_finished()) {
                ASSERT_LT(region.mask.runs().back().y, y);
                ASSERT_TRUE(found.insert({region.label, plain_runs(region.mask)}).second);
            }
        };
        for (int y = 0; y < map.height; ++y) {
            const std::vector<LabelRun> runs = label_runs(map, y);
            if (runs.empty() && random() % 2 == 0) continue;
            sweep.add_row(y, runs);
            take(y);
        }
        sweep.finish();
        take(map.height);
        ASSERT_EQ(found, flooded(map, diagonal));
    }
}

TEST(LabelSweep, GivesRegionsAwayAsSoonAsARowHasNoneOfThem) {
    LabelSweep sweep;
    sweep.add_row(3, {{0, 2, 7}, {5, 6, 8}});
    sweep.add_row(4, {{0, 1, 7}});
    ASSERT_EQ(sweep.take_finished().size(), 1u);
    EXPECT_EQ(sweep.first_unfinished_row(99), 3);
    sweep.add_row(5, {});
    EXPECT_EQ(sweep.take_finished().size(), 1u);
    EXPECT_EQ(sweep.first_unfinished_row(99), 99);
}

}  // namespace
}  // namespace landseam::vectors
