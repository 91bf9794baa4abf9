#include "landseam/raster/scene_assets.h"

#include "landseam/raster/source_files.h"

#include "raster_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogr_spatialref.h>

namespace landseam::raster {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A band of one value that begins at easting 500000, northing 4200000, with pixels of `step` metres.
std::string write_band(const std::string& path, int side, double step, double value, int bands = 1,
                       int epsg = 32632) {
    return write_raster(
        path, RasterSpec(side, side, bands, GDT_UInt16), [&](int, int, int) { return value; },
        [&](GDALDataset& dataset) {
            OGRSpatialReference crs;
            crs.importFromEPSG(epsg);
            double transform[6] = {500000, step, 0, 4200000, 0, -step};
            dataset.SetSpatialRef(&crs);
            dataset.SetGeoTransform(transform);
        });
}

TEST(SceneAssets, FilesOfOneBandBecomeOneSceneOfTheFinestsPixels) {
    const TempFolder folder;
    const std::string red = write_band(folder / "B04.tif", 20, 10, 400),
                      swir = write_band(folder / "B11.tif", 10, 20, 1100);
    write_asset_stack(folder / "scene.vrt",
                      {{swir, {{"B11", "swir16", 1.61}}}, {red, {{"B04", "red", 0.665}}}});
    const auto scene = open_scene(folder / "scene.vrt");
    EXPECT_EQ(scene->info().width, 20);
    ASSERT_EQ(scene->info().bands.size(), 2u);
    EXPECT_EQ(scene->info().bands[0].description, "B11 - swir16");
    EXPECT_EQ(scene->info().bands[1].wavelength_nm, 665);
    const RasterWindow window = scene->read({0, 0, 20, 20}, {1, 2});
    EXPECT_EQ(window.bands[0].values[21], 1100);
    EXPECT_EQ(window.bands[1].values[21], 400);
}

TEST(SceneAssets, OneFileGetsTheNamesOfItsBands) {
    const TempFolder folder;
    const std::string path = write_band(folder / "all.tif", 8, 1, 7, 2);
    write_asset_stack(folder / "scene.vrt", {{path, {{"band1", "blue", std::nullopt}, {"", "nir", 0.8}}}});
    const auto scene = open_scene(folder / "scene.vrt");
    EXPECT_EQ(scene->info().bands[0].description, "band1 - blue");
    EXPECT_EQ(scene->info().bands[1].description, "nir");
}

TEST(SceneAssets, WhatDoesNotFitTogetherIsRefused) {
    const TempFolder folder;
    const std::string a = write_band(folder / "a.tif", 8, 1, 1),
                      many = write_band(folder / "many.tif", 8, 1, 1, 3),
                      elsewhere = write_band(folder / "elsewhere.tif", 8, 1, 1, 1, 32633);
    const std::string plain =
        write_raster(folder / "plain.tif", RasterSpec(8, 8), [](int, int, int) { return 1; });
    const auto failure = [&](const std::string& other) {
        try {
            write_asset_stack(folder / "scene.vrt", {{a, {}}, {other, {}}});
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_THAT(failure(many), HasSubstr("3 bands"));
    EXPECT_THAT(failure(elsewhere), HasSubstr("another coordinate reference system"));
    EXPECT_THAT(failure(plain), HasSubstr("no georeference"));
    EXPECT_THAT(failure(folder / "gone.tif"), HasSubstr("gone.tif"));
    EXPECT_FALSE(std::filesystem::exists(folder / "scene.vrt"));
}

TEST(SceneAssets, AnOutlineIsInDegrees) {
    const TempFolder folder;
    const SceneOutline outline = scene_outline(write_band(folder / "a.tif", 8, 100, 1));
    EXPECT_EQ(outline.width, 8);
    ASSERT_TRUE(outline.box);
    EXPECT_NEAR((*outline.box)[0], 9, 1e-6);
    EXPECT_NEAR((*outline.box)[3], 37.9475, 1e-3);
    EXPECT_FALSE(
        scene_outline(write_raster(folder / "p.tif", RasterSpec(8, 8), [](int, int, int) { return 1; })).box);
}

TEST(SourceFiles, AreListedReadAndMeasured) {
    const TempFolder folder;
    std::filesystem::create_directories(folder / "b/.hidden");
    std::ofstream(folder / "b/two") << "22";
    std::ofstream(folder / "a") << "1";
    std::ofstream(folder / "b/.hidden/three") << "333";
    const std::string root = folder.path().string();
    EXPECT_THAT(list_files(root, 10), ElementsAre(root + "/a", root + "/b/two"));
    EXPECT_THROW(list_files(root, 1), Error);
    EXPECT_THROW(list_files(folder / "a", 10), Error);
    EXPECT_EQ(read_text(folder / "b/two", 2), "22");
    EXPECT_THROW(read_text(folder / "b/two", 1), Error);
    EXPECT_THROW(read_text(folder / "gone", 10), Error);
    EXPECT_THROW(read_text(root, 10), Error);
    EXPECT_EQ(local_file_size(folder / "b/two"), 2);
    EXPECT_FALSE(local_file_size("http://127.0.0.1/x"));
    EXPECT_EQ(hash_of_file(folder / "b/two"), hash_of_text("22"));
    EXPECT_NE(hash_of_text("22"), hash_of_text("23"));
}

TEST(SourceFiles, OnAServerThatIsNotThereArePassingFaults) {
    try {
        read_text("/vsicurl/http://127.0.0.1:9/x.json", 100);
        FAIL() << "read";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::passing) << error.what();
    }
}

}  // namespace
}  // namespace landseam::raster
