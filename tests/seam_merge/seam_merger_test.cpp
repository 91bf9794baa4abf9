// The rules of the merge, each on a scene of a few masks.
#include "landseam/seam_merge/seam_merger.h"

#include "landseam/core/error.h"

#include "seam_merge/oracle.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::seam_merge {
namespace {

using tiling::TileGrid;

RunMask box(std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height) {
    return RunMask::from_box({x, y, width, height});
}

// `mask` in the pixels of a tile that sees all of it.
TileMask in_tile(const TileGrid& grid, int index, const RunMask& mask, double predicted_iou = 0.9) {
    const PixelBox window = grid.tile(index).window;
    return tile_mask(mask.clipped(window).shifted(-window.x, -window.y), predicted_iou);
}

// Two tiles side by side, windows [0, 100) and [60, 160) of rows [0, 100).
TileGrid two_tiles() {
    return {160, 100, {100, 40, 0, 0}};
}

std::vector<RunMask> masks_of(const std::vector<Segment>& segments) {
    std::vector<RunMask> masks;
    for (const Segment& segment : segments) masks.push_back(segment.mask);
    return masks;
}

using Masks = std::vector<RunMask>;

TEST(SeamMerger, GivesBackTheMasksOfASingleTileAsTheyAre) {
    const TileGrid grid(50, 40);
    const RunMask first = box(0, 0, 20, 20), alike = box(0, 0, 20, 19), inner = box(5, 5, 4, 4);
    const auto segments = merge(grid, {{tile_mask(inner, 0.7, 0.8), tile_mask(first), tile_mask(alike)}});
    ASSERT_EQ(masks_of(segments), (Masks{alike, first, inner}));
    EXPECT_EQ(segments[2].predicted_iou, 0.7);
    EXPECT_EQ(segments[2].stability_score, 0.8);
    EXPECT_EQ(segments[2].tiles, 1);
    EXPECT_TRUE(segments[0].touches_edge);
    EXPECT_FALSE(segments[2].touches_edge);
}

TEST(SeamMerger, JoinsThePiecesOfAnObjectThatCrossesTheSeam) {
    const RunMask object = box(20, 30, 120, 25);
    const auto segments = merge(two_tiles(), cut_all({object}, two_tiles()));
    ASSERT_EQ(masks_of(segments), (Masks{object}));
    EXPECT_EQ(segments[0].tiles, 2);
    EXPECT_FALSE(segments[0].touches_edge);
}

TEST(SeamMerger, DropsASecondViewOfACutObjectThatWasJoinedOnlyOnce) {
    const TileGrid grid = two_tiles();
    const RunMask object = box(20, 30, 120, 25), again = box(20, 30, 80, 23);
    const TileMask left = in_tile(grid, 0, object), right = in_tile(grid, 1, object);
    EXPECT_EQ(masks_of(merge(grid, {{left, in_tile(grid, 0, again)}, {right}})), (Masks{object}));
    // A part of it is no second view, and a mask that no edge cuts is whole as it is.
    const RunMask part = box(50, 35, 50, 10), whole = box(20, 30, 70, 25);
    EXPECT_EQ(masks_of(merge(grid, {{left, in_tile(grid, 0, part)}, {right}})), (Masks{object, part}));
    EXPECT_EQ(masks_of(merge(grid, {{left, in_tile(grid, 0, whole)}, {right}})), (Masks{whole, object}));
}

TEST(SeamMerger, DropsACutMaskWhereTheTileThatSeesItWholeShowsOtherThings) {
    const TileGrid grid = two_tiles();
    const TileMask cut = in_tile(grid, 0, box(80, 30, 20, 20));
    const RunMask larger = box(70, 25, 60, 60);
    EXPECT_EQ(masks_of(merge(grid, {{cut}, {in_tile(grid, 1, larger)}})), (Masks{larger}));
    EXPECT_EQ(masks_of(merge(grid, {{cut}, {}})), Masks{}) << "it would have been seen";
    MergeOptions tolerant;
    tolerant.max_open_edge = 1.1;  // 20 pixels of it are open, and the root of its area is 20
    EXPECT_EQ(merge(grid, {{cut}, {}}, {}, tolerant).size(), 1u);
    EXPECT_EQ(merge(grid, {{in_tile(grid, 0, box(70, 30, 30, 4))}, {}}).size(), 1u) << "open at its end only";
    // Near the edge of both, the second tile sees it no better.
    const RunMask strip = box(62, 30, 38, 20);
    EXPECT_EQ(merge(grid, {{in_tile(grid, 0, strip)}, {in_tile(grid, 1, box(62, 10, 80, 80))}}).size(), 2u);
}

TEST(SeamMerger, KeepsACutMaskWhereTheTileThatWouldHaveSeenItWasPassedOver) {
    const TileGrid grid = two_tiles();
    const RunMask object = box(80, 30, 20, 20);
    for (const bool cut_first : {true, false}) {
        SeamMerger merger(grid);
        if (!cut_first) merger.pass_over(1);
        merger.add_tile(0, {in_tile(grid, 0, object)});
        if (cut_first) merger.pass_over(1);
        EXPECT_EQ(masks_of(merger.take_finished()), (Masks{object}));
        EXPECT_THROW(merger.pass_over(1), Error);
        EXPECT_THROW(merger.pass_over(2), Error);
        EXPECT_THROW(merger.add_tile(1, {}), Error);
    }
}

TEST(SeamMerger, WeighsTheScoresOfPiecesByTheirAreas) {
    const TileGrid grid = two_tiles();
    const RunMask object = box(40, 30, 110, 10);  // 60 columns in the first tile, 90 in the second
    const auto segments = merge(grid, {{in_tile(grid, 0, object, 0.5)}, {in_tile(grid, 1, object, 0.8)}});
    ASSERT_EQ(segments.size(), 1u);
    EXPECT_NEAR(segments[0].predicted_iou, (60 * 0.5 + 90 * 0.8) / 150, 1e-12);
    EXPECT_NEAR(segments[0].stability_score, 0.95, 1e-12);
}

TEST(SeamMerger, WeighsOtherAttributesByTheAreasOfThePiecesThatHaveThem) {
    const TileGrid grid = two_tiles();
    const RunMask object = box(40, 30, 110, 10);  // 60 columns in the first tile, 90 in the second
    TileMask left = in_tile(grid, 0, object), right = in_tile(grid, 1, object);
    left.attributes = {2, std::nan(""), std::nan("")};
    right.attributes = {7, 5};
    const auto segments = merge(grid, {{left}, {right}});
    ASSERT_EQ(segments.size(), 1u);
    ASSERT_EQ(segments[0].attributes.size(), 3u);
    EXPECT_NEAR(segments[0].attributes[0], (60 * 2.0 + 90 * 7) / 150, 1e-12);
    EXPECT_EQ(segments[0].attributes[1], 5);
    EXPECT_TRUE(std::isnan(segments[0].attributes[2]));
}

TEST(SeamMerger, JoinsMasksOfTilesThatLieOnNoGrid) {
    // A large tile, a small one across its right edge, and one below both that is cut to the scene.
    const tiling::TileLayout tiles({0, 0, 200, 150},
                                   {{0, 0, 120, 100}, {90, 20, 110, 50}, {60, 60, 140, 90}});
    const RunMask object = set_union(box(30, 40, 140, 20), box(80, 40, 20, 100));
    SeamMerger merger(tiles);
    for (int index : {2, 0, 1}) {
        const PixelBox window = tiles.window(index);
        merger.add_tile(index, {tile_mask(object.clipped(window).shifted(-window.x, -window.y))});
    }
    EXPECT_EQ(masks_of(merger.take_finished()), (Masks{object}));
}

TEST(SeamMerger, JoinsPiecesWhoseOutlinesDifferByAFewPixels) {
    const TileGrid grid = two_tiles();
    const RunMask left = box(20, 30, 77, 25), right = box(63, 32, 77, 25);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, left)}, {in_tile(grid, 1, right)}})),
              (Masks{set_union(left, right)}));
}

