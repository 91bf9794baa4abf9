#include "raster_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double ramp(int band, int x, int y) {
    return 10 * band + x + y;
}

void expect_ramp(const RasterWindow& window, int bands) {
    for (int band = 1; band <= bands; ++band)
        for (int y = 0; y < window.height(); ++y)
            for (int x = 0; x < window.width(); ++x)
                ASSERT_EQ(window.bands[band - 1].at(x, y), ramp(band, x, y)) << band << " " << x << " " << y;
}

class EveryDataType : public testing::TestWithParam<GDALDataType> {};

TEST_P(EveryDataType, IsReadInOriginalUnits) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {8, 6, 2, GetParam()}, ramp));
    expect_ramp(read_all(*scene, {1, 2}), 2);
    EXPECT_EQ(scene->info().bands[1].data_type, GDALGetDataTypeName(GetParam()));
    EXPECT_THAT(scene->info().image_bands, ElementsAre(1, 2));
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryDataType,
                         testing::Values(GDT_Byte, GDT_UInt16, GDT_Int16, GDT_UInt32, GDT_Int32, GDT_UInt64,
                                         GDT_Int64, GDT_Float32, GDT_Float64),
                         [](const auto& type) { return GDALGetDataTypeName(type.param); });

class EveryLayout : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(EveryLayout, GivesTheSamePixels) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {70, 50, 3, GDT_UInt16, GetParam()}, ramp));
    expect_ramp(read_all(*scene, {1, 2, 3}), 3);
    const RasterWindow part = scene->read({33, 17, 20, 9}, {3, 1});
    EXPECT_EQ(part.bands[0].at(0, 0), ramp(3, 33, 17));
    EXPECT_EQ(part.bands[1].at(19, 8), ramp(1, 52, 25));
    EXPECT_THAT(part.band_numbers, ElementsAre(3, 1));
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryLayout,
                         testing::Values(std::vector<std::string>{"INTERLEAVE=PIXEL"},
                                         std::vector<std::string>{"INTERLEAVE=BAND"},
                                         std::vector<std::string>{"INTERLEAVE=PIXEL", "TILED=YES",
                                                                  "BLOCKXSIZE=16", "BLOCKYSIZE=16"},
                                         std::vector<std::string>{"INTERLEAVE=BAND", "TILED=YES",
                                                                  "BLOCKXSIZE=32", "BLOCKYSIZE=16",
                                                                  "COMPRESS=DEFLATE"},
                                         std::vector<std::string>{"ENDIANNESS=BIG", "BLOCKYSIZE=7"}));

TEST(Formats, MixedBandTypesAreReadTogether) {
    TempFolder folder;
    const std::string bytes = write_raster(folder / "byte.tif", {4, 4, 1, GDT_Byte}, ramp);
    const std::string floats =
        write_raster(folder / "float.tif", {4, 4, 1, GDT_Float32}, [](int, int x, int) { return x + 0.25; });
    const std::string vrt =
        "<VRTDataset rasterXSize='4' rasterYSize='4'><VRTRasterBand dataType='Byte' band='1'>"
        "<SimpleSource><SourceFilename>" +
        bytes +
        "</SourceFilename></SimpleSource>"
        "</VRTRasterBand><VRTRasterBand dataType='Float32' band='2'><SimpleSource><SourceFilename>" +
        floats + "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>";
    const auto scene = open_scene(vrt);
    const RasterWindow window = read_all(*scene, {1, 2});
    EXPECT_EQ(window.bands[0].at(2, 1), ramp(1, 2, 1));
    EXPECT_EQ(window.bands[1].at(2, 1), 2.25f);
    EXPECT_EQ(scene->info().bands[1].data_type, "Float32");
}

TEST(Formats, SignedBytesAreSigned) {
    TempFolder folder;
    const auto scene =
        open_scene(write_raster(folder / "a.tif", {3, 1, 1, GDT_Byte, {"PIXELTYPE=SIGNEDBYTE"}},
                                [](int, int x, int) { return x == 0 ? 250 : x; }));
    EXPECT_THAT(read_all(*scene, {1}).bands[0].values, ElementsAre(-6, 1, 2));
}

TEST(Formats, OneBitIsReadAsBlackAndWhite) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {9, 3, 1, GDT_Byte, {"NBITS=1"}},
                                          [](int, int x, int y) { return (x + y) % 2; });
    // GDAL gives one-bit TIFFs a palette of black and white.
    const RasterWindow window = read_all(*open_scene(path), {1, 2, 3});
    EXPECT_EQ(window.bands[2].at(3, 0), 255);
    EXPECT_EQ(window.bands[2].at(3, 1), 0);
}

