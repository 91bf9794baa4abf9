#include "landseam/raster/read_labels.h"

#include "raster_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::array<double, 6> kPlace{500000, 2, 0, 4649776, 0, -2};

SceneInfo scene_of(const TempFolder& folder, int width, int height, bool georeferenced) {
    const auto zero = [](int, int, int) { return 0.0; };
    return open_scene(write_raster(folder / "scene.tif", {width, height, 3}, zero,
                                   georeferenced ? placed(kPlace, "EPSG:32631") : Dress{}))
        ->info();
}

LabelPixels read_whole(const std::string& path, const SceneInfo& scene) {
    return read_labels(path, scene, {0, 0, scene.width, scene.height});
}

// `dress` gives the picture its colour table.
std::string write_png(const TempFolder& folder, const RasterSpec& spec, const PixelValue& value,
                      const Dress& dress = nullptr) {
    const std::string tiff = write_raster(folder / "as.tif", spec, value), png = folder / "labels.png";
    const auto copy = [](const char* driver, const std::string& path, GDALDataset& from) {
        return std::unique_ptr<GDALDataset>(GetGDALDriverManager()->GetDriverByName(driver)->CreateCopy(
            path.c_str(), &from, 0, nullptr, nullptr, nullptr));
    };
    const std::unique_ptr<GDALDataset> stored(GDALDataset::Open(tiff.c_str()));
    const auto memory = copy("MEM", "", *stored);  // unlike GeoTIFF it keeps transparency in a colour table
    if (dress) dress(*memory);
    copy("PNG", png, *memory);
    return png;
}

TEST(ReadLabels, GivesStoredNumbersAndWhichAreNodata) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 4, 3, false);
    const std::string path = write_raster(
        folder / "labels.tif", {4, 3, 1, GDT_Int32}, [](int, int x, int y) { return 100000 * y + x; },
        [](GDALDataset& dataset) { dataset.GetRasterBand(1)->SetNoDataValue(2); });
    const LabelPixels labels = read_whole(path, scene);
    EXPECT_FALSE(labels.colors);
    EXPECT_EQ(labels.values.at(3, 2), 200003);
    EXPECT_EQ(labels.known.at(3, 2), 1);
    EXPECT_EQ(labels.known.at(2, 0), 0);
    EXPECT_EQ(labels.values.at(2, 0), 0);

    const LabelPixels part = read_labels(path, scene, {1, 1, 2, 2});
    EXPECT_EQ(part.values.values, (std::vector<std::int32_t>{100001, 100002, 200001, 200002}));
}

TEST(ReadLabels, ExpandsPalettesToColours) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 3, 1, false);
    GDALColorTable table;
    const GDALColorEntry building{0x3C, 0x10, 0x98, 255}, water{0xE2, 0xA9, 0x29, 255}, clear{9, 9, 9, 0};
    table.SetColorEntry(0, &building);
    table.SetColorEntry(1, &water);
    table.SetColorEntry(2, &clear);
    const std::string path = write_png(
        folder, {3, 1, 1}, [](int, int x, int) { return x; },
        [&](GDALDataset& dataset) { dataset.GetRasterBand(1)->SetColorTable(&table); });
    const LabelPixels labels = read_whole(path, scene);
    EXPECT_TRUE(labels.colors);
    EXPECT_EQ(labels.values.at(0, 0), 0x3C1098);
    EXPECT_EQ(labels.values.at(1, 0), 0xE2A929);
    EXPECT_EQ(labels.known.values, (std::vector<std::uint8_t>{1, 1, 0})) << "what is transparent is no label";
}

TEST(ReadLabels, TakesThreeBandsOfBytesForColours) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 2, 2, false);
    const std::string path =
        write_png(folder, {2, 2, 3}, [](int band, int x, int y) { return 16 * band + 2 * y + x; });
    const LabelPixels labels = read_whole(path, scene);
    EXPECT_TRUE(labels.colors);
    EXPECT_EQ(labels.values.at(1, 1), 0x132333);
}

TEST(ReadLabels, FindsTheLabelAtEachPixelsCentreWhateverTheGrid) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 8, 6, true);
    // Pixels of 4 m that begin one scene pixel further right and down: 3 by 2 of them, on scene pixels 1 to 6
    // and 1 to 4.
    const std::string path = write_raster(
        folder / "coarse.tif", {3, 2, 1, GDT_UInt16}, [](int, int x, int y) { return 1 + x + 10 * y; },
        placed({kPlace[0] + 2, 4, 0, kPlace[3] - 2, 0, -4}, "EPSG:32631"));
    const LabelPixels labels = read_whole(path, scene);
    for (int y = 0; y < 6; ++y)
        for (int x = 0; x < 8; ++x) {
            const bool inside = x >= 1 && x < 7 && y >= 1 && y < 5;
            EXPECT_EQ(labels.known.at(x, y), inside) << x << ' ' << y;
            if (!inside) continue;
            EXPECT_EQ(labels.values.at(x, y), 1 + (x - 1) / 2 + 10 * ((y - 1) / 2)) << x << ' ' << y;
        }
}

TEST(ReadLabels, PlacesLabelsOfAnotherReferenceSystem) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 40, 30, true);
    // The value is the longitude in steps of 1e-5 degrees (0.83 m) from 3° east, where the scene's left edge
    // lies.
    const std::string path = write_raster(
        folder / "degrees.tif", {200, 200, 1, GDT_UInt16}, [](int, int x, int) { return x + 1; },
        placed({3 - 20e-5, 1e-5, 0, 42.0005, 0, -1e-5}, "EPSG:4326"));
    const LabelPixels labels = read_whole(path, scene);
    for (int x = 0; x < 40; ++x) {
        const double metres_a_degree = 111319.49 * std::cos(41.9995 * 3.14159265358979 / 180);
        const double expected = 20 + (x * 2 + 1) / 0.9996 / (metres_a_degree * 1e-5) + 0.5;
        EXPECT_EQ(labels.known.at(x, 15), 1);
        EXPECT_NEAR(labels.values.at(x, 15), expected, 1.2) << x;
    }
}

TEST(ReadLabels, RefusesSizesThatDisagreeAndWhatIsNoRaster) {
    const TempFolder folder;
    const SceneInfo scene = scene_of(folder, 8, 6, false);
    const auto one = [](int, int, int) { return 1.0; };
    const std::string other = write_raster(folder / "other.tif", {9, 6, 1}, one);
    EXPECT_THAT(error_text([&] { read_whole(other, scene); }),
                AllOf(HasSubstr("other.tif"), HasSubstr("9 by 6"), HasSubstr("8 by 6"),
                      HasSubstr("georeference both")));
    EXPECT_THAT(error_text([&] { read_whole(folder / "none.tif", scene); }), HasSubstr("none.tif"));
}

}  // namespace
}  // namespace landseam::raster
