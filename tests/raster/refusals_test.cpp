#include "raster_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::AllOf;
using testing::HasSubstr;

double zero(int, int, int) {
    return 0;
}

std::string open_error(const std::string& path) {
    return error_text([&] { open_scene(path); });
}

void write_text(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

TEST(Refusals, MissingFilesFoldersAndGarbageAreNamedWithTheirCause) {
    TempFolder folder;
    EXPECT_THAT(open_error(folder / "no.tif"),
                AllOf(HasSubstr("no.tif"), HasSubstr("No such file"), HasSubstr("check the path")));
    EXPECT_THAT(open_error(folder / ""), HasSubstr("is a folder"));
    write_text(folder / "garbage.tif", "not a picture at all");
    EXPECT_THAT(open_error(folder / "garbage.tif"), HasSubstr("not in a raster format"));
    write_text(folder / "empty.tif", "");
    EXPECT_THAT(open_error(folder / "empty.tif"), HasSubstr("empty.tif"));
    EXPECT_THAT(error_text([] { open_scene(""); }, ErrorKind::usage), HasSubstr("no raster"));
}

TEST(Refusals, MalformedVrtIsAnError) {
    TempFolder folder;
    write_text(folder / "a.vrt", "<VRTDataset rasterXSize='4' rasterYSize='4'><VRTRasterBand");
    EXPECT_THAT(open_error(folder / "a.vrt"), HasSubstr("a.vrt"));
    EXPECT_FALSE(open_error("<VRTDataset rasterXSize='x'></VRTDataset>").empty());
}

TEST(Refusals, VectorFilesAreNamedAsSuch) {
    TempFolder folder;
    write_text(folder / "a.geojson",
               R"({"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}})");
    EXPECT_THAT(open_error(folder / "a.geojson"), HasSubstr("vector data"));
}

TEST(Refusals, ComplexNumbersComeWithTheCommandThatMakesAnAmplitude) {
    TempFolder folder;
    for (const GDALDataType type : {GDT_CInt16, GDT_CFloat32}) {
        const std::string path = write_raster(folder / "a.tif", {4, 4, 1, type}, zero);
        EXPECT_THAT(open_error(path), AllOf(HasSubstr("complex"), HasSubstr("gdal_calc.py")));
    }
}

TEST(Refusals, GroundControlPointsAreWarpedFirst) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {4, 4, 1}, zero, [](GDALDataset& dataset) {
        std::vector<GDAL_GCP> points(4);
        GDALInitGCPs(4, points.data());
        for (int i = 0; i < 4; ++i) {
            points[i].dfGCPPixel = 4.0 * (i % 2);
            points[i].dfGCPLine = 4.0 * (i / 2);
            points[i].dfGCPX = 10 + points[i].dfGCPPixel + 0.1 * (i / 2);
            points[i].dfGCPY = 50 - points[i].dfGCPLine - 0.2 * (i % 2);
        }
        OGRSpatialReference crs;
        crs.SetFromUserInput("EPSG:4326");
        dataset.SetGCPs(4, points.data(), &crs);
        GDALDeinitGCPs(4, points.data());
    });
    EXPECT_THAT(open_error(path), AllOf(HasSubstr("4 ground control points"), HasSubstr("gdalwarp -")));
}

TEST(Refusals, RpcsAreWarpedFirst) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {4, 4, 1}, zero, [](GDALDataset& dataset) {
        std::string ones = "1";
        for (int i = 1; i < 20; ++i) ones += " 0";
        for (const char* name : {"LINE_OFF", "SAMP_OFF", "LAT_OFF", "LONG_OFF", "HEIGHT_OFF", "LINE_SCALE",
                                 "SAMP_SCALE", "LAT_SCALE", "LONG_SCALE", "HEIGHT_SCALE"})
            dataset.SetMetadataItem(name, "1", "RPC");
        for (const char* name : {"LINE_NUM_COEFF", "LINE_DEN_COEFF", "SAMP_NUM_COEFF", "SAMP_DEN_COEFF"})
            dataset.SetMetadataItem(name, ones.c_str(), "RPC");
    });
    EXPECT_THAT(open_error(path), AllOf(HasSubstr("RPC"), HasSubstr("gdalwarp -rpc")));
}

