#include "landseam/output/layer_sink.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"

#include "output/layer_format.h"
#include "output/layer_samples.h"
#include "output/test_files.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

using testing::content;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::Not;
using testing::put;
using testing::TemporaryFolder;

TEST(LayerSink, NamesTheFormatsItKnows) {
    const TemporaryFolder folder;
    for (const char* name : {"scene.docx", "scene", "scene.gpkg.zip"}) {
        const std::string message = message_of([&] { open_layer(testing::sample_options(folder / name)); });
        EXPECT_THAT(message, HasSubstr(".gpkg, .shp, .geojson, .json, .fgb")) << name;
    }
    EXPECT_NO_THROW(testing::write_sample(testing::sample_options(folder / "SCENE.GPKG")));
}

TEST(LayerSink, RefusesFoldersItCannotWriteTo) {
    const TemporaryFolder folder;
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options(folder / "none/scene.gpkg")); }),
                HasSubstr("no folder"));
    std::filesystem::create_directory(folder / "a.gpkg");
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options(folder / "a.gpkg")); }),
                HasSubstr("is a folder"));
    put(folder / "file", "");
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options(folder / "file/scene.gpkg")); }),
                HasSubstr("no folder"));
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options("/vsimem/scene.gpkg")); }),
                HasSubstr("local files"));
    // Nobody may make a file there, not even root.
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options("/proc/scene.gpkg")); }),
                HasSubstr("cannot write into"));
}

TEST(LayerSink, RefusesToReplaceWhatIsNoFile) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "device.gpkg");
    options.overwrite = true;
    std::filesystem::create_symlink("/dev/null", options.path);
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("not a regular file"));
}

TEST(LayerSink, ReplacesAllFilesOfAShapefileAndItsStaleIndexes) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.shp");
    put(folder / "scene.sbn", "stale");
    put(folder / "scene.dbf", "stale");
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("--overwrite"));
    options.overwrite = true;
    options.crs_wkt.clear();
    put(folder / "scene.prj", "stale");
    put(folder / "scene.txt", "not ours");
    testing::write_sample(options);
    EXPECT_THAT(folder.names(),
                ElementsAre("scene.cpg", "scene.dbf", "scene.qix", "scene.shp", "scene.shx", "scene.txt"));
}

TEST(LayerSink, RemovesAStaleJournalOfTheGeoPackageItReplaces) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.gpkg");
    testing::write_sample(options);
    put(folder / "scene.gpkg-wal", "stale");
    options.overwrite = true;
    testing::write_sample(options);
    EXPECT_THAT(folder.names(), ElementsAre("scene.gpkg"));
}

TEST(LayerSink, WritesASpatialIndexFidsAndMetadataIntoAGeoPackage) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.gpkg");
    options.layer_name = "segments";
    options.metadata = {{"LANDSEAM_VERSION", "0.1.0"}};
    testing::write_sample(options);
    const std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(options.path.c_str(), GDAL_OF_VECTOR));
    ASSERT_TRUE(dataset);
    EXPECT_STREQ(dataset->GetMetadataItem("LANDSEAM_VERSION"), "0.1.0");
    OGRLayer* layer = dataset->GetLayerByName("segments");
    ASSERT_TRUE(layer);
    EXPECT_TRUE(layer->TestCapability(OLCFastSpatialFilter));
    const OGRFeatureUniquePtr feature{layer->GetFeature(12)};
    ASSERT_TRUE(feature);
    EXPECT_STREQ(feature->GetFieldAsString("predicted_class"), "pond");
    EXPECT_EQ(feature->GetFieldAsInteger64("tiles"), std::int64_t{1} << 40);
    EXPECT_EQ(layer->GetLayerDefn()->GetFieldDefn(3)->GetSubType(), OFSTBoolean);
}

