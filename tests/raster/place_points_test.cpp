#include "landseam/raster/place_points.h"

#include "raster_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <proj.h>

namespace landseam::raster {
namespace {

using testing::HasSubstr;

SceneInfo scene_at(const std::string& crs, const GeoTransform& transform) {
    register_gdal();
    SceneInfo scene;
    scene.path = "scene.tif";
    scene.width = scene.height = 1000;
    scene.geo_transform = transform;
    OGRSpatialReference reference;
    reference.SetFromUserInput(crs.c_str());
    char* text = nullptr;
    reference.exportToWkt(&text);
    scene.crs_wkt = text;
    CPLFree(text);
    return scene;
}

// PROJ asked directly.
Point projected(const char* from, const char* to, Point point) {
    PJ_CONTEXT* const context = proj_context_create();
    PJ* const raw = proj_create_crs_to_crs(context, from, to, nullptr);
    PJ* const way = proj_normalize_for_visualization(context, raw);
    const PJ_COORD result = proj_trans(way, PJ_FWD, proj_coord(point.x, point.y, 0, 0));
    proj_destroy(way);
    proj_destroy(raw);
    proj_context_destroy(context);
    return {result.xy.x, result.xy.y};
}

TEST(PlacePoints, BringsLongitudeAndLatitudeOntoAUtmSceneToATenthOfAPixel) {
    const GeoTransform transform{{333000, 0.1, 0, 3060000, 0, -0.1}};
    const SceneInfo scene = scene_at("EPSG:32645", transform);
    for (const Point lonlat : {Point{85.306, 27.65}, Point{85.31, 27.652}, Point{85.3059, 27.6519}}) {
        const Point expected = transform.to_pixel(projected("EPSG:4326", "EPSG:32645", lonlat));
        const Point pixel = place_points({lonlat}, "EPSG:4326", scene).at(0);
        EXPECT_NEAR(pixel.x, expected.x, 0.1);
        EXPECT_NEAR(pixel.y, expected.y, 0.1);
    }
}

TEST(PlacePoints, TakesTheScenesOwnCoordinatesAndPixels) {
    const SceneInfo rotated = scene_at("EPSG:32645", {{333000, 0.3, 0.4, 3060000, 0.4, -0.3}});
    const Point world = rotated.geo_transform->to_world({12.5, 7.25});
    EXPECT_NEAR(place_points({world}, "", rotated).at(0).x, 12.5, 1e-6);
    EXPECT_NEAR(place_points({world}, "", rotated).at(0).y, 7.25, 1e-6);
    EXPECT_EQ(place_points({{12.5, 7.25}}, "pixels", rotated).at(0), (Point{12.5, 7.25}));
}

TEST(PlacePoints, RefusesWhatHasNoPlace) {
    const SceneInfo scene = scene_at("EPSG:32645", {{333000, 0.1, 0, 3060000, 0, -0.1}});
    EXPECT_THROW(place_points({{1, 2}}, "EPSG:none", scene), Error);
    EXPECT_THROW(place_points({{1e300, 2}}, "", scene), Error);
    EXPECT_THROW(place_points({{1, 95}}, "EPSG:4326", scene), Error);
    SceneInfo plain;
    plain.width = plain.height = 10;
    EXPECT_EQ(place_points({{1, 2}}, "", plain).at(0), (Point{1, 2}));
    EXPECT_THROW(place_points({{1, 2}}, "EPSG:4326", plain), Error);
}

}  // namespace
}  // namespace landseam::raster
