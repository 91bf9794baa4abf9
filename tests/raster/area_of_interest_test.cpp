#include "landseam/raster/area_of_interest.h"

#include "raster_fixture.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

namespace landseam::raster {
namespace {

using testing::AllOf;
using testing::HasSubstr;

double zero(int, int, int) {
    return 0;
}

SceneInfo utm_scene(const TempFolder& folder) {
    return open_scene(write_raster(folder / "scene.tif", {4000, 3000, 1, GDT_Byte, {"SPARSE_OK=TRUE"}}, zero,
                                   placed({500000, 0.3, 0, 4649776, 0, -0.3}, "EPSG:32631")))
        ->info();
}

void write_layer(const std::string& path, const std::string& driver, const std::vector<std::string>& layers,
                 const std::string& crs, const std::vector<std::string>& shapes) {
    const std::unique_ptr<GDALDataset> dataset(GetGDALDriverManager()
                                                   ->GetDriverByName(driver.c_str())
                                                   ->Create(path.c_str(), 0, 0, 0, GDT_Unknown, nullptr));
    OGRSpatialReference reference;
    reference.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (!crs.empty()) reference.SetFromUserInput(crs.c_str());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        OGRLayer* layer =
            dataset->CreateLayer(layers[i].c_str(), crs.empty() ? nullptr : &reference, wkbUnknown, nullptr);
        OGRGeometry* geometry = nullptr;
        ASSERT_EQ(OGRGeometryFactory::createFromWkt(shapes[i].c_str(), nullptr, &geometry), OGRERR_NONE);
        OGRFeature feature(layer->GetLayerDefn());
        feature.SetGeometryDirectly(geometry);
        ASSERT_EQ(layer->CreateFeature(&feature), OGRERR_NONE);
    }
}

TEST(AreaOfInterest, ABoxIsInTheScenesCoordinates) {
    TempFolder folder;
    const MultiPolygon area = read_area_of_interest("500030, 4649700,500090,4649746", utm_scene(folder));
    ASSERT_EQ(area.size(), 1u);
    EXPECT_NEAR(landseam::area(area), (60 / 0.3) * (46 / 0.3), 1e-3);
    EXPECT_NEAR(area[0].outer[0].x, 100, 1e-6);
    EXPECT_NEAR(area[0].outer[2].y, 100, 1e-6);
}

TEST(AreaOfInterest, WithoutGeoreferenceABoxIsInPixels) {
    SceneInfo scene;
    scene.width = scene.height = 50;
    const MultiPolygon area = read_area_of_interest("10,20,30,45", scene);
    EXPECT_EQ(area[0].outer[2], (Point{30, 45}));
}

TEST(AreaOfInterest, MalformedBoxesAreUsageErrors) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    for (const char* spec : {"1,2,3", "1,2,3,4,5", "500090,4649700,500030,4649746", "nan,0,1,1", "7"})
        EXPECT_THAT(error_text([&] { read_area_of_interest(spec, scene); }, ErrorKind::usage),
                    HasSubstr("minx,miny,maxx,maxy"));
}

TEST(AreaOfInterest, APolygonInAnotherCrsLandsWithinATenthOfAPixel) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    // A box in degrees, whose long edges are curves in UTM.
    const double west = 3.0005, east = 3.0135, south = 41.995, north = 41.9985;
    write_layer(folder / "area.geojson", "GeoJSON", {"area"}, "EPSG:4326",
                {"POLYGON ((3.0005 41.995, 3.0135 41.995, 3.0135 41.9985, 3.0005 41.9985, 3.0005 41.995))"});
    const MultiPolygon area = read_area_of_interest(folder / "area.geojson", scene);
    ASSERT_EQ(area.size(), 1u);
    OGRSpatialReference degrees, utm;
    degrees.SetFromUserInput("EPSG:4326");
    utm.SetFromUserInput("EPSG:32631");
    degrees.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    const std::unique_ptr<OGRCoordinateTransformation> to_utm(
        OGRCreateCoordinateTransformation(&degrees, &utm));
    const Ring& ring = area[0].outer;
    // Every point of the true outline is within a tenth of a pixel of the ring.
    for (int i = 0; i <= 400; ++i) {
        const double t = i % 100 / 100.0;
        double x = i < 200 ? west + (east - west) * t : (i < 300 ? west : east);
        double y = i < 100 ? south : i < 200 ? north : south + (north - south) * t;
        ASSERT_TRUE(to_utm->Transform(1, &x, &y));
        const Point p = scene.geo_transform->to_pixel({x, y});
        double nearest = 1e9;
        for (std::size_t k = 0; k < ring.size(); ++k) {
            const Point a = ring[k], b = ring[(k + 1) % ring.size()];
            const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
            const double s =
                length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
            nearest = std::min(nearest, std::hypot(p.x - a.x - s * dx, p.y - a.y - s * dy));
        }
        ASSERT_LT(nearest, 0.1) << i;
    }
    EXPECT_GT(ring.size(), 4u) << "a 1 km edge bends by more than the tolerance";
}

