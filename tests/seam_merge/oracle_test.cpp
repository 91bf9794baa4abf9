// The merge against maps where every object is known.
#include "seam_merge/oracle.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include <gtest/gtest.h>

namespace landseam::seam_merge {
namespace {

using tiling::TileGrid;

std::vector<RunMask> sorted(std::vector<RunMask> masks) {
    std::sort(masks.begin(), masks.end(), [](const RunMask& a, const RunMask& b) {
        const landseam::Run &p = a.runs().front(), &q = b.runs().front();
        return std::make_tuple(p.y, p.x_begin) < std::make_tuple(q.y, q.x_begin);
    });
    return masks;
}

std::vector<RunMask> masks_of(const std::vector<Segment>& segments) {
    std::vector<RunMask> masks;
    for (const Segment& segment : segments) masks.push_back(segment.mask);
    return masks;
}

std::vector<int> shuffled_order(int count, unsigned seed) {
    std::vector<int> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::mt19937 random(seed);
    std::shuffle(order.begin(), order.end(), random);
    return order;
}

void expect_same(const std::vector<Segment>& a, const std::vector<Segment>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].mask, b[i].mask);
        EXPECT_EQ(a[i].predicted_iou, b[i].predicted_iou);
        EXPECT_EQ(a[i].stability_score, b[i].stability_score);
        EXPECT_EQ(a[i].tiles, b[i].tiles);
        EXPECT_EQ(a[i].touches_edge, b[i].touches_edge);
    }
}

struct GridCase {
    int tile_size, overlap;
};

class SeamMergerOracle : public testing::TestWithParam<GridCase> {
protected:
    static const LabelMap& map() {
        static const LabelMap drawn = draw_map(523, 471, 24, 7);
        return drawn;
    }
    TileGrid grid(std::int64_t x = 0, std::int64_t y = 0) const {
        return {map().width, map().height, {GetParam().tile_size, GetParam().overlap, x, y}};
    }
};

TEST_P(SeamMergerOracle, GivesBackEveryObjectToThePixelFromConnectedMasks) {
    ASSERT_GE(map().objects, 300);
    EXPECT_EQ(masks_of(merge(grid(), cut_all(map(), grid(), true))), sorted(objects_of(map())));
}

TEST_P(SeamMergerOracle, GivesBackEveryObjectToThePixelFromMasksInSeveralParts) {
    EXPECT_EQ(masks_of(merge(grid(), cut_all(map(), grid(), false))), sorted(objects_of(map())));
}

TEST_P(SeamMergerOracle, GivesBackEveryObjectWhereverTheGridStarts) {
    const TileGrid moved = grid(17, 5);
    EXPECT_EQ(masks_of(merge(moved, cut_all(map(), moved, true))), sorted(objects_of(map())));
}

TEST_P(SeamMergerOracle, DoesNotDependOnTheOrderOfTilesNorOfMasks) {
    const LabelMap drawn = draw_map(271, 254, 24, 9);
    const TileGrid tile_grid(drawn.width, drawn.height, {GetParam().tile_size, GetParam().overlap, 0, 0});
    Tiles tiles = cut_all_badly(drawn, tile_grid, 2, 0.1, 3);
    const std::vector<Segment> expected = merge(tile_grid, tiles);
    std::mt19937 random(11);
    for (auto& masks : tiles) std::shuffle(masks.begin(), masks.end(), random);
    for (unsigned seed = 0; seed < 3; ++seed)
        expect_same(merge(tile_grid, tiles, shuffled_order(tile_grid.count(), seed)), expected);
}

INSTANTIATE_TEST_SUITE_P(Grids, SeamMergerOracle,
                         testing::Values(GridCase{64, 1}, GridCase{64, 16}, GridCase{64, 32},
                                         GridCase{64, 40}, GridCase{128, 16}, GridCase{128, 32},
                                         GridCase{128, 64}, GridCase{256, 16}, GridCase{256, 32},
                                         GridCase{256, 64}),
                         [](const auto& given) {
                             return "Tile" + std::to_string(given.param.tile_size) + "Overlap" +
                                    std::to_string(given.param.overlap);
                         });

// The same at the sizes people work with.
class SeamMergerFullSizeOracle : public testing::TestWithParam<GridCase> {
protected:
    static const LabelMap& map() {
        static const LabelMap drawn = draw_map(2100, 1900, 100, 7);
        return drawn;
    }
};

TEST_P(SeamMergerFullSizeOracle, GivesBackEveryObjectToThePixel) {
    const TileGrid grid(map().width, map().height, {GetParam().tile_size, GetParam().overlap, 0, 0});
    ASSERT_GE(map().objects, 300);
    EXPECT_EQ(masks_of(merge(grid, cut_all(map(), grid, true))), sorted(objects_of(map())));
}

INSTANTIATE_TEST_SUITE_P(Grids, SeamMergerFullSizeOracle,
                         testing::Values(GridCase{256, 32}, GridCase{256, 64}, GridCase{512, 32},
                                         GridCase{512, 64}, GridCase{512, 256}, GridCase{1024, 32},
                                         GridCase{1024, 64}, GridCase{1024, 256}),
                         [](const auto& given) {
                             return "Tile" + std::to_string(given.param.tile_size) + "Overlap" +
                                    std::to_string(given.param.overlap);
                         });

TEST(SeamMergerPartsOracle, JoinsMasksInSeveralPartsThatOnlyAThirdTileShowsConnected) {
    const LabelMap map = draw_map(300, 280, 19, 100);
    const TileGrid grid(map.width, map.height, {100, 25, 0, 0});
    EXPECT_EQ(masks_of(merge(grid, cut_all(map, grid, false))), sorted(objects_of(map)));
}

TEST(SeamMergerNoisyOracle, JoinsRaggedMasksAndFusesNoneOfTheObjects) {
    const LabelMap map = draw_map(1000, 900, 70, 5);
    const TileGrid grid(map.width, map.height, {400, 100, 0, 0});
    const Score result = score(map, merge(grid, cut_all_badly(map, grid, 2, 0.1, 1)), 20000, 2);
    RecordProperty("objects", result.objects);
    RecordProperty("found_once", result.found_once);
    EXPECT_GE(result.objects, 200);
    EXPECT_GE(result.found_once, 0.95 * result.objects);
    EXPECT_LE(result.fused, 0.005 * result.objects);
}

// Objects of which a tile missed a large piece cannot come back whole, so the large ones are held against
// what the masks allow.
TEST(SeamMergerNoisyOracle, KeepsItsPromiseAtFullSize) {
    const LabelMap map = draw_map(2900, 2800, 230, 5);
    const TileGrid grid(map.width, map.height, {1024, 256, 0, 0});
    const Tiles tiles = cut_all_badly(map, grid, 2, 0.1, 1);
    const Score result = score(map, merge(grid, tiles), 20000, 2);
    const int possible = possibly_alike(map, grid, tiles, 20000);
    RecordProperty("possible", possible);
    RecordProperty("alike", result.large_alike);
    EXPECT_GE(result.objects, 300);
    EXPECT_GE(result.found_once, 0.97 * result.objects);
    EXPECT_GE(possible, 30);
    EXPECT_GE(result.large_alike, 0.95 * possible);
    EXPECT_LE(result.fused, 0.005 * result.objects);
}

}  // namespace
}  // namespace landseam::seam_merge