TEST(Formats, APaletteIsExpandedToItsColours) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {3, 1, 1}, [](int, int x, int) { return x; },
        [](GDALDataset& dataset) {
            GDALColorTable table;
            const GDALColorEntry land{10, 20, 30, 255}, sea{1, 2, 3, 255}, nothing{9, 9, 9, 0};
            table.SetColorEntry(0, &land);
            table.SetColorEntry(1, &sea);
            table.SetColorEntry(2, &nothing);
            dataset.GetRasterBand(1)->SetColorTable(&table);
            dataset.GetRasterBand(1)->SetNoDataValue(2);
        }));
    ASSERT_EQ(scene->info().bands.size(), 3u);
    EXPECT_EQ(scene->info().bands[2].color_interpretation, "blue");
    EXPECT_EQ(scene->info().bands[2].number, 3);
    const RasterWindow window = read_all(*scene, {1, 2, 3});
    EXPECT_THAT(window.bands[0].values, ElementsAre(10, 1, 0));
    EXPECT_THAT(window.bands[2].values, ElementsAre(30, 3, 0));
    EXPECT_THAT(window.valid.values, ElementsAre(1, 1, 0));
}

TEST(Formats, PaletteColoursAreAveragedNotIndices) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(
        folder / "a.tif", {2, 1, 1}, [](int, int x, int) { return 2 * x; },
        [](GDALDataset& dataset) {
            GDALColorTable table;
            for (int i = 0; i < 3; ++i) {
                const GDALColorEntry entry{short(i == 1 ? 200 : 10), 0, 0, 255};
                table.SetColorEntry(i, &entry);
            }
            dataset.GetRasterBand(1)->SetColorTable(&table);
        }));
    EXPECT_EQ(scene->read({0, 0, 2, 1}, {1}, 1, 1).bands[0].at(0, 0), 10);
}

TEST(Formats, DescriptionsScalesAndWavelengthsAreTold) {
    TempFolder folder;
    const auto scene =
        open_scene(write_raster(folder / "a.tif", {2, 2, 4, GDT_UInt16}, ramp, [](GDALDataset& dataset) {
            GDALRasterBand& red = *dataset.GetRasterBand(1);
            red.SetDescription("Red band");
            red.SetScale(0.0001);
            red.SetOffset(1000);
            red.SetNoDataValue(65535);
            red.SetMetadataItem("CENTRAL_WAVELENGTH_UM", "0.665", "IMAGERY");
            dataset.GetRasterBand(2)->SetMetadataItem("wavelength", "0.56");
            dataset.GetRasterBand(2)->SetMetadataItem("wavelength_units", "Micrometers");
            dataset.GetRasterBand(3)->SetMetadataItem("WAVELENGTH", "492.4 Nanometers");
        }));
    const auto& bands = scene->info().bands;
    EXPECT_EQ(bands[0].description, "Red band");
    EXPECT_EQ(bands[0].scale, 0.0001);
    EXPECT_EQ(bands[0].offset, 1000);
    EXPECT_EQ(bands[0].nodata, 65535);
    EXPECT_NEAR(bands[0].wavelength_nm.value(), 665, 1e-9);
    EXPECT_NEAR(bands[1].wavelength_nm.value(), 560, 1e-9);
    EXPECT_NEAR(bands[2].wavelength_nm.value(), 492.4, 1e-9);
    EXPECT_FALSE(bands[3].wavelength_nm);
    EXPECT_EQ(read_all(*scene, {1}).bands[0].at(1, 1), ramp(1, 1, 1)) << "scale and offset are not applied";
}

TEST(Formats, EnviWavelengthsAreRead) {
    TempFolder folder;
    write_raster(folder / "a.img", {2, 2, 2, GDT_Int16, {}, "ENVI"}, ramp);
    std::ofstream(folder / "a.hdr", std::ios::app)
        << "wavelength units = Micrometers\nwavelength = {0.49, 0.84}\n";
    const auto scene = open_scene(folder / "a.img");
    EXPECT_NEAR(scene->info().bands[1].wavelength_nm.value(), 840, 1e-9);
}