TEST(SeamMerger, JoinsAThinRoadDrawnSidewaysByMoreThanItsWidth) {
    const TileGrid grid = two_tiles();
    const RunMask left = box(20, 30, 80, 3), right = box(60, 33, 80, 3);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, left)}, {in_tile(grid, 1, right)}})),
              (Masks{set_union(left, right)}));
}

TEST(SeamMerger, LeavesTouchingNeighboursApart) {
    const Masks objects{box(20, 20, 120, 15), box(20, 35, 120, 15), box(20, 50, 120, 2), box(20, 52, 120, 1)};
    EXPECT_EQ(masks_of(merge(two_tiles(), cut_all(objects, two_tiles()))), objects);
}

TEST(SeamMerger, KeepsTheBetterOfTwoCompleteDuplicates) {
    const TileGrid grid = two_tiles();
    const RunMask one = box(70, 30, 20, 20), other = box(71, 30, 20, 21);
    for (bool first_is_better : {true, false}) {
        const auto segments = merge(grid, {{in_tile(grid, 0, one, first_is_better ? 0.9 : 0.8)},
                                           {in_tile(grid, 1, other, first_is_better ? 0.8 : 0.9)}});
        ASSERT_EQ(masks_of(segments), (Masks{first_is_better ? one : other}));
        EXPECT_EQ(segments[0].predicted_iou, 0.9);
        EXPECT_EQ(segments[0].tiles, 2);
    }
}

