#include "landseam/core/error.h"
#include "landseam/output/label_raster.h"
#include "landseam/output/picture.h"

#include "output/layer_samples.h"
#include "output/test_files.h"

#include <filesystem>
#include <memory>

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::output {
namespace {

using testing::content;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

std::unique_ptr<GDALDataset> open_raster(const std::string& path) {
    GDALAllRegister();
    return std::unique_ptr<GDALDataset>(GDALDataset::Open(path.c_str(), GDAL_OF_RASTER));
}

std::vector<std::uint32_t> read_labels(GDALDataset& dataset, int x, int y, int width, int height) {
    std::vector<std::uint32_t> labels(static_cast<std::size_t>(width) * height);
    EXPECT_EQ(dataset.GetRasterBand(1)->RasterIO(GF_Read, x, y, width, height, labels.data(), width, height,
                                                 GDT_UInt32, 0, 0, nullptr),
              CE_None);
    return labels;
}

TEST(LabelRaster, HoldsTheIdsOfMasksWhereTheyLie) {
    const TemporaryFolder folder;
    LabelRasterWriter writer({folder / "labels.tif", 600, 300, {}, "", false});
    // Crosses tiles, hangs over every border of the raster, and is partly replaced by the next.
    writer.burn(RunMask::from_box({-5, -5, 700, 10}), 7);
    writer.burn(RunMask::from_box({250, 3, 20, 400}), 4000000000u);
    writer.burn(RunMask::from_box({0, -3, 600, 2}), 9);
    writer.close();
    const auto dataset = open_raster(folder / "labels.tif");
    ASSERT_TRUE(dataset);
    const std::vector<std::uint32_t> labels = read_labels(*dataset, 0, 0, 600, 300);
    for (int y = 0; y < 300; ++y)
        for (int x = 0; x < 600; ++x) {
            const std::uint32_t expected = x >= 250 && x < 270 && y >= 3 ? 4000000000u : y < 5 ? 7u : 0u;
            ASSERT_EQ(labels[y * 600 + x], expected) << x << ", " << y;
        }
}

TEST(LabelRaster, IsCloudOptimizedWithIdsOfTheRasterInItsOverviews) {
    const TemporaryFolder folder;
    LabelRasterWriter writer({folder / "labels.tif", 900, 700, {}, "", false});
    writer.burn(RunMask::from_box({100, 100, 500, 400}), 40);
    writer.burn(RunMask::from_box({600, 100, 200, 400}), 50);
    writer.close();
    const auto dataset = open_raster(folder / "labels.tif");
    ASSERT_TRUE(dataset);
    EXPECT_STREQ(dataset->GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE"), "COG");
    ASSERT_GE(dataset->GetRasterBand(1)->GetOverviewCount(), 1);
    std::vector<std::uint32_t> small(90 * 70);
    ASSERT_EQ(dataset->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, 900, 700, small.data(), 90, 70, GDT_UInt32, 0, 0, nullptr), CE_None);
    for (const std::uint32_t id : small) EXPECT_TRUE(id == 0 || id == 40 || id == 50) << id;
}

TEST(LabelRaster, LeavesIdsThatStay) {
    const TemporaryFolder folder;
    LabelRasterWriter writer({folder / "labels.tif", 50, 3, {}, "", false});
    writer.burn(RunMask::from_box({0, 0, 20, 3}), 1);
    writer.burn(RunMask::from_box({20, 0, 10, 3}), 2);
    writer.burn(RunMask::from_box({10, 1, 30, 1}), 3, [](std::uint32_t there) { return there == 2; });
    writer.close();
    const std::vector<std::uint32_t> labels = read_labels(*open_raster(folder / "labels.tif"), 0, 1, 50, 1);
    for (int x = 0; x < 50; ++x) EXPECT_EQ(labels[x], x < 10 ? 1u : x < 20 ? 3u : x < 30 ? 2u : x < 40 ? 3u : 0u) << x;
}

TEST(StagedOutput, RemovesWhatAKilledProcessLeftButNothingInUse) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / ".landseam-dead12/replaced");
    put(folder / ".landseam-dead12/old.tif", "half of it");
    put(folder / ".landseam-note", "a file of the user's");
    {
        LabelRasterWriter in_use({folder / "first.tif", 4, 4, {}, "", false});
        LabelRasterWriter other({folder / "second.tif", 4, 4, {}, "", false});
        EXPECT_FALSE(std::filesystem::exists(folder / ".landseam-dead12"));
        in_use.close();
        other.close();
    }
    EXPECT_EQ(folder.names(), (std::vector<std::string>{".landseam-note", "first.tif", "second.tif"}));
}

