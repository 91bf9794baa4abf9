#include "mask_generation/small_regions.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

ImageU8 drawing(const std::vector<std::string>& rows) {
    ImageU8 image(static_cast<int>(rows[0].size()), static_cast<int>(rows.size()));
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) image.at(x, y) = rows[y][x] == '#';
    return image;
}
RunMask mask_of(const std::vector<std::string>& rows) {
    return RunMask::from_image(drawing(rows));
}
PixelBox frame_of(const std::vector<std::string>& rows) {
    return {0, 0, static_cast<std::int64_t>(rows[0].size()), static_cast<std::int64_t>(rows.size())};
}

TEST(SmallRegions, HolesOfFewerPixelsAreFilled) {
    const std::vector<std::string> rows{"..........",  //
                                        ".########.",  //
                                        ".#.##..##.",  //
                                        ".########.",  //
                                        ".........."};
    const RegionRepair repair = fill_small_holes(mask_of(rows), frame_of(rows), 2);
    EXPECT_TRUE(repair.changed);
    EXPECT_EQ(repair.mask, mask_of({"..........",  //
                                    ".########.",  //
                                    ".####..##.",  //
                                    ".########.",  //
                                    ".........."}));
}

TEST(SmallRegions, HolesThatTouchAtACornerAreOne) {
    const std::vector<std::string> rows{"#####", "#.###", "##.##", "#####"};
    EXPECT_FALSE(fill_small_holes(mask_of(rows), frame_of(rows), 2).changed);
    EXPECT_EQ(fill_small_holes(mask_of(rows), frame_of(rows), 3).mask, RunMask::from_box({0, 0, 5, 4}));
}

TEST(SmallRegions, TheSurroundingsAreFilledTooWhereTheyAreSmall) {
    const std::vector<std::string> rows{"###.", "####", "####"};
    EXPECT_EQ(fill_small_holes(mask_of(rows), frame_of(rows), 2).mask, RunMask::from_box({0, 0, 4, 3}));
}

TEST(SmallRegions, IslandsOfFewerPixelsAreRemoved) {
    const RegionRepair repair = remove_small_islands(mask_of({"##...#", "##.#..", "##...."}), 3);
    EXPECT_TRUE(repair.changed);
    EXPECT_EQ(repair.mask, mask_of({"##....", "##....", "##...."}));
}

TEST(SmallRegions, IslandsThatTouchAtACornerAreOne) {
    const RunMask mask = mask_of({"#.#", ".#.", "#.#"});
    const RegionRepair repair = remove_small_islands(mask, 5);
    EXPECT_FALSE(repair.changed);
    EXPECT_EQ(repair.mask, mask);
}

TEST(SmallRegions, TheLargestIslandStaysWhereAllAreSmall) {
    EXPECT_EQ(remove_small_islands(mask_of({"#..##", "....."}), 100).mask, mask_of({"...##", "....."}));
}

TEST(SmallRegions, AMaskThatIsOneSmallIslandStaysButCountsAsChanged) {
    const RunMask mask = mask_of({".#.", ".#."});
    const RegionRepair repair = remove_small_islands(mask, 100);
    EXPECT_TRUE(repair.changed);
    EXPECT_EQ(repair.mask, mask);
}

TEST(SmallRegions, MasksWithoutSmallRegionsStayAsTheyAre) {
    const std::vector<std::string> rows{"####..", "#..#..", "####.."};
    EXPECT_FALSE(fill_small_holes(mask_of(rows), frame_of(rows), 2).changed);
    EXPECT_FALSE(remove_small_islands(mask_of(rows), 10).changed);
}

TEST(SmallRegions, AnEmptyMaskHasNone) {
    EXPECT_FALSE(remove_small_islands(RunMask(), 10).changed);
    EXPECT_FALSE(fill_small_holes(RunMask(), {0, 0, 10, 10}, 10).changed);
}

TEST(SmallRegions, HolesAreFilledBeforeIslandsAreCounted) {
    const std::vector<std::string> rows{"......", ".###..", ".#.#..", ".###..", "......"};
    const RegionRepair repair = repair_small_regions(mask_of(rows), frame_of(rows), 9);
    EXPECT_TRUE(repair.changed);
    EXPECT_EQ(repair.mask, RunMask::from_box({1, 1, 3, 3}));
    const std::vector<std::string> with_island{"......#", ".###...", ".#.#...", ".###..."};
    EXPECT_EQ(repair_small_regions(mask_of(with_island), frame_of(with_island), 9).mask,
              RunMask::from_box({1, 1, 3, 3}));
}

TEST(SmallRegions, HolesWithoutDataStayAndDoNotCountAsChanged) {
    const std::vector<std::string> rows{"#####", "#.#.#", "#####"};
    RunMask valid = set_difference(RunMask::from_box(frame_of(rows)), RunMask::from_box({1, 1, 1, 1}));
    const RegionRepair repair = repair_small_regions(mask_of(rows), frame_of(rows), 2, &valid);
    EXPECT_TRUE(repair.changed);
    EXPECT_EQ(repair.mask, mask_of({"#####", "#.###", "#####"}));
    EXPECT_FALSE(repair_small_regions(repair.mask, frame_of(rows), 2, &valid).changed);
}

// The plain way: flood fill from every pixel.
RunMask flood_fill_islands(const ImageU8& image, int min_area) {
    ImageU8 left = image, kept(image.width, image.height);
    std::vector<std::pair<int, int>> largest;
    bool any_kept = false;
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            if (!left.at(x, y)) continue;
            std::vector<std::pair<int, int>> region{{x, y}};
            left.at(x, y) = 0;
            for (std::size_t i = 0; i < region.size(); ++i) {
                for (int dy = -1; dy <= 1; ++dy) {
                    for (int dx = -1; dx <= 1; ++dx) {
                        const int u = region[i].first + dx, v = region[i].second + dy;
                        if (u < 0 || v < 0 || u >= image.width || v >= image.height || !left.at(u, v))
                            continue;
                        left.at(u, v) = 0;
                        region.emplace_back(u, v);
                    }
                }
            }
            if (static_cast<int>(region.size()) >= min_area) {
                any_kept = true;
                for (const auto& [u, v] : region) kept.at(u, v) = 1;
            }
            if (region.size() > largest.size()) largest = region;
        }
    }
    if (!any_kept)
        for (const auto& [u, v] : largest) kept.at(u, v) = 1;
    return RunMask::from_image(kept);
}

TEST(SmallRegions, AgreeWithFloodFillOnRandomMasks) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        ImageU8 image(1 + static_cast<int>(random() % 23), 1 + static_cast<int>(random() % 23));
        const unsigned share = 1 + random() % 9;
        for (auto& value : image.values) value = random() % 10 < share;
        const int min_area = 1 + static_cast<int>(random() % 12);
        EXPECT_EQ(remove_small_islands(RunMask::from_image(image), min_area).mask,
                  flood_fill_islands(image, min_area));
    }
}

}  // namespace
}  // namespace landseam::mask_generation
