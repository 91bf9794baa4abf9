#include "landseam/output/layer_reader.h"

#include "output/layer_samples.h"
#include "output/test_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

namespace landseam::output {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

// Writes WKT geometries as the layers of a GeoPackage, one layer for each list.
void write_wkt(const std::string& path, const std::vector<std::vector<const char*>>& layers, int epsg) {
    GDALAllRegister();
    const std::unique_ptr<GDALDataset> dataset(
        GetGDALDriverManager()->GetDriverByName("GPKG")->Create(path.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    OGRSpatialReference crs;
    crs.importFromEPSG(epsg);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        OGRLayer* layer = dataset->CreateLayer(("layer" + std::to_string(i)).c_str(), &crs, wkbUnknown);
        for (const char* wkt : layers[i]) {
            OGRGeometry* geometry = nullptr;
            OGRGeometryFactory::createFromWkt(wkt, nullptr, &geometry);
            OGRFeature feature(layer->GetLayerDefn());
            feature.SetGeometryDirectly(geometry);
            ASSERT_EQ(layer->CreateFeature(&feature), OGRERR_NONE) << wkt;
        }
    }
}

TEST(ReadLayer, TakesPolygonsOutOfAnyGeometry) {
    const TemporaryFolder folder;
    write_wkt(folder / "mixed.gpkg",
              {{"POLYGON ((0 0,4 0,4 4,0 4,0 0))", "POLYGON Z ((0 0 7,2 0 7,2 2 7,0 0 7))", "POINT (1 1)",
                "CURVEPOLYGON (CIRCULARSTRING (0 0,1 1,2 0,1 -1,0 0))",
                "GEOMETRYCOLLECTION (POINT (0 0),POLYGON ((0 0,1 0,1 1,0 1,0 0)),MULTIPOLYGON (((5 5,7 5,7 "
                "7,5 5))))",
                "LINESTRING (0 0,1 1)", "POLYGON EMPTY"}},
              32645);
    const ReadLayer layer = read_layer(folder / "mixed.gpkg");
    EXPECT_EQ(layer.skipped, 3);
    ASSERT_EQ(layer.features.size(), 4u);
    EXPECT_DOUBLE_EQ(area(layer.features[0].geometry), 16);
    EXPECT_DOUBLE_EQ(area(layer.features[1].geometry), 2);
    EXPECT_NEAR(area(layer.features[2].geometry), 3.14159, 0.01);
    EXPECT_EQ(layer.features[3].geometry.size(), 2u);
    EXPECT_DOUBLE_EQ(area(layer.features[3].geometry), 3);
    EXPECT_EQ(layer.features[3].id, 5);
    EXPECT_EQ(testing::epsg_of(layer.crs_wkt), "32645");
}

TEST(ReadLayer, BringsGeometriesIntoAnotherCrsWithTheEastingFirst) {
    const TemporaryFolder folder;
    put(folder / "degrees.geojson",
        R"({"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[87,27],[87.001,27],[87.001,27.001],[87,27]]]}})");
    const std::string utm = testing::wkt_of_epsg(32645);
    const ReadLayer layer = read_layer(folder / "degrees.geojson", "", utm);
    EXPECT_EQ(layer.crs_wkt, utm);
    // 87° E is the zone's central meridian; along it, northings are 0.9996 of the meridian's length.
    EXPECT_NEAR(layer.features.at(0).geometry[0].outer[0].x, 500000, 0.001);
    EXPECT_NEAR(layer.features[0].geometry[0].outer[0].y, 2986400, 500);
}

TEST(ReadLayer, AsksWhichLayerWhereThereAreSeveral) {
    const TemporaryFolder folder;
    write_wkt(folder / "two.gpkg", {{"POLYGON ((0 0,1 0,1 1,0 0))"}, {"POLYGON ((0 0,2 0,2 2,0 0))"}}, 32645);
    EXPECT_THAT(message_of([&] { read_layer(folder / "two.gpkg"); }), HasSubstr("layer0, layer1"));
    EXPECT_THAT(message_of([&] { read_layer(folder / "two.gpkg", "layer7"); }), HasSubstr("layer0, layer1"));
    EXPECT_DOUBLE_EQ(area(read_layer(folder / "two.gpkg", "layer1").features.at(0).geometry), 2);
}

TEST(ReadLayer, KeepsTheTypesOfValues) {
    const TemporaryFolder folder;
    put(folder / "a.geojson",
        R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":7,"r":0.5,"t":"x","b":true,"d":"2024-05-01"},
            "geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]})");
    const ReadLayer layer = read_layer(folder / "a.geojson");
    EXPECT_THAT(layer.field_names, ElementsAre("n", "r", "t", "b", "d"));
    const auto& values = layer.features.at(0).values;
    EXPECT_EQ(values[0], FieldValue(std::int64_t{7}));
    EXPECT_EQ(values[1], FieldValue(0.5));
    EXPECT_EQ(values[2], FieldValue(std::string("x")));
    EXPECT_EQ(values[3], FieldValue(std::int64_t{1}));
    EXPECT_EQ(values[4], FieldValue(std::string("2024/05/01")));
}