TEST(Refusals, ContainersListTheirParts) {
    TempFolder folder;
    if (!GetGDALDriverManager()->GetDriverByName("netCDF")) GTEST_FAIL() << "this GDAL has no netCDF driver";
    // Two variables on grids of their own, as text that the netCDF driver reads by way of a VRT of dimensions
    // is not to be had; the multidimensional API writes a real one.
    const std::string path = folder / "a.nc";
    {
        GDALDriver* driver = GetGDALDriverManager()->GetDriverByName("netCDF");
        const std::unique_ptr<GDALDataset> file(
            driver->CreateMultiDimensional(path.c_str(), nullptr, nullptr));
        const auto root = file->GetRootGroup();
        const auto y = root->CreateDimension("y", "", "", 5), x = root->CreateDimension("x", "", "", 7);
        for (const char* name : {"red", "nir"})
            ASSERT_TRUE(root->CreateMDArray(name, {y, x}, GDALExtendedDataType::Create(GDT_Float32)));
    }
    const std::string text = open_error(path);
    EXPECT_THAT(text, AllOf(HasSubstr("container of 2 rasters"), HasSubstr("NETCDF:"), HasSubstr("nir")));
    EXPECT_EQ(open_scene("NETCDF:\"" + path + "\":nir")->info().width, 7);
}

TEST(Refusals, ATransformOntoALineIsRefused) {
    TempFolder folder;
    const std::string path =
        write_raster(folder / "a.tif", {4, 4, 1}, zero, placed({10, 2, 4, 20, 1, 2}, "EPSG:32631"));
    EXPECT_THAT(open_error(path), AllOf(HasSubstr("geotransform"), HasSubstr("gdal_translate -a_ullr")));
}

TEST(Refusals, ATransformToNowhereIsRefused) {
    TempFolder folder;
    const std::string path = write_raster(folder / "a.tif", {4, 4, 1}, zero,
                                          placed({6e63, 1.2, 0, 2.9e291, 0, -1.2}, "EPSG:3857"));
    EXPECT_THAT(open_error(path), HasSubstr("nowhere on a planet"));
}

TEST(Refusals, DamagedPixelsNameTheFileAndTheWindow) {
    TempFolder folder;
    const std::string path = write_raster(
        folder / "a.tif",
        {64, 64, 1, GDT_UInt16, {"TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=32", "COMPRESS=DEFLATE"}},
        [](int, int x, int y) { return (x * 7919 + y * 104729) % 60000; });
    std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
    std::string text;
    try {  // a file cut there may be refused at once or when its last block is read
        const auto scene = open_scene(path);
        scene->read({0, 0, 8, 8}, {1});
        text = error_text([&] { scene->read({32, 32, 32, 32}, {1}); });
        EXPECT_THAT(text, HasSubstr("window 32,32 32×32"));
    } catch (const Error& error) {
        text = error.what();
    }
    EXPECT_THAT(text, HasSubstr("a.tif"));
}

TEST(Refusals, DamagedJpegPixelsAreAnErrorNotGrey) {
    TempFolder folder;
    const std::unique_ptr<GDALDataset> memory(
        GetGDALDriverManager()->GetDriverByName("MEM")->Create("", 256, 256, 3, GDT_Byte, nullptr));
    std::vector<GByte> noise(256 * 256);
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<GByte>(i * i * 31 >> 3);
    for (auto* band : memory->GetBands())
        ASSERT_EQ(band->RasterIO(GF_Write, 0, 0, 256, 256, noise.data(), 256, 256, GDT_Byte, 0, 0, nullptr),
                  CE_None);
    const std::string path = folder / "a.jpg";
    delete GetGDALDriverManager()->GetDriverByName("JPEG")->CreateCopy(path.c_str(), memory.get(), FALSE,
                                                                       nullptr, nullptr, nullptr);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const auto scene = open_scene(path);
    EXPECT_THAT(error_text([&] {
                    read_all(*scene, {1, 2, 3});
                }),
                AllOf(HasSubstr("a.jpg"), HasSubstr("window 0,0")));
}

TEST(Refusals, GdalPrintsNothingOnItsOwn) {
    TempFolder folder;
    write_text(folder / "garbage.tif", "II*\0 and nothing that follows from it");
    testing::internal::CaptureStderr();
    open_error(folder / "garbage.tif");
    open_error(folder / "no.tif");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Refusals, WindowsOutsideTheSceneAndUnknownBandsAreUsageErrors) {
    TempFolder folder;
    const auto scene = open_scene(write_raster(folder / "a.tif", {8, 6, 1}, zero));
    const auto refused = [&](PixelBox window, std::vector<int> bands, int width) {
        return error_text([&] { scene->read(window, bands, width, 2); }, ErrorKind::usage);
    };
    EXPECT_THAT(refused({4, 0, 5, 2}, {1}, 2), HasSubstr("8×6"));
    EXPECT_THAT(refused({-1, 0, 2, 2}, {1}, 2), HasSubstr("does not lie"));
    EXPECT_THAT(refused({0, 0, 0, 2}, {1}, 2), HasSubstr("does not lie"));
    EXPECT_THAT(refused({0, 0, 2, 2}, {2}, 2), HasSubstr("no band 2"));
    EXPECT_THAT(refused({0, 0, 2, 2}, {0}, 2), HasSubstr("no band 0"));
    EXPECT_THAT(refused({0, 0, 2, 2}, {1}, 0), HasSubstr("without pixels"));
}

}  // namespace
}  // namespace landseam::raster
