#include "raster/sampling.h"
#include "raster_fixture.h"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

double hills(int band, int x, int y) {
    return 500 + 100 * band + (x * 37 + y * 91 + x * y * 3) % 257;
}

// Overview pixels hold `value`, so that it shows who reads them.
void build_overviews(const std::string& path, double value) {
    const std::unique_ptr<GDALDataset> dataset(
        GDALDataset::Open(path.c_str(), GDAL_OF_RASTER | GDAL_OF_UPDATE));
    const int levels[] = {2, 4};
    ASSERT_EQ(dataset->BuildOverviews("AVERAGE", 2, const_cast<int*>(levels), 0, nullptr, nullptr, nullptr),
              CE_None);
    for (auto* band : dataset->GetBands())
        for (int i = 0; i < band->GetOverviewCount(); ++i)
            ASSERT_EQ(band->GetOverview(i)->Fill(value + i), CE_None);
}

TEST(Reading, ShrinkingTakesTheMeanOfWhatAPixelCovers) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {6, 4, 1, GDT_Float32}, hills));
    const RasterWindow window = scene->read({0, 0, 6, 4}, {1}, 3, 2);
    for (int y = 0; y < 2; ++y)
        for (int x = 0; x < 3; ++x) {
            double sum = 0;
            for (int j = 0; j < 2; ++j)
                for (int i = 0; i < 2; ++i) sum += hills(1, 2 * x + i, 2 * y + j);
            EXPECT_FLOAT_EQ(window.bands[0].at(x, y), sum / 4);
        }
}

TEST(Reading, PartlyCoveredPixelsCountByTheirShare) {
    const auto scene = memory_raster({}, {[] {
                                         ImageF image(3, 1);
                                         image.values = {1, 4, 10};
                                         return image;
                                     }()});
    EXPECT_THAT(scene->read({0, 0, 3, 1}, {1}, 2, 1).bands[0].values, ElementsAre(2, 8));
}

TEST(Reading, GrowingIsBilinearAroundPixelCentres) {
    ImageF image(2, 1);
    image.values = {0, 8};
    const auto scene = memory_raster({}, {image});
    EXPECT_THAT(scene->read({0, 0, 2, 1}, {1}, 4, 1).bands[0].values, ElementsAre(0, 2, 6, 8));
}

TEST(Reading, OverviewsAreUsedOnlyWhereTheyAreFineEnough) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {64, 64, 2, GDT_UInt16}, hills);
    build_overviews(path, 7);
    const auto scene = open_scene(path);
    EXPECT_EQ(scene->info().overviews, 2);
    EXPECT_THAT(scene->read({0, 0, 64, 64}, {1, 2}, 16, 16).bands[1].values, Each(8)) << "the second level";
    EXPECT_THAT(scene->read({0, 0, 64, 64}, {1, 2}, 20, 20).bands[1].values, Each(7)) << "the first level";
    EXPECT_GT(scene->read({0, 0, 64, 64}, {1, 2}, 40, 40).bands[1].at(0, 0), 500) << "full resolution";
}

TEST(Reading, OverviewsWithoutTheMaskAreNotUsed) {
    TempFolder folder;
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "NO");
    const std::string path =
        write_raster(folder / "a.tif", {64, 64, 1, GDT_UInt16}, hills, [](GDALDataset& dataset) {
            dataset.CreateMaskBand(GMF_PER_DATASET);
            dataset.GetRasterBand(1)->GetMaskBand()->Fill(255);
        });
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", nullptr);
    const auto has_mask_overviews = [&] {
        const std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(path.c_str()));
        return dataset->GetRasterBand(1)->GetMaskBand()->GetOverviewCount() > 0;
    };
    std::filesystem::rename(path + ".msk", path + ".away");  // out of sight, so that it gets no overviews
    build_overviews(path, 7);
    std::filesystem::rename(path + ".away", path + ".msk");
    ASSERT_FALSE(has_mask_overviews());
    const RasterWindow window = open_scene(path)->read({0, 0, 64, 64}, {1}, 16, 16);
    EXPECT_GT(window.bands[0].at(0, 0), 500);
    EXPECT_THAT(window.valid.values, Each(1));
}