TEST(SeamMerger, DropsTheFragmentOfAnObjectThatTheOtherTileSeesWhole) {
    const TileGrid grid = two_tiles();
    const RunMask whole = box(40, 30, 45, 20);
    const RunMask fragment = box(60, 29, 26, 22);  // cut by the second tile's left edge, and ragged
    const auto segments = merge(grid, {{in_tile(grid, 0, whole, 0.5)}, {in_tile(grid, 1, fragment, 0.9)}});
    ASSERT_EQ(masks_of(segments), (Masks{whole}));
    EXPECT_EQ(segments[0].predicted_iou, 0.5);
    EXPECT_EQ(segments[0].tiles, 2);
}

TEST(SeamMerger, DropsASliverOfAnObjectThatEndsJustBeyondTheTilesEdge) {
    const TileGrid grid = two_tiles();
    const RunMask whole = box(20, 30, 39, 20),
                  sliver = box(60, 31, 2, 17);  // one sees it end where the other begins
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, whole)}, {in_tile(grid, 1, sliver)}})), (Masks{whole}));
}

TEST(SeamMerger, KeepsAPieceThatTheNextTileMissed) {
    const TileGrid grid = two_tiles();
    const RunMask object = box(20, 30, 120, 25);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, object)}, {}})), (Masks{box(20, 30, 80, 25)}));
}

TEST(SeamMerger, JoinsRoofToRoofAndDormerToDormer) {
    const RunMask roof = box(20, 20, 120, 60), dormer = box(50, 40, 60, 20);
    EXPECT_EQ(masks_of(merge(two_tiles(), cut_all({dormer, roof}, two_tiles()))), (Masks{roof, dormer}));
}

TEST(SeamMerger, DoesNotJoinACompleteDormerToACutRoof) {
    const TileGrid grid = two_tiles();
    const RunMask roof = box(20, 20, 120, 60), dormer = box(65, 22, 32, 56);
    // The first tile has the dormer alone, which is most of what the roof has in the overlap.
    EXPECT_EQ(masks_of(merge(
                  grid, {{in_tile(grid, 0, dormer.clipped({65, 22, 28, 56}))}, {in_tile(grid, 1, roof)}})),
              (Masks{box(60, 20, 80, 60), box(65, 22, 28, 56)}));
}