TEST(Formats, RotatedAndSouthUpTransformsAreKept) {
    TempFolder folder;
    const std::array<double, 6> rotated{500000, 0.5, 0.2, 4000000, 0.2, -0.5},
        south_up{10, 0.1, 0, 40, 0, 0.1};
    const auto a = open_scene(write_raster(folder / "a.tif", {}, ramp, placed(rotated, "EPSG:32618")));
    const auto b = open_scene(write_raster(folder / "b.tif", {}, ramp, placed(south_up, "EPSG:4326")));
    for (int i = 0; i < 6; ++i) {
        EXPECT_DOUBLE_EQ(a->info().geo_transform->c[i], rotated[i]);
        EXPECT_DOUBLE_EQ(b->info().geo_transform->c[i], south_up[i]);
    }
    EXPECT_EQ(a->info().crs_code, "EPSG:32618");
    EXPECT_EQ(a->info().crs_name, "WGS 84 / UTM zone 18N");
    EXPECT_THAT(a->info().crs_wkt, HasSubstr("PROJCRS"));
    EXPECT_TRUE(a->info().warnings.empty());
}

TEST(Formats, WithoutGeoreferenceASceneIsInPixelsAndSaysSo) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {}, ramp));
    EXPECT_FALSE(scene->info().geo_transform);
    EXPECT_EQ(scene->info().crs_wkt, "");
    EXPECT_THAT(scene->info().warnings, ElementsAre(HasSubstr("no georeference")));
}

TEST(Formats, VsiPathsPagesAndPathsWithColonsOpen) {
    TempFolder folder;
    const std::string odd = write_raster(folder / "a:b c.tif", {}, ramp);
    EXPECT_EQ(open_scene(odd)->info().path, odd);
    expect_ramp(read_all(*open_scene("GTIFF_DIR:1:" + odd), {1}), 1);
    write_raster("/vsimem/landseam-formats.tif", {}, ramp);
    expect_ramp(read_all(*open_scene("/vsimem/landseam-formats.tif"), {1}), 1);
    VSIUnlink("/vsimem/landseam-formats.tif");
}

TEST(Formats, AFileOfSeveralPicturesOpensAtTheFirstAndSaysSo) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {}, ramp);
    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("GTiff");
    const std::unique_ptr<GDALDataset> first(GDALDataset::Open(path.c_str()));
    CPLStringList append;
    append.AddString("APPEND_SUBDATASET=YES");
    delete driver->CreateCopy((folder / "b.tif").c_str(), first.get(), FALSE, nullptr, nullptr, nullptr);
    delete driver->CreateCopy((folder / "b.tif").c_str(), first.get(), FALSE, append.List(), nullptr,
                              nullptr);
    EXPECT_THAT(open_scene(folder / "b.tif")->info().warnings,
                testing::Contains(HasSubstr("holds 2 rasters")));
}

TEST(Formats, SidecarsAreReadAndNothingIsWritten) {
    TempFolder folder;
    {
        const std::unique_ptr<GDALDataset> memory(
            GetGDALDriverManager()->GetDriverByName("MEM")->Create("", 8, 6, 1, GDT_Byte, nullptr));
        double transform[] = {100, 2, 0, 200, 0, -2};
        memory->SetGeoTransform(transform);
        delete GetGDALDriverManager()->GetDriverByName("PNG")->CreateCopy(
            (folder / "a.png").c_str(), memory.get(), FALSE, nullptr, nullptr, nullptr);
    }
    const std::vector<std::string> before = folder.names();
    ASSERT_THAT(before, ElementsAre("a.png", "a.png.aux.xml"));
    const auto written = std::filesystem::last_write_time(folder / "a.png.aux.xml");
    {
        const auto scene = open_scene(folder / "a.png");
        EXPECT_EQ(scene->info().geo_transform->c[1], 2);
        scene->read({0, 0, 8, 6}, {1}, 3, 3);
    }
    EXPECT_EQ(folder.names(), before);
    EXPECT_EQ(std::filesystem::last_write_time(folder / "a.png.aux.xml"), written);
}

TEST(Formats, OpenOptionsReachTheDriver) {
    TempFolder folder;
    const std::string path =
        write_raster(folder / "a.tif", {}, ramp, placed({0, 1, 0, 0, 0, -1}, "EPSG:3857"));
    OpenOptions none;
    none.open_options = {"GEOREF_SOURCES=NONE"};
    EXPECT_FALSE(open_scene(path, none)->info().geo_transform);
    none.open_options = {"nonsense"};
    EXPECT_THAT(error_text([&] { open_scene(path, none); }, ErrorKind::usage), HasSubstr("NAME=VALUE"));
}

}  // namespace
}  // namespace landseam::raster