TEST(LayerSink, WritesLongitudesBeforeLatitudesAndRightHandedRingsIntoGeoJson) {
    // PROJ's own answer for UTM 45N 330000 E 3060000 N, which lies at about 85.28 E 27.65 N.
    OGRSpatialReference utm, wgs84;
    utm.importFromEPSG(32645);
    wgs84.importFromEPSG(4326);
    wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    double x = 330000, y = 3060000;
    const std::unique_ptr<OGRCoordinateTransformation> to_degrees(
        OGRCreateCoordinateTransformation(&utm, &wgs84));
    ASSERT_TRUE(to_degrees->Transform(1, &x, &y));
    ASSERT_NEAR(x, 85.28, 0.01);
    ASSERT_NEAR(y, 27.65, 0.01);

    const TemporaryFolder folder;
    const LayerOptions options = testing::sample_options(folder / "scene.geojson");
    Feature clockwise = testing::sample_features()[0];
    std::reverse(clockwise.geometry[0].outer.begin() + 1, clockwise.geometry[0].outer.end());
    const auto sink = open_layer(options);
    sink->write(clockwise);
    sink->close();
    const ReadLayer layer = read_layer(options.path);
    const Polygon& polygon = layer.features.at(0).geometry.at(0);
    EXPECT_EQ(layer.features[0].id, 11);
    EXPECT_NEAR(polygon.outer[0].x, x, 1e-9);
    EXPECT_NEAR(polygon.outer[0].y, y, 1e-9);
    EXPECT_GT(signed_area(polygon.outer), 0);
    EXPECT_LT(signed_area(polygon.holes.at(0)), 0);
    EXPECT_THAT(content(options.path), Not(HasSubstr("\"crs\"")));  // RFC 7946, 4
}

TEST(LayerSink, CutsGeoJsonAtTheAntimeridian) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.geojson");
    options.crs_wkt = testing::wkt_of_epsg(32660);
    Feature feature = testing::sample_features()[0];
    feature.geometry = {{testing::box(830000, 1000, 10000, 10000), {}}};  // 180° lies at about 834 km
    const auto sink = open_layer(options);
    sink->write(feature);
    sink->close();
    const MultiPolygon geometry = read_layer(options.path).features.at(0).geometry;
    ASSERT_EQ(geometry.size(), 2u);
    for (const Polygon& polygon : geometry) {
        const bool east = polygon.outer[0].x > 0;
        for (const Point& point : polygon.outer)
            EXPECT_TRUE(std::abs(point.x) <= 180 && (point.x > 0) == east);
        EXPECT_LT(area(polygon), 0.01);
    }
}

TEST(LayerSink, SaysInGeoJsonThatPixelsAreNoLongitudes) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.geojson");
    options.crs_wkt.clear();
    testing::write_sample(options);
    EXPECT_THAT(content(options.path), HasSubstr("\"crs\": null"));
}

TEST(LayerSink, PassesCreationOptionsOnBeforeItsOwn) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.geojson");
    options.layer_creation_options = {"COORDINATE_PRECISION=2"};
    testing::write_sample(options);
    EXPECT_THAT(content(options.path), HasSubstr("[ 85.28, 27.65 ]"));
}

TEST(LayerSink, RefusesACrsItCannotRead) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.gpkg");
    options.crs_wkt = "PROJCRS[nonsense";
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("coordinate reference system"));
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(LayerSink, RefusesFieldsThatCannotBeToldApart) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.gpkg");
    options.fields.push_back({"TILES", FieldType::real, 0, 0});
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("TILES"));
    options.fields.back().name = "";
    EXPECT_THAT(message_of([&] { open_layer(options); }), HasSubstr("no name"));
}

TEST(LayerSink, RefusesAnIdTwiceWhereTheFormatKeepsIds) {
    const TemporaryFolder folder;
    const auto sink = open_layer(testing::sample_options(folder / "scene.gpkg"));
    const Feature feature = testing::sample_features()[0];
    sink->write(feature);
    EXPECT_THAT(message_of([&] { sink->write(feature); }), HasSubstr("feature 11"));
}