TEST(Reading, ThreadsReadWhatOneReads) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif",
        {300, 200, 3, GDT_UInt16, {"TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=LZW"}}, hills));
    std::vector<PixelBox> windows;
    for (int i = 0; i < 60; ++i) windows.push_back({(i * 53) % 200, (i * 29) % 120, 100, 80});
    std::vector<RasterWindow> results(windows.size());
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 6; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = t; i < windows.size(); i += 6)
                results[i] = scene->read(windows[i], {1, 3}, 50, 80);
        });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const RasterWindow expected = scene->read(windows[i], {1, 3}, 50, 80);
        ASSERT_EQ(results[i].bands[1].values, expected.bands[1].values);
        ASSERT_EQ(results[i].valid.values, expected.valid.values);
    }
}

TEST(Reading, LargeWindowsAreReadInBlocksWithoutSeams) {
    const auto native = [](const PixelBox& box) {
        RasterWindow out;
        out.bands = {ImageF(static_cast<int>(box.width), static_cast<int>(box.height))};
        out.valid = ImageU8(static_cast<int>(box.width), static_cast<int>(box.height), 1, 1);
        EXPECT_LE(box.area(), 4'000'000);
        for (int y = 0; y < box.height; ++y)
            for (int x = 0; x < box.width; ++x)
                out.bands[0].at(x, y) = static_cast<float>((box.x + x) / 3 * 5 + (box.y + y) / 3 * 7);
        return out;
    };
    const int width = 2000, height = 1500;
    const RasterWindow window =
        resample(native, {1}, make_taps(0, 3, 1, width, 3 * width), make_taps(0, 3, 1, height, 3 * height));
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) ASSERT_EQ(window.bands[0].at(x, y), 5 * x + 7 * y);
}

class GroundSamplingDistance : public testing::TestWithParam<double> {};

TEST_P(GroundSamplingDistance, AResampledPixelDoesNotDependOnItsWindow) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {120, 90, 2, GDT_Float64}, hills,
                                          placed({500000, 1, 0, 4000000, 0, -1}, "EPSG:32631"));
    OpenOptions options;
    options.gsd = GetParam();
    const auto scene = open_scene(path, options);
    const RasterWindow whole = read_all(*scene, {1, 2});
    const std::int64_t width = scene->info().width, height = scene->info().height;
    for (const PixelBox box :
         {PixelBox{3, 5, width / 2, height / 3}, PixelBox{width / 2, height / 2, width / 4, 7}}) {
        const RasterWindow part = scene->read(box, {1, 2});
        for (int y = 0; y < part.height(); ++y)
            for (int x = 0; x < part.width(); ++x)
                ASSERT_EQ(part.bands[1].at(x, y),
                          whole.bands[1].at(static_cast<int>(box.x) + x, static_cast<int>(box.y) + y));
    }
}

INSTANTIATE_TEST_SUITE_P(Reading, GroundSamplingDistance, testing::Values(0.37, 1.0, 1.7, 3.0));

TEST(Reading, AGroundSamplingDistanceKeepsThePlace) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {120, 90, 1, GDT_UInt16}, hills,
                                          placed({500000, 0.5, 0, 4000000, 0, -0.5}, "EPSG:32631"));
    OpenOptions options;
    options.gsd = 1.5;
    const auto scene = open_scene(path, options);
    // 60 m × 45 m, but for UTM's scale of 0.9996 on the central meridian.
    EXPECT_EQ(scene->info().width, 40);
    EXPECT_EQ(scene->info().height, 30);
    EXPECT_NEAR(Georeference(scene->info()).gsd_m(), 1.5, 0.01);
    const Point corner = scene->info().geo_transform->to_world({40, 30});
    EXPECT_NEAR(corner.x, 500060, 1e-6);
    EXPECT_NEAR(corner.y, 4000000 - 45, 1e-6);
    double mean = 0;
    for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 3; ++x) mean += hills(1, x, y) / 9;
    EXPECT_NEAR(read_all(*scene, {1}).bands[0].at(0, 0), mean, 1e-3);
}