TEST(SeamMerger, DoesNotJoinACutDormerToTheRoofWhenTheirOwnCounterpartsAreMissing) {
    const TileGrid grid = two_tiles();
    const RunMask roof = box(20, 20, 120, 60), dormer = box(50, 40, 60, 20);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, dormer)}, {in_tile(grid, 1, roof)}})),
              (Masks{box(60, 20, 80, 60), box(50, 40, 50, 20)}));
}

TEST(SeamMerger, DoesNotChainAPartToTheWholeThroughWhatBothShowInTheOverlap) {
    // Behind the overlap's left border the block goes on beside its wing; in the second tile they look the
    // same.
    const TileGrid grid = two_tiles();
    const RunMask wing = box(40, 30, 100, 20), block = set_union(wing, box(5, 10, 40, 80));
    const auto segments =
        merge(grid, {{in_tile(grid, 0, wing), in_tile(grid, 0, block)}, {in_tile(grid, 1, block)}});
    EXPECT_EQ(masks_of(segments), (Masks{block, box(40, 30, 60, 20)}));
}

TEST(SeamMerger, JoinsTheLegsOfAUThroughTheTileThatSeesItsBottom) {
    const TileGrid grid = two_tiles();
    const RunMask u = set_union(set_union(box(20, 10, 120, 12), box(20, 70, 120, 25)), box(128, 10, 12, 80));
    const auto legs = merge(
        grid, {{in_tile(grid, 0, u.clipped({0, 0, 160, 40})), in_tile(grid, 0, u.clipped({0, 40, 160, 60}))},
               {in_tile(grid, 1, u)}});
    EXPECT_EQ(masks_of(legs), (Masks{u}));
    EXPECT_EQ(legs[0].tiles, 2);
}

TEST(SeamMerger, JoinsSeveralMasksHereToOneMaskThereWhereRaggedEdgesCloseTheGap) {
    const TileGrid grid = two_tiles();
    const RunMask upper = box(20, 30, 80, 12), lower = box(20, 44, 80, 12), both = box(60, 30, 80, 26);
    EXPECT_EQ(
        masks_of(merge(grid, {{in_tile(grid, 0, upper), in_tile(grid, 0, lower)}, {in_tile(grid, 1, both)}})),
        (Masks{set_union(set_union(upper, lower), both)}));
}

TEST(SeamMerger, DoesNotJoinObjectsThatShareASpeckOnly) {
    const TileGrid grid = two_tiles();
    const RunMask speck = box(78, 50, 2, 2);
    const RunMask above = set_union(box(20, 20, 80, 25), speck),
                  below = set_union(box(60, 55, 80, 25), speck);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, above)}, {in_tile(grid, 1, below)}})),
              (Masks{above, below}));
}

TEST(SeamMerger, JoinsAnObjectWhereFourTilesMeet) {
    const TileGrid grid(160, 160, {100, 40, 0, 0});
    const RunMask object = box(30, 25, 110, 120);
    const auto segments = merge(grid, cut_all({object}, grid));
    ASSERT_EQ(masks_of(segments), (Masks{object}));
    EXPECT_EQ(segments[0].tiles, 4);
}

TEST(SeamMerger, JoinsARingAroundAWholeTileAndLeavesWhatItEncloses) {
    const TileGrid grid(320, 320, {100, 40, 0, 0});
    const RunMask ring = set_difference(box(10, 12, 300, 290), box(50, 52, 220, 210)),
                  island = box(120, 130, 90, 80);
    EXPECT_EQ(masks_of(merge(grid, cut_all({ring, island}, grid))), (Masks{ring, island}));
}