TEST(Shapefile, ShortensFieldNamesAndKeepsThemApart) {
    const auto names_for = [](const std::vector<std::string>& names) {
        std::vector<FieldDefinition> fields;
        for (const std::string& name : names) fields.push_back({name, FieldType::real, 0, 0});
        return shapefile_field_names(fields);
    };
    EXPECT_THAT(names_for({"id", "predicted_iou", "stability_score", "area_m2"}),
                ElementsAre("id", "predicted_", "stability_", "area_m2"));
    EXPECT_THAT(names_for({"mean_band_1", "mean_band_2", "Mean_band_3"}),
                ElementsAre("mean_band_", "mean_band1", "Mean_band2"));
    EXPECT_THAT(names_for({"perimeter_m", "perimeter_"}), ElementsAre("perimeter1", "perimeter_"));
    // Ten bytes would cut the last character in half.
    EXPECT_THAT(names_for({"waldfl\xC3\xA4"
                           "c\xC3\xA4"
                           "he"}),
                ElementsAre("waldfl\xC3\xA4"
                            "c"));
    std::vector<std::string> many(120, "a_rather_long_name");
    for (std::size_t i = 0; i < many.size(); ++i) many[i] += std::to_string(i);
    const auto shortened = names_for(many);
    EXPECT_EQ(std::set<std::string>(shortened.begin(), shortened.end()).size(), many.size());
    for (const std::string& name : shortened) EXPECT_LE(name.size(), 10u);
}

TEST(Shapefile, TellsWhichNamesItShortened) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / "scene.shp");
    std::vector<std::string> told;
    options.warn = [&](const std::string& message) { told.push_back(message); };
    testing::write_sample(options);
    ASSERT_EQ(told.size(), 3u);
    EXPECT_THAT(told[1], HasSubstr("'predicted_class' is called 'predicted1'"));
}

TEST(Shapefile, StopsAtTwoGigabytesWithAWayOut) {
    ShapefileSize shapes("scene.shp", 50);
    shapes.add(1, 134000000);  // 16 bytes each: just under 2³¹
    EXPECT_THAT(message_of([&] { shapes.add(1, 300000); }), HasSubstr(".gpkg"));
    ShapefileSize records("scene.shp", 1 << 20);
    for (int i = 0; i < 2047; ++i) records.add(1, 5);
    EXPECT_THAT(message_of([&] { records.add(1, 5); }), HasSubstr("2 GB"));
}

TEST(Shapefile, CountsExactlyWhatTheDriverWrites) {
    const TemporaryFolder folder;
    testing::write_sample(testing::sample_options(folder / "scene.shp"));
    // Header, and of each record 8 + 44 bytes, 4 a ring, 16 a vertex with the closing one.
    EXPECT_EQ(std::filesystem::file_size(folder / "scene.shp"),
              100u + (52 + 8 + 160) + (52 + 8 + 160) + (52 + 4 + 80));
}

TEST(MemoryLayer, KeepsWhatIsWritten) {
    MemoryLayer layer;
    for (const Feature& feature : testing::sample_features()) layer.write(feature);
    EXPECT_FALSE(layer.closed);
    layer.close();
    EXPECT_TRUE(layer.closed);
    ASSERT_EQ(layer.features.size(), 3u);
    EXPECT_EQ(layer.features[1].id, 12);
}

TEST(LayerSink, WritesFeaturesWithoutAPolygonOnlyOnRequest) {
    const TemporaryFolder folder;
    for (const std::string extension : {".gpkg", ".shp", ".geojson", ".fgb"}) {
        LayerOptions options;
        options.path = folder / ("nulls" + extension);
        options.crs_wkt = testing::wkt_of_epsg(32645);
        options.fields = {{"n", FieldType::integer64}};
        EXPECT_THROW(open_layer(options)->write({1, {}, {std::int64_t{1}}}), Error) << extension;
        options.null_geometries = true;
        const auto sink = open_layer(options);
        sink->write({1, {}, {std::int64_t{1}}});
        sink->write({2, {{testing::box(330000, 3060000, 4, 4), {}}}, {std::int64_t{2}}});
        sink->close();
        const std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(options.path.c_str(), GDAL_OF_VECTOR));
        int with_geometry = 0, rows = 0;
        while (const OGRFeatureUniquePtr row{dataset->GetLayer(0)->GetNextFeature()}) {
            ++rows;
            with_geometry += row->GetGeometryRef() && !row->GetGeometryRef()->IsEmpty();
        }
        EXPECT_EQ(rows, 2) << extension;
        EXPECT_EQ(with_geometry, 1) << extension;
    }
}

}  // namespace
}  // namespace landseam::output
