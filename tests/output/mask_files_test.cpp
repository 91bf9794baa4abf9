#include "landseam/output/mask_files.h"

#include "landseam/core/error.h"

#include "output/test_files.h"
#include "support/json.h"

#include <filesystem>

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::output {
namespace {

using testing::content;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TemporaryFolder;

// A 3 × 2 block at (1, 0) of a picture of 5 × 4.
TileMask sample() {
    TileMask mask;
    mask.segmentation = RunMask::from_box({1, 0, 3, 2});
    mask.area = 6;
    mask.bbox = {1, 0, 2, 1};
    mask.predicted_iou = static_cast<double>(0.9F);
    mask.stability_score = 1;
    mask.point_coords = {2.5, 1};
    mask.crop_box = {0, 0, 5, 4};
    return mask;
}

TEST(MaskFolder, HasAPictureForEachMaskAndARowInTheReferencesColumns) {
    const TemporaryFolder folder;
    write_mask_folder(folder / "picture", {sample(), sample()}, 5, 4);
    EXPECT_EQ(folder.listing(), "picture ");
    EXPECT_EQ(
        content(folder / "picture/metadata.csv"),
        "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,"
        "crop_box_x0,crop_box_y0,crop_box_w,crop_box_h\n"
        "0,6,1,0,2,1,2.5,1.0,0.8999999761581421,1.0,0,0,5,4\n"
        "1,6,1,0,2,1,2.5,1.0,0.8999999761581421,1.0,0,0,5,4");
    const std::unique_ptr<GDALDataset> png(GDALDataset::Open((folder / "picture/1.png").c_str()));
    ASSERT_TRUE(png);
    EXPECT_EQ(png->GetRasterCount(), 1);
    std::vector<std::uint8_t> pixels(20);
    ASSERT_EQ(png->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, 5, 4, pixels.data(), 5, 4, GDT_Byte, 0, 0),
              CE_None);
    EXPECT_THAT(pixels, ElementsAre(0, 255, 255, 255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(MaskFolder, IsReplacedWholeAndOnlyOnRequest) {
    const TemporaryFolder folder;
    write_mask_folder(folder / "picture", {sample(), sample()}, 5, 4);
    EXPECT_THAT(message_of([&] { write_mask_folder(folder / "picture", {sample()}, 5, 4); }),
                HasSubstr("--overwrite"));
    write_mask_folder(folder / "picture", {sample()}, 5, 4, true);
    EXPECT_FALSE(std::filesystem::exists(folder / "picture/1.png"));
    EXPECT_THROW(write_mask_folder(folder / "missing/picture", {sample()}, 5, 4), Error);
    EXPECT_EQ(folder.listing(), "picture ");
}

TEST(MaskJson, HoldsTheReferencesRecords) {
    const TemporaryFolder folder;
    write_mask_json(folder / "picture.json", {sample()}, 5, 4);
    const test::Json records = test::parse_json_file(folder / "picture.json");
    ASSERT_EQ(records.size(), 1u);
    const test::Json& record = records[0];
    EXPECT_EQ(record.size(), 7u);
    EXPECT_EQ(record["segmentation"]["size"][0].integer(), 4);
    EXPECT_EQ(record["segmentation"]["size"][1].integer(), 5);
    // Counts 4 2 2 2 2 2 6, column by column; from the fourth on less those two before: 0 0 0 4.
    EXPECT_EQ(record["segmentation"]["counts"].string(), "4220004");
    EXPECT_EQ(record["area"].integer(), 6);
    EXPECT_EQ(record["bbox"][2].integer(), 2);
    EXPECT_EQ(record["point_coords"][0][0].number(), 2.5);
    EXPECT_FLOAT_EQ(static_cast<float>(record["predicted_iou"].number()), 0.9F);
    EXPECT_EQ(record["crop_box"][3].integer(), 4);
    EXPECT_THAT(message_of([&] { write_mask_json(folder / "picture.json", {}, 5, 4); }),
                HasSubstr("--overwrite"));
}

TEST(MaskJson, OfNoMaskIsAnEmptyList) {
    const TemporaryFolder folder;
    write_mask_json(folder / "picture.json", {}, 5, 4);
    EXPECT_EQ(content(folder / "picture.json"), "[]");
}

}  // namespace
}  // namespace landseam::output
