// Real imagery with all its oddities; the folder is not in the repository.
#include "raster_fixture.h"
#include "support/shared_data.h"

#include <cstdlib>
#include <iostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

using testing::HasSubstr;

class SharedImagery : public testing::Test {
protected:
    void SetUp() override { LANDSEAM_NEEDS_SHARED_DATA(); }
    std::string at(const std::string& name) const { return root_ + "/" + name; }

    std::string root_ = std::string(LANDSEAM_SHARED_DATA) + "/imagery";
};

// How a file fares: what it is and how much of it is valid, or the message.
std::string fate(const std::string& path) {
    try {
        const auto scene = open_scene(path);
        const SceneInfo& info = scene->info();
        const RasterWindow window = read_all(*scene, info.image_bands);
        scene->read({0, 0, info.width, info.height}, info.image_bands, 64, 64);
        double valid = 0;
        for (const auto flag : window.valid.values) valid += flag;
        std::string text = std::to_string(info.width) + "×" + std::to_string(info.height) + " " +
                           std::to_string(info.image_bands.size()) + "/" + std::to_string(info.bands.size()) +
                           " " + info.bands[0].data_type + ", " +
                           (info.crs_name.empty() ? "no CRS" : info.crs_name) + ", " +
                           std::to_string(std::lround(100 * valid / window.valid.pixel_count())) +
                           " % valid, gsd " + std::to_string(Georeference(info).gsd_m());
        for (const std::string& warning : info.warnings) text += " [" + warning + "]";
        return text;
    } catch (const Error& error) {
        return std::string("ERROR ") + error.what();
    }
}

TEST_F(SharedImagery, EveryOddFileIsReadOrRefusedInOneSentence) {
    const std::vector<std::string> to_be_refused{
        "misc/slc.tif",           "rasterio/RGB.byte.gcp.vrt", "rasterio/RGB.byte.rpc.vrt",
        "rasterio/compdcs.vrt",   "rasterio/corrupt.tif",      "rasterio/white-gemini-iv.vrt",
        "rio-tiler/cog_gcps.tif", "rpc/test_rpcs.tif",         "rpc/test_rpcs_ext_file.tif"};
    const bool show = std::getenv("LANDSEAM_SHOW_FATES");
    std::vector<std::string> paths, refused;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(at("odd")))
        if (entry.is_regular_file()) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    EXPECT_GE(paths.size(), 47u);
    for (const std::string& path : paths) {
        const std::string name = path.substr(at("odd/").size()), text = fate(path);
        if (show) std::cout << "| " << name << " | " << text << " |\n";
        if (text.rfind("ERROR", 0) != 0) continue;
        EXPECT_THAT(text, HasSubstr(path));
        EXPECT_THAT(text, testing::Not(HasSubstr("\n")));
        EXPECT_LT(text.size(), 500u) << text;
        const std::string extension = std::filesystem::path(path).extension();
        if (extension != ".xml" && extension != ".rpb") refused.push_back(name);
    }
    EXPECT_EQ(refused, to_be_refused);
}

TEST_F(SharedImagery, NearInfraredTaggedAsAlphaIsAnImageBand) {
    const auto naip = open_scene(at("naip/m_3211605_ne_11_060_20200415.tif"));
    EXPECT_EQ(naip->info().image_bands.size(), 4u);
    EXPECT_THAT(naip->info().warnings, testing::Contains(HasSubstr("tagged as alpha")));
    const auto rgba = open_scene(at("odd/rasterio/RGBA.uint16.tif"));
    EXPECT_EQ(rgba->info().image_bands.size(), 3u);
}

TEST_F(SharedImagery, ValidPixelsAreThoseOfGdalsMasks) {
    for (const char* name :
         {"odd/rio-tiler/cog_rgb_mask.tif", "odd/rio-tiler/cog_rgba.tif", "odd/rasterio/cogeo.tif",
          "odd/rasterio/RGBA.uint16.tif", "odd/rasterio/float_raster_with_nodata.tif",
          "odd/rio-tiler/cog_int16.tif", "spacenet/sample_geotiff.tif"}) {
        const auto scene = open_scene(at(name));
        const RasterWindow window = read_all(*scene, {1});
        const std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(at(name).c_str()));
        std::vector<GByte> mask(window.valid.values.size());
        ASSERT_EQ(dataset->GetRasterBand(1)->GetMaskBand()->RasterIO(
                      GF_Read, 0, 0, window.width(), window.height(), mask.data(), window.width(),
                      window.height(), GDT_Byte, 0, 0, nullptr),
                  CE_None);
        int different = 0;
        for (std::size_t i = 0; i < mask.size(); ++i)
            different += (mask[i] != 0) != (window.valid.values[i] != 0);
        EXPECT_EQ(different, 0) << name;
    }
}

TEST_F(SharedImagery, ScenesOfEverySensorOpenWithoutComplaint) {
    for (const char* name :
         {"naip/m_4709963_se_14_1_20200831.tif", "sentinel2/sen2_20210527_aber_subset.tif",
          "sentinel2/T29UNU_20221005T115411_TCI_60m.jp2", "landsat/L7_ETMs.tif",
          "landsat/L8-B4-Elkton-VA.tiff", "banepa-north/banepa_north_3857.tif", "kampala/kampala_r2_1.tif",
          "spacenet/ms1.tif", "spacenet/sample_geotiff.tif", "spacenet/test_img.tif"})
        EXPECT_EQ(fate(at(name)).find("ERROR"), std::string::npos) << fate(at(name));
    EXPECT_NEAR(Georeference(open_scene(at("banepa-north/banepa_north_3857.tif"))->info()).gsd_m(), 0.132,
                0.001);
}

}  // namespace
}  // namespace landseam::raster
