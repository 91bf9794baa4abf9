#include "raster_fixture.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

double column(int, int x, int) {
    return x;
}

Dress nodata(double value) {
    return [=](GDALDataset& dataset) {
        for (auto* band : dataset.GetBands()) band->SetNoDataValue(value);
    };
}

void tag_alpha(GDALDataset& dataset, int band) {
    dataset.GetRasterBand(band)->SetColorInterpretation(GCI_AlphaBand);
}

TEST(ValidMask, NodataIsInvalidAndReadsAsZero) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {4, 1, 1, GDT_Int16}, column, nodata(2)));
    const RasterWindow window = read_all(*scene, {1});
    EXPECT_THAT(window.valid.values, ElementsAre(1, 1, 0, 1));
    EXPECT_THAT(window.bands[0].values, ElementsAre(0, 1, 0, 3));
}

TEST(ValidMask, EveryRequestedBandMustHoldData) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {3, 1, 2, GDT_UInt16}, [](int band, int x, int) { return band == 1 ? x : 2 - x; },
        nodata(0)));
    EXPECT_THAT(read_all(*scene, {1, 2}).valid.values, ElementsAre(0, 1, 0));
    EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(0, 1, 1));
}

TEST(ValidMask, NaNAndInfinityAreInvalidWithoutANodataTag) {
    TempFolder folder;
    const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
    const std::vector<double> values{1, nan, infinite, -infinite, 1e300};
    for (const GDALDataType type : {GDT_Float32, GDT_Float64}) {
        const auto scene = open_scene(
            write_raster(folder / "a.tif", {5, 1, 1, type}, [&](int, int x, int) { return values[x]; }));
        const RasterWindow window = read_all(*scene, {1});
        // 1e300 is written as infinity in single precision, and beyond what landseam's pictures hold in
        // double.
        EXPECT_THAT(window.valid.values[1] + window.valid.values[2] + window.valid.values[3], 0);
        EXPECT_EQ(window.valid.values[0], 1);
        EXPECT_THAT(window.bands[0].values[1], 0);
        EXPECT_EQ(window.valid.values[4], 0);
    }
}

TEST(ValidMask, NaNAsNodataIsHonoured) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {3, 1, 1, GDT_Float32}, [](int, int x, int) { return x == 1 ? std::nan("") : x; },
        nodata(std::nan(""))));
    EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(1, 0, 1));
}

TEST(ValidMask, PrintedFloatNodataMatchesTheStoredFloat) {
    TempFolder folder;
    for (const double value : {-3.4028235e+38, -3.4028234663852886e+38, -9999.99, 0.1}) {
        const auto scene = open_scene(write_raster(
            folder / "a.tif", {3, 1, 1, GDT_Float32},
            [&](int, int x, int) { return x == 1 ? static_cast<double>(static_cast<float>(value)) : x; },
            nodata(value)));
        EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(1, 0, 1)) << value;
    }
}

TEST(ValidMask, InternalMaskAndNodataAreHonouredTogether) {
    TempFolder folder;
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
    const std::string path =
        write_raster(folder / "a.tif", {4, 1, 3, GDT_Byte}, column, [](GDALDataset& dataset) {
            nodata(3)(dataset);
            dataset.CreateMaskBand(GMF_PER_DATASET);
            std::vector<GByte> mask{255, 0, 255, 255};
            ASSERT_EQ(dataset.GetRasterBand(1)->GetMaskBand()->RasterIO(GF_Write, 0, 0, 4, 1, mask.data(), 4,
                                                                        1, GDT_Byte, 0, 0, nullptr),
                      CE_None);
        });
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nullptr);
    EXPECT_THAT(read_all(*open_scene(path), {1, 2, 3}).valid.values, ElementsAre(1, 0, 1, 0));
}

TEST(ValidMask, AlphaMasksAndIsNoImageBand) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {4, 1, 4, GDT_UInt16, {"PHOTOMETRIC=RGB", "ALPHA=YES"}},
        [](int band, int x, int) { return band < 4 ? 100 + x : (x == 2 ? 0 : 255); },
        [](GDALDataset& dataset) { tag_alpha(dataset, 4); }));
    EXPECT_THAT(scene->info().image_bands, ElementsAre(1, 2, 3));
    EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(1, 1, 0, 1))
        << "255 of 65535 is not transparent";
}

TEST(ValidMask, ThePictureTaggedAsAlphaMasksNothingAndIsWarnedAbout) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {40, 40, 4, GDT_Byte, {"PHOTOMETRIC=RGB", "ALPHA=YES"}},
        [](int band, int x, int y) { return band < 4 ? 90 : (x * 7 + y * 13) % 200; },
        [](GDALDataset& dataset) { tag_alpha(dataset, 4); }));
    EXPECT_THAT(scene->info().image_bands, ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(scene->info().warnings, testing::Contains(HasSubstr("tagged as alpha")));
    const RasterWindow window = read_all(*scene, {1, 4});
    EXPECT_THAT(window.valid.values, Each(1));
    EXPECT_EQ(window.bands[1].at(0, 0), 0);
}

TEST(ValidMask, NodataOfTheWholeDatasetIsHonoured) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {3, 1, 2, GDT_Byte},
        [](int band, int x, int) { return x == 0 ? 0 : (x == 1 && band == 1 ? 0 : 5); },
        [](GDALDataset& dataset) { dataset.SetMetadataItem("NODATA_VALUES", "0 0"); }));
    EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(0, 1, 1)) << "only where all bands are 0";
}

TEST(ValidMask, ShrinkingAveragesValidPixelsOnly) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {4, 2, 1, GDT_Float32},
        [](int, int x, int y) {
            return x < 2 ? (y == 0 && x == 0 ? std::nan("") : 10) : (x == 3 && y == 1 ? 7 : -1);
        },
        nodata(-1)));
    const RasterWindow window = scene->read({0, 0, 4, 2}, {1}, 2, 1);
    EXPECT_EQ(window.bands[0].at(0, 0), 10) << "the mean of three";
    EXPECT_THAT(window.valid.values, ElementsAre(1, 0)) << "a quarter is not half";
}

}  // namespace
}  // namespace landseam::raster
