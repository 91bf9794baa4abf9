// Real scenes from end to end: every polygon valid, in its place, none on nodata.
#include <gtest/gtest.h>

#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include "landseam/core/polygon_fill.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/vectors/simplify.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace landseam::pipeline {
namespace {

struct RealScene {
    const char* name;
    const char* path;
    const char* preset;
    const char* bands;
    const char* area_of_interest;
};

std::ostream& operator<<(std::ostream& stream, const RealScene& scene) { return stream << scene.name; }

const RealScene real_scenes[] = {
    {"Naip", "imagery/naip/m_4709963_se_14_1_20200831.tif", "naip:false-color", "", ""},
    {"Sentinel2", "imagery/sentinel2/sen2_20210527_aber_subset.tif", "sentinel2:false-color", "", ""},
    {"Landsat8OneFileABand", "imagery/landsat/L8-B5-Elkton-VA.tiff", "", "", ""},
    {"Landsat7", "imagery/landsat/L7_ETMs.tif", "landsat57:false-color", "", ""},
    {"LandsatUntaggedOrder", "imagery/landsat/pucallpa_2020.tif", "", "1,2,3", ""},
    {"BanepaDrone", "imagery/banepa-north/banepa_north_3857.tif", "rgb", "", "9520050,3203200,9520120,3203270"},
    {"SpaceNetFloat64", "imagery/spacenet/ms1.tif", "", "3,2,1", ""},
    {"SpaceNetInDegrees", "imagery/spacenet/test_img.tif", "", "", ""},
    {"RotatedSar", "imagery/odd/misc/umbra_mount_yasur_crop.tif", "", "", ""},
};

class RealScenes : public testing::TestWithParam<RealScene> {};

// Reads the scene's mask through GDAL alone.
ImageU8 gdal_mask(GDALDataset& dataset) {
    const int width = dataset.GetRasterXSize(), height = dataset.GetRasterYSize();
    ImageU8 mask(width, height, 1, 1), band_mask(width, height);
    for (int band = 1; band <= dataset.GetRasterCount(); ++band) {
        EXPECT_EQ(dataset.GetRasterBand(band)->GetMaskBand()->RasterIO(GF_Read, 0, 0, width, height, band_mask.values.data(),
                                                                       width, height, GDT_Byte, 0, 0),
                  CE_None);
        for (std::size_t i = 0; i < mask.values.size(); ++i) mask.values[i] = mask.values[i] && band_mask.values[i];
    }
    return mask;
}

TEST_P(RealScenes, GiveValidPolygonsInTheRightPlaceAndNoneOnNodata) {
    LANDSEAM_NEEDS_SHARED_DATA();
    const test::TemporaryFolder folder;
    SegmentOptions options;
    options.scene = test::shared_data(GetParam().path);
    options.output = folder.file("out.gpkg");
    options.picture.channels = {GetParam().preset, GetParam().bands};
    options.area_of_interest = GetParam().area_of_interest;
    options.generator.points_per_side = 12;
    const auto progress = silent_progress();
    const SegmentReport report = segment_scene(options, *progress);
    ASSERT_GT(report.segments, 0);

    const output::ReadLayer layer = output::read_layer(options.output);
    ASSERT_EQ(static_cast<std::int64_t>(layer.features.size()), report.segments);
    auto* dataset = GDALDataset::FromHandle(GDALOpen(options.scene.c_str(), GA_ReadOnly));
    ASSERT_NE(dataset, nullptr);
    OGRSpatialReference written;
    written.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    written.SetFromUserInput(layer.crs_wkt.c_str());
    EXPECT_TRUE(written.IsSame(dataset->GetSpatialRef()));
    double transform[6], inverse[6];
    ASSERT_EQ(dataset->GetGeoTransform(transform), CE_None);
    ASSERT_TRUE(GDALInvGeoTransform(transform, inverse));
    const ImageU8 mask = gdal_mask(*dataset);
    GDALClose(dataset);

    const PixelBox frame{0, 0, mask.width, mask.height};
    for (const output::Feature& feature : layer.features) {
        std::string reason;
        EXPECT_TRUE(vectors::is_valid(feature.geometry, &reason)) << reason;
        MultiPolygon pixels = feature.geometry;
        const auto to_pixel = [&](Point& p) {
            GDALApplyGeoTransform(inverse, p.x, p.y, &p.x, &p.y);
            // Unsimplified outlines lie on pixel edges of the scene.
            EXPECT_NEAR(p.x, std::round(p.x), 1e-3);
            EXPECT_NEAR(p.y, std::round(p.y), 1e-3);
        };
        for (Polygon& polygon : pixels) {
            for (Point& p : polygon.outer) to_pixel(p);
            for (Ring& hole : polygon.holes)
                for (Point& p : hole) to_pixel(p);
        }
        const RunMask inside = fill_polygons(pixels, frame);
        EXPECT_EQ(inside.area(), std::get<std::int64_t>(feature.values[4]));
        for (const auto& run : inside.runs())
            for (int x = run.x_begin; x < run.x_end; ++x) ASSERT_TRUE(mask.at(x, run.y)) << "a polygon covers nodata";
    }
}

INSTANTIATE_TEST_SUITE_P(SharedData, RealScenes, testing::ValuesIn(real_scenes),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace landseam::pipeline