TEST(ReadLayer, SaysWhatIsWrongWithFilesItCannotUse) {
    const TemporaryFolder folder;
    EXPECT_THAT(message_of([&] { read_layer(folder / "none.gpkg"); }), HasSubstr("no such file"));
    put(folder / "noise.gpkg", "this is no database");
    EXPECT_THAT(message_of([&] { read_layer(folder / "noise.gpkg"); }),
                HasSubstr("cannot be read as vector data"));
    put(folder / "cut.geojson", R"({"type":"FeatureCollection","features":[{"type":"Feat)");
    EXPECT_NE(message_of([&] { read_layer(folder / "cut.geojson"); }), "");
    write_wkt(folder / "points.gpkg", {{"POINT (1 1)"}}, 32645);
    EXPECT_THAT(message_of([&] { read_layer(folder / "points.gpkg"); }), HasSubstr("no polygon"));
}

TEST(ReadLayer, DoesNotGuessTheCrsOfALayerWithoutOne) {
    const TemporaryFolder folder;
    for (const char* name : {"a.gpkg", "a.shp", "a.geojson", "a.fgb"}) {
        LayerOptions options = testing::sample_options(folder / name);
        options.crs_wkt.clear();
        testing::write_sample(options);
        EXPECT_THAT(message_of([&] { read_layer(options.path, "", testing::wkt_of_epsg(32645)); }),
                    HasSubstr("no coordinate reference system"))
            << name;
    }
}

TEST(ReadMixedLayer, SortsGeometriesByTheirKind) {
    const TemporaryFolder folder;
    write_wkt(folder / "mixed.gpkg",
              {{"POINT (1 2)", "MULTIPOINT Z (1 2 3,4 5 6)", "LINESTRING (0 0,1 1,2 0)", "POLYGON ((0 0,4 0,4 4,0 0))",
                "GEOMETRYCOLLECTION (POINT (7 8),LINESTRING (0 0,5 5),POLYGON ((0 0,1 0,1 1,0 0)))",
                "CIRCULARSTRING (0 0,1 1,2 0)", "POINT EMPTY"}},
              32645);
    const MixedLayer layer = read_mixed_layer(folder / "mixed.gpkg");
    EXPECT_EQ(layer.skipped, 1);
    ASSERT_EQ(layer.features.size(), 6u);
    EXPECT_THAT(layer.features[0].points, ElementsAre(Point{1, 2}));
    EXPECT_THAT(layer.features[1].points, ElementsAre(Point{1, 2}, Point{4, 5}));
    ASSERT_EQ(layer.features[2].lines.size(), 1u);
    EXPECT_EQ(layer.features[2].lines[0].size(), 3u);
    EXPECT_TRUE(layer.features[2].points.empty());
    EXPECT_DOUBLE_EQ(area(layer.features[3].polygons), 8);
    EXPECT_EQ(layer.features[4].points.size(), 1u);
    EXPECT_EQ(layer.features[4].lines.size(), 1u);
    EXPECT_EQ(layer.features[4].polygons.size(), 1u);
    EXPECT_GT(layer.features[5].lines.at(0).size(), 10u);
    EXPECT_EQ(layer.features[5].id, 6);
}

TEST(ReadMixedLayer, KeepsTheTypesOfFieldsAndTheirNulls) {
    const TemporaryFolder folder;
    put(folder / "points.geojson",
        R"({"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"a","n":3,"x":0.5,"on":true},)"
        R"("geometry":{"type":"Point","coordinates":[9,45]}},{"type":"Feature","properties":{"name":null,"n":4},)"
        R"("geometry":{"type":"Point","coordinates":[9,46]}}]})");
    const MixedLayer layer = read_mixed_layer(folder / "points.geojson");
    ASSERT_EQ(layer.fields.size(), 4u);
    EXPECT_EQ(layer.fields[0].type, FieldType::text);
    EXPECT_EQ(layer.fields[1].type, FieldType::integer64);
    EXPECT_EQ(layer.fields[2].type, FieldType::real);
    EXPECT_EQ(layer.fields[3].type, FieldType::boolean);
    EXPECT_EQ(layer.features[0].values, (std::vector<FieldValue>{std::string("a"), std::int64_t{3}, 0.5, std::int64_t{1}}));
    EXPECT_EQ(layer.features[1].values[0], FieldValue());
    EXPECT_EQ(layer.features[1].values[3], FieldValue());
}

TEST(ReadMixedLayer, TakesALayerWithoutACrsToBeInTheOneAssumed) {
    const TemporaryFolder folder;
    put(folder / "points.csv", "x,y\n9,45\n");
    put(folder / "points.vrt",
        "<OGRVRTDataSource><OGRVRTLayer name='points'><SrcDataSource relativeToVRT='1'>points.csv</SrcDataSource>"
        "<GeometryField encoding='PointFromColumns' x='x' y='y'/><GeometryType>wkbPoint</GeometryType>"
        "</OGRVRTLayer></OGRVRTDataSource>");
    const std::string utm = testing::wkt_of_epsg(32632);
    EXPECT_THAT(message_of([&] { read_mixed_layer(folder / "points.vrt", "", utm); }),
                HasSubstr("no coordinate reference system"));
    const MixedLayer layer = read_mixed_layer(folder / "points.vrt", "", utm, "EPSG:4326");
    EXPECT_NEAR(layer.features.at(0).points.at(0).x, 500000, 1e-3);
    EXPECT_THAT(message_of([&] { read_mixed_layer(folder / "points.vrt", "", utm, "EPSG:nonsense"); }),
                HasSubstr("EPSG:nonsense"));
}

}  // namespace
}  // namespace landseam::output