TEST(AreaOfInterest, AllLayersPolygonsHolesAndCollectionsCount) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    write_layer(
        folder / "area.gpkg", "GPKG", {"one", "two"}, "EPSG:32631",
        {"POLYGON ((500000 4649700,500060 4649700,500060 4649730,500000 4649730,500000 4649700),"
         "(500010 4649710,500020 4649710,500020 4649720,500010 4649720,500010 4649710))",
         "GEOMETRYCOLLECTION (POINT (0 0), MULTIPOLYGON (((500100 4649700,500130 4649700,500130 4649730,"
         "500100 4649700)),((500200 4649700,500230 4649700,500230 4649730,500200 4649700))))"});
    const MultiPolygon area = read_area_of_interest(folder / "area.gpkg", scene);
    ASSERT_EQ(area.size(), 3u);
    EXPECT_NEAR(landseam::area(area), (60 * 30 - 100 + 450 + 450) / 0.09, 1e-2);
}

TEST(AreaOfInterest, CurvesBecomeChords) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    write_layer(folder / "area.gpkg", "GPKG", {"disc"}, "EPSG:32631",
                {"CURVEPOLYGON (CIRCULARSTRING (500100 4649600, 500130 4649600, 500100 4649600))"});
    const double expected = 3.14159265 * 15 * 15 / 0.09;
    EXPECT_NEAR(landseam::area(read_area_of_interest(folder / "area.gpkg", scene)) / expected, 1, 0.01);
}

TEST(AreaOfInterest, WhatMissesTheSceneIsAnErrorEvenIfItsBoundsDoNot) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    const auto refused = [&](const std::string& spec) {
        return error_text([&] { read_area_of_interest(spec, scene); });
    };
    EXPECT_THAT(refused("0,0,10,10"), AllOf(HasSubstr("does not touch"), HasSubstr("UTM zone 31N")));
    // A frame around the scene: its bounds cover it, its hole leaves it out.
    write_layer(folder / "frame.gpkg", "GPKG", {"frame"}, "EPSG:32631",
                {"POLYGON ((490000 4640000,510000 4640000,510000 4660000,490000 4660000,490000 4640000),"
                 "(499000 4648000,502000 4648000,502000 4650000,499000 4650000,499000 4648000))"});
    EXPECT_THAT(refused(folder / "frame.gpkg"), HasSubstr("does not touch"));
}

TEST(AreaOfInterest, FilesThatCannotServeAreNamed) {
    TempFolder folder;
    const SceneInfo scene = utm_scene(folder);
    const auto refused = [&](const std::string& spec) {
        return error_text([&] { read_area_of_interest(spec, scene); });
    };
    EXPECT_THAT(refused(folder / "no.gpkg"), HasSubstr("No such file"));
    EXPECT_THAT(refused(scene.path), HasSubstr("cannot be read"));
    write_layer(folder / "lines.gpkg", "GPKG", {"lines"}, "EPSG:32631",
                {"LINESTRING (500000 4649700,500060 4649700)"});
    EXPECT_THAT(refused(folder / "lines.gpkg"), HasSubstr("no polygon"));
    SceneInfo unplaced;
    unplaced.width = unplaced.height = 50;
    write_layer(folder / "area.gpkg", "GPKG", {"area"}, "EPSG:4326", {"POLYGON ((0 0,1 0,1 1,0 0))"});
    EXPECT_THAT(error_text([&] { read_area_of_interest(folder / "area.gpkg", unplaced); }),
                HasSubstr("in pixels"));
}

}  // namespace
}  // namespace landseam::raster