TEST(Reading, GroundSamplingDistancesAreMetresOnTheGroundInDegreesAndMercator) {
    TempFolder folder;
    OpenOptions options;
    options.gsd = 10;
    // At 60° a degree of longitude is half as long, and Mercator metres are twice too long.
    const auto degrees = open_scene(write_raster(folder / "a.tif", {100, 100, 1}, hills,
                                                 placed({20, 1e-3, 0, 60, 0, -1e-3}, "EPSG:4326")),
                                    options);
    EXPECT_NEAR(degrees->info().width, 100 * 55.8 / 10, 3);
    EXPECT_NEAR(degrees->info().height, 100 * 111.4 / 10, 3);
    const auto mercator = open_scene(write_raster(folder / "b.tif", {100, 100, 1}, hills,
                                                  placed({2226389, 20, 0, 8399737, 0, -20}, "EPSG:3857")),
                                     options);
    EXPECT_NEAR(mercator->info().width, 100, 1);
}

TEST(Reading, ImpossibleGroundSamplingDistancesAreUsageErrors) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {100, 100, 1}, hills,
                                          placed({500000, 1, 0, 4000000, 0, -1}, "EPSG:32631"));
    const std::string unplaced = write_raster(folder / "b.tif", {100, 100, 1}, hills);
    const auto refused = [](const std::string& file, double gsd) {
        OpenOptions options;
        options.gsd = gsd;
        return error_text([&] { open_scene(file, options); }, ErrorKind::usage);
    };
    EXPECT_THAT(refused(path, 1000), HasSubstr("not one pixel"));
    EXPECT_THAT(refused(path, 1e-4), HasSubstr("200,000"));
    EXPECT_THAT(refused(path, 0), HasSubstr("above 0"));
    EXPECT_THAT(refused(path, std::nan("")), HasSubstr("above 0"));
    EXPECT_THAT(refused(unplaced, 1), HasSubstr("no georeference"));
}

TEST(MemoryRaster, ReadsLikeAFile) {
    TempFolder folder;
    const auto file = open_scene(write_raster(folder / "a.tif", {20, 15, 2, GDT_Float32}, hills));
    const RasterWindow whole = read_all(*file, {1, 2});
    const auto memory = memory_raster({}, whole.bands);
    for (const auto& [width, height] : {std::pair{9, 7}, std::pair{5, 5}, std::pair{30, 20}}) {
        const RasterWindow a = file->read({2, 3, 15, 10}, {2}, width, height);
        const RasterWindow b = memory->read({2, 3, 15, 10}, {2}, width, height);
        EXPECT_EQ(a.bands[0].values, b.bands[0].values);
    }
    EXPECT_THAT(memory->info().image_bands, ElementsAre(1, 2));
}

TEST(MemoryRaster, InvalidPixelsReadAsZero) {
    ImageU8 valid(2, 1, 1, 1);
    valid.values[0] = 0;
    const auto scene = memory_raster({}, {ImageF(2, 1, 1, 5)}, valid);
    EXPECT_THAT(read_all(*scene, {1}).bands[0].values, ElementsAre(0, 5));
    EXPECT_THAT(read_all(*scene, {1}).valid.values, ElementsAre(0, 1));
}

TEST(MemoryRaster, ImagesOfDifferentSizesAreRefused) {
    EXPECT_THROW(memory_raster({}, {ImageF(2, 1), ImageF(1, 2)}), Error);
    EXPECT_THROW(memory_raster({}, {}), Error);
    EXPECT_THROW(memory_raster({}, {ImageF(2, 1)}, ImageU8(1, 1)), Error);
}

}  // namespace
}  // namespace landseam::raster
