// Layers in another CRS than their features, and how QGIS shows them.
#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"

#include "output/layer_samples.h"
#include "output/test_files.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

using ::testing::HasSubstr;
using testing::message_of;
using testing::TemporaryFolder;

Feature wide_field() {
    return {1, {{testing::box(500000, 7000000, 100000, 100000), {}}}, {}};
}

TEST(TargetCrs, GivesLongEdgesVerticesWhereTheyBend) {
    const TemporaryFolder folder;
    LayerOptions options;
    options.path = folder / "out.gpkg";
    options.crs_wkt = testing::wkt_of_epsg(32632);
    options.target_crs = "EPSG:4326";
    for (const double deviation : {0.0, 1.0}) {
        options.max_deviation = deviation;
        options.overwrite = true;
        const auto sink = open_layer(options);
        sink->write(wide_field());
        sink->close();
        const ReadLayer back = read_layer(options.path, "", options.crs_wkt);
        EXPECT_EQ(testing::epsg_of(read_layer(options.path).crs_wkt), "4326");
        const std::size_t vertices = back.features[0].geometry[0].outer.size();
        EXPECT_EQ(vertices > 4, deviation > 0);
        EXPECT_LT(vertices, 400u);
        // Vertices lie on the old edges.
        for (const Point& p : back.features[0].geometry[0].outer) {
            const double x = std::min(std::abs(p.x - 500000), std::abs(p.x - 600000));
            const double y = std::min(std::abs(p.y - 7000000), std::abs(p.y - 7100000));
            EXPECT_LT(std::min(x, y), 0.01);
        }
        EXPECT_NEAR(area(back.features[0].geometry), 1e10, 1);
    }
}

TEST(TargetCrs, RefusesWhatIsNone) {
    const TemporaryFolder folder;
    LayerOptions options;
    options.path = folder / "out.gpkg";
    options.target_crs = "EPSG:4326";
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("no coordinate reference system"));
    options.crs_wkt = testing::wkt_of_epsg(32632);
    options.target_crs = "the moon, perhaps";
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("--t-srs"));
    EXPECT_EQ(folder.listing(), "");
}

TEST(LayerStyle, ShowsClassesInColoursInQgis) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "out.gpkg");
    options.style_field = "predicted_class";
    testing::write_sample(options);
    EXPECT_EQ(read_layer(options.path).features.size(), 3u);  // the styles are no layer

    auto* dataset =
        GDALDataset::FromHandle(GDALOpenEx(options.path.c_str(), GDAL_OF_VECTOR, nullptr, nullptr, nullptr));
    ASSERT_NE(dataset, nullptr);
    OGRLayer* styles = dataset->ExecuteSQL("SELECT * FROM layer_styles", nullptr, nullptr);
    ASSERT_NE(styles, nullptr);
    const OGRFeatureUniquePtr row{styles->GetNextFeature()};
    ASSERT_TRUE(row);
    EXPECT_STREQ(row->GetFieldAsString("f_table_name"), "out");
    EXPECT_STREQ(row->GetFieldAsString("f_geometry_column"), "geom");
    EXPECT_EQ(row->GetFieldAsInteger("useAsDefault"), 1);
    const std::string qml = row->GetFieldAsString("styleQML");
    EXPECT_THAT(qml, HasSubstr("categorizedSymbol\" attr=\"predicted_class\""));
    EXPECT_THAT(qml, HasSubstr("<category value=\"pond\""));
    dataset->ReleaseResultSet(styles);
    GDALClose(dataset);
}

}  // namespace
}  // namespace landseam::output