TEST(SeamMerger, JoinsAnObjectAcrossTenTilesAndCountsThem) {
    const TileGrid grid(640, 100, {100, 40, 0, 0});
    ASSERT_EQ(grid.count(), 10);
    const RunMask object = box(0, 40, 640, 9);
    const auto segments = merge(grid, cut_all({object}, grid));
    ASSERT_EQ(masks_of(segments), (Masks{object}));
    EXPECT_EQ(segments[0].tiles, 10);
    EXPECT_TRUE(segments[0].touches_edge);
}

TEST(SeamMerger, LeavesCutPiecesAsTheyAreWhereTilesDoNotOverlap) {
    const TileGrid grid(200, 100, {100, 0, 0, 0});
    EXPECT_EQ(masks_of(merge(grid, cut_all({box(20, 30, 120, 25)}, grid))),
              (Masks{box(20, 30, 80, 25), box(100, 30, 40, 25)}));
}

TEST(SeamMerger, CollapsesObjectsThatAreAlmostTheSameOnceJoined) {
    // The second tile goes on with only one of two masks; what it adds makes the other one's object its twin.
    const TileGrid grid = two_tiles();
    const RunMask stray =
        set_union(box(70, 30, 20, 20), box(120, 30, 1, 1));  // goes on beyond the first tile
    const RunMask clean = box(70, 30, 20, 20);               // shown complete
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, clean, 0.95)}, {in_tile(grid, 1, stray, 0.9)}})),
              (Masks{clean}));
}

TEST(SeamMerger, CollapsesMasksOfOneTileThatBecomeAlmostTheSameOnlyByWhatTheNextTileAdds) {
    const TileGrid grid = two_tiles();
    const RunMask yard = box(0, 0, 58, 100), with_path = set_union(yard, box(58, 50, 52, 3));
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, yard, 0.8), in_tile(grid, 0, with_path)},
                                    {in_tile(grid, 1, with_path)}})),
              (Masks{with_path}));
}

TEST(SeamMerger, KeepsNestedMasksApartThatBothTilesSeeWhole) {
    const RunMask outer = box(67, 20, 26, 40), inner = box(67, 20, 26, 31);
    EXPECT_EQ(masks_of(merge(two_tiles(), cut_all({outer, inner}, two_tiles()))), (Masks{inner, outer}));
}

TEST(SeamMerger, DoesNotFuseCompleteObjectsThatTheNextTileShowsAsOneCutMask) {
    const TileGrid grid = two_tiles();
    const RunMask upper = box(30, 20, 55, 20), lower = box(30, 50, 55, 18);
    EXPECT_EQ(masks_of(merge(grid, {{in_tile(grid, 0, upper), in_tile(grid, 0, lower)},
                                    {in_tile(grid, 1, set_union(upper, lower))}})),
              (Masks{upper, lower}));
}

TEST(SeamMerger, JoinsCutPiecesThatAMaskInSeveralPartsHoldsTogether) {
    const TileGrid grid(220, 100, {100, 40, 0, 0});  // windows at 0, 60, 120
    const RunMask upper = box(60, 20, 80, 20), lower = box(60, 50, 80, 19);
    EXPECT_EQ(masks_of(merge(grid, {{},
                                    {in_tile(grid, 1, upper), in_tile(grid, 1, lower)},
                                    {in_tile(grid, 2, set_union(upper, lower))}})),
              (Masks{set_union(upper, lower)}));
}

TEST(SeamMerger, DoesNotChainAPartToItsWholeThroughAThirdTile) {
    // The right tile shows the block alone, the lower one its courtyard alone; where these two tiles meet,
    // block and courtyard look the same.
    const TileGrid grid(160, 160, {100, 40, 0, 0});
    const RunMask block = box(10, 10, 130, 130), court = box(55, 55, 85, 85);
    const auto segments = merge(grid, {{in_tile(grid, 0, block), in_tile(grid, 0, court)},
                                       {in_tile(grid, 1, block)},
                                       {in_tile(grid, 2, court)},
                                       {}});
    const PixelBox tile_0{0, 0, 100, 100}, tile_1{60, 0, 100, 100}, tile_2{0, 60, 100, 100};
    EXPECT_EQ(masks_of(segments), (Masks{set_union(block.clipped(tile_0), block.clipped(tile_1)),
                                         set_union(court.clipped(tile_0), court.clipped(tile_2))}));
}