TEST(LabelRaster, IsGeoreferencedTiledCompressedAndKnowsItsBackground) {
    const TemporaryFolder folder;
    const GeoTransform transform{{330000, 0.3, 0.1, 3060000, 0.1, -0.3}};
    LabelRasterWriter writer({folder / "labels.tif", 40, 30, transform, testing::wkt_of_epsg(32645), false});
    writer.write_window({38, 29, 2, 1}, [] {
        Image<std::uint32_t> two(2, 1);
        two.values = {5, 6};
        return two;
    }());
    EXPECT_THROW(writer.write_window({39, 29, 2, 1}, Image<std::uint32_t>(2, 1)), Error);
    EXPECT_THROW(writer.write_window({0, 0, 3, 1}, Image<std::uint32_t>(2, 1)), Error);
    EXPECT_THROW(writer.burn(RunMask::from_box({0, 0, 1, 1}), 0), Error);
    writer.close();
    const auto dataset = open_raster(folder / "labels.tif");
    ASSERT_TRUE(dataset);
    EXPECT_EQ(read_labels(*dataset, 37, 29, 3, 1), (std::vector<std::uint32_t>{0, 5, 6}));
    GeoTransform stored;
    ASSERT_EQ(dataset->GetGeoTransform(stored.c.data()), CE_None);
    EXPECT_EQ(stored.c, transform.c);
    EXPECT_STREQ(dataset->GetSpatialRef()->GetAuthorityCode(nullptr), "32645");
    EXPECT_EQ(dataset->GetRasterBand(1)->GetNoDataValue(), 0);
    EXPECT_EQ(dataset->GetRasterBand(1)->GetRasterDataType(), GDT_UInt32);
    EXPECT_STREQ(dataset->GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE"), "DEFLATE");
    int block_width = 0, block_height = 0;
    dataset->GetRasterBand(1)->GetBlockSize(&block_width, &block_height);
    EXPECT_EQ(block_width, block_height);
}

TEST(LabelRaster, OfAHugeSceneTakesLittleSpace) {
    const TemporaryFolder folder;
    LabelRasterWriter writer({folder / "labels.tif", 30000, 30000, {}, "", false});
    writer.burn(RunMask::from_box({29990, 29990, 10, 10}), 3);
    writer.close();
    EXPECT_LT(std::filesystem::file_size(folder / "labels.tif"), 10u << 20);
    const auto dataset = open_raster(folder / "labels.tif");
    EXPECT_EQ(read_labels(*dataset, 29989, 29990, 2, 1), (std::vector<std::uint32_t>{0, 3}));
}

TEST(LabelRaster, AppearsWholeOrNotAtAll) {
    const TemporaryFolder folder;
    {
        LabelRasterWriter({folder / "labels.tif", 40, 30, {}, "", false})
            .burn(RunMask::from_box({0, 0, 9, 9}), 1);
    }
    EXPECT_THAT(folder.names(), IsEmpty());
    put(folder / "labels.tif", "old");
    EXPECT_THAT(message_of([&] {
                    LabelRasterWriter({folder / "labels.tif", 40, 30, {}, "", false});
                }),
                HasSubstr("--overwrite"));
    LabelRasterWriter writer({folder / "labels.tif", 40, 30, {}, "", true});
    EXPECT_EQ(content(folder / "labels.tif"), "old");
    writer.close();
    EXPECT_TRUE(open_raster(folder / "labels.tif"));
}

TEST(LabelRaster, LeavesOneFileOnly) {
    const TemporaryFolder folder;
    {
        LabelRasterWriter writer({folder / "labels.tif", 40, 30, {}, testing::wkt_of_epsg(32645), false});
        writer.close();
    }
    EXPECT_THAT(folder.names(), ElementsAre("labels.tif"));
}

TEST(LabelRaster, RefusesImpossibleSizes) {
    const TemporaryFolder folder;
    EXPECT_THROW(LabelRasterWriter({folder / "a.tif", 0, 5, {}, "", false}), Error);
    EXPECT_THROW(LabelRasterWriter({folder / "a.tif", 5, std::int64_t{1} << 40, {}, "", false}), Error);
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Picture, KeepsEveryPixelOfOneToFourChannels) {
    const TemporaryFolder folder;
    for (int channels = 1; channels <= 4; ++channels) {
        ImageU8 picture(5, 3, channels);
        for (std::size_t i = 0; i < picture.values.size(); ++i)
            picture.values[i] = static_cast<std::uint8_t>(i * 4 + 1);
        const std::string path = folder / (std::to_string(channels) + ".png");
        write_png(path, picture);
        const auto dataset = open_raster(path);
        ASSERT_TRUE(dataset);
        ASSERT_EQ(dataset->GetRasterCount(), channels);
        ImageU8 copy(5, 3, channels);
        ASSERT_EQ(dataset->RasterIO(GF_Read, 0, 0, 5, 3, copy.values.data(), 5, 3, GDT_Byte, channels,
                                    nullptr, channels, 5 * channels, 1, nullptr),
                  CE_None);
        EXPECT_EQ(copy.values, picture.values);
    }
    EXPECT_THAT(folder.names(), ElementsAre("1.png", "2.png", "3.png", "4.png"));
}

TEST(Picture, ReplacesNothingUnasked) {
    const TemporaryFolder folder;
    put(folder / "a.png", "old");
    const ImageU8 picture(2, 2, 3, 9);
    EXPECT_THAT(message_of([&] { write_png(folder / "a.png", picture); }), HasSubstr("--overwrite"));
    EXPECT_EQ(content(folder / "a.png"), "old");
    write_png(folder / "a.png", picture, true);
    EXPECT_TRUE(open_raster(folder / "a.png"));
    EXPECT_THROW(write_png(folder / "b.png", {}), Error);
    EXPECT_THROW(write_png(folder / "none/b.png", picture), Error);
    EXPECT_THAT(folder.names(), ElementsAre("a.png"));
}

}  // namespace
}  // namespace landseam::output
