#include "mask_generation/crop_boxes.h"

#include "landseam/core/run_mask.h"

#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

constexpr double default_overlap = 512.0 / 1500;

TEST(CropBoxes, WithoutLayersAreThePictureAlone) {
    const auto crops = generate_crop_boxes(30, 20, 0, default_overlap);
    ASSERT_EQ(crops.size(), 1u);
    EXPECT_EQ(crops[0].box, (PixelBox{0, 0, 30, 20}));
    EXPECT_EQ(crops[0].layer, 0);
}

// Worked by hand: the overlap is int(0.34133 · 600) = 204, so that crops are (204 + 1000) / 2 = 602 wide and
// (204 + 600) / 2 = 402 high.
TEST(CropBoxes, OfTheFirstLayerRunDownTheColumnsAndOverlapByAShareOfTheShorterSide) {
    const auto crops = generate_crop_boxes(1000, 600, 1, default_overlap);
    ASSERT_EQ(crops.size(), 5u);
    EXPECT_EQ(crops[1].box, (PixelBox{0, 0, 602, 402}));
    EXPECT_EQ(crops[2].box, (PixelBox{0, 198, 602, 402}));
    EXPECT_EQ(crops[3].box, (PixelBox{398, 0, 602, 402}));
    EXPECT_EQ(crops[4].box, (PixelBox{398, 198, 602, 402}));
    for (int i = 1; i < 5; ++i) EXPECT_EQ(crops[i].layer, 1);
}

TEST(CropBoxes, OfEveryLayerCoverThePictureAndStayInIt) {
    for (const PixelBox picture : {PixelBox{0, 0, 257, 131}, PixelBox{0, 0, 5, 97}, PixelBox{0, 0, 64, 64}}) {
        const auto crops = generate_crop_boxes(int(picture.width), int(picture.height), 3, default_overlap);
        for (int layer = 0; layer <= 3; ++layer) {
            RunMask covered;
            for (const Crop& crop : crops) {
                if (crop.layer != layer) continue;
                EXPECT_TRUE(picture.contains(crop.box));
                covered = set_union(covered, RunMask::from_box(crop.box));
            }
            EXPECT_EQ(covered, RunMask::from_box(picture)) << "layer " << layer;
        }
    }
}

TEST(CropBoxes, OfOnePixelLeaveOutCropsWithoutPixels) {
    for (const Crop& crop : generate_crop_boxes(1, 1, 2, default_overlap))
        EXPECT_EQ(crop.box, (PixelBox{0, 0, 1, 1}));
}

TEST(EdgeFilter, DropsWhatComesWithinTwentyPixelsOfACropsEdge) {
    const PixelBox crop{100, 100, 200, 200};
    const auto near = [&](const IndexBox& box) { return is_box_near_crop_edge(box, crop, 1000, 1000); };
    EXPECT_FALSE(near({121, 121, 279, 279}));
    EXPECT_TRUE(near({120, 121, 279, 279}));
    EXPECT_TRUE(near({121, 120, 279, 279}));
    EXPECT_TRUE(near({121, 121, 280, 279}));
    EXPECT_TRUE(near({121, 121, 279, 280}));
}

TEST(EdgeFilter, SparesWhatComesNearThePicturesOwnEdge) {
    EXPECT_FALSE(is_box_near_crop_edge({0, 0, 50, 50}, {0, 0, 100, 100}, 1000, 1000));
    EXPECT_FALSE(is_box_near_crop_edge({0, 0, 99, 99}, {0, 0, 100, 100}, 100, 100));
    // A crop that ends 10 pixels before the picture does: its edge counts as the picture's.
    EXPECT_FALSE(is_box_near_crop_edge({30, 30, 85, 50}, {0, 0, 90, 100}, 100, 100));
    EXPECT_TRUE(is_box_near_crop_edge({30, 30, 79, 50}, {0, 0, 90, 100}, 100, 100));
}

}  // namespace
}  // namespace landseam::mask_generation