TEST(SeamMerger, HandsOutObjectsAsSoonAsNoTileToComeCanTouchThem) {
    const TileGrid grid(220, 100, {100, 40, 0, 0});  // windows at 0, 60, 120
    const RunMask first = box(10, 10, 20, 20), crossing = box(20, 50, 100, 10), last = box(180, 10, 20, 20);
    const Tiles tiles = cut_all({first, crossing, last}, grid);
    SeamMerger merger(grid);
    merger.add_tile(0, tiles[0]);
    EXPECT_EQ(masks_of(merger.take_finished()), (Masks{first}));
    merger.add_tile(2, tiles[2]);
    EXPECT_EQ(masks_of(merger.take_finished()), (Masks{last}));
    merger.add_tile(1, tiles[1]);
    EXPECT_EQ(masks_of(merger.take_finished()), (Masks{crossing}));
    EXPECT_TRUE(merger.take_finished().empty());
}

TEST(SeamMerger, HandsOutTheSameObjectsInPortionsAsAtOnce) {
    const LabelMap map = draw_map(300, 280, 24, 2);
    const TileGrid grid(map.width, map.height, {96, 24, 0, 0});
    const Tiles tiles = cut_all_badly(map, grid, 2, 0.1, 4);
    std::vector<RunMask> portions;
    SeamMerger merger(grid);
    for (int index = grid.count() - 1; index >= 0; --index) {
        merger.add_tile(index, tiles[index]);
        for (const Segment& segment : merger.take_finished()) portions.push_back(segment.mask);
    }
    std::vector<RunMask> at_once = masks_of(merge(grid, tiles));
    EXPECT_THAT(portions, testing::UnorderedElementsAreArray(at_once));
}

TEST(SeamMerger, PassesOverEmptyMasksAndTilesWithoutAny) {
    EXPECT_TRUE(merge(two_tiles(), {{tile_mask({})}, {}}).empty());
}

TEST(SeamMerger, RefusesATileItCannotPlaceAndKeepsWhatItHad) {
    SeamMerger merger(two_tiles());
    merger.add_tile(0, {tile_mask(box(5, 5, 10, 10))});
    EXPECT_THROW(merger.add_tile(0, {}), Error);
    EXPECT_THROW(merger.add_tile(2, {}), Error);
    EXPECT_THROW(merger.add_tile(-1, {}), Error);
    EXPECT_THROW(merger.add_tile(1, {tile_mask(box(95, 5, 10, 10))}), Error);
    EXPECT_THROW(merger.add_tile(1, {tile_mask(box(-1, 5, 10, 10))}), Error);
    EXPECT_THROW(merger.add_tile(1, {tile_mask(box(5, 5, 10, 10), std::nan(""))}), Error);
    merger.add_tile(1, {});
    EXPECT_EQ(masks_of(merger.take_finished()), (Masks{box(5, 5, 10, 10)}));
}

TEST(SeamMerger, RefusesOptionsThatMakeNoSense) {
    const auto refused = [](auto change) {
        MergeOptions options;
        change(options);
        try {
            SeamMerger merger(two_tiles(), options);
        } catch (const Error& error) {
            return error.kind() == ErrorKind::usage;
        }
        return false;
    };
    EXPECT_FALSE(refused([](MergeOptions&) {}));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.edge_margin = -1; }));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.tolerance = 1001; }));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.min_agreement = 0.4; }));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.min_coverage = 1.1; }));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.max_self_overlap = -0.1; }));
    EXPECT_TRUE(refused([](MergeOptions& o) { o.duplicate_iou = std::nan(""); }));
}

}  // namespace
}  // namespace landseam::seam_merge
