#include "landseam/raster/georeference.h"

#include "raster_fixture.h"

#include <cmath>
#include <memory>
#include <vector>

#include <geodesic.h>
#include <gtest/gtest.h>

namespace landseam::raster {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::string wkt(const std::string& crs) {
    register_gdal();
    OGRSpatialReference reference;
    reference.SetFromUserInput(crs.c_str());
    char* text = nullptr;
    const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
    reference.exportToWkt(&text, options);
    const std::string out = text ? text : "";
    CPLFree(text);
    return out;
}

SceneInfo scene(const std::string& crs, std::array<double, 6> transform, int side = 100) {
    SceneInfo info;
    info.path = "scene";
    info.width = info.height = side;
    info.geo_transform = GeoTransform{transform};
    info.crs_wkt = crs.empty() ? "" : wkt(crs);
    return info;
}

Polygon box(double x0, double y0, double x1, double y1) {
    return {{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {}};
}

// Area of the WGS 84 ellipsoid between the equator and a latitude, for `width` degrees of longitude. Source:
// Snyder, Map Projections: A Working Manual, equation 3-12.
double zone_area(double latitude, double width) {
    const double a = 6378137, f = 1 / 298.257223563, e2 = f * (2 - f), e = std::sqrt(e2);
    const double s = std::sin(latitude * kPi / 180);
    const double q = (1 - e2) * (s / (1 - e2 * s * s) - std::log((1 - e * s) / (1 + e * s)) / (2 * e));
    return a * a * q / 2 * width * kPi / 180;
}

TEST(Georeference, ADegreeCellHasTheAreaOfItsZone) {
    const Georeference degrees(scene("EPSG:4326", {0, 0.01, 0, 60, 0, -0.01}));
    for (const double south : {0.0, 30.0, 59.0, 85.0}) {
        const double expected = zone_area(south + 1, 1) - zone_area(south, 1);
        EXPECT_NEAR(degrees.area_m2({box(10, south, 11, south + 1)}) / expected, 1, 1e-7) << south;
    }
}

TEST(Georeference, MercatorMetresAreBroughtToTheGround) {
    const Georeference mercator(scene("EPSG:3857", {2226389, 0.5, 0, 8399737, 0, -0.5}));
    // Spherical Mercator: x = a·λ, y = a·ln tan(π/4 + φ/2), here turned back into latitudes.
    const double a = 6378137;
    const auto latitude = [&](double y) { return (2 * std::atan(std::exp(y / a)) - kPi / 2) * 180 / kPi; };
    const double x0 = 2226389, y0 = 8399000, side = 30;
    const double expected =
        (zone_area(latitude(y0 + side), 1) - zone_area(latitude(y0), 1)) * (side / a * 180 / kPi);
    EXPECT_NEAR(mercator.area_m2({box(x0, y0, x0 + side, y0 + side)}), expected, expected * 1e-6);
    EXPECT_NEAR(mercator.gsd_m(), 0.25, 0.002);
}

// A star of 40 corners within `radius` units of a place.
Ring star(double x, double y, double radius) {
    Ring ring;
    for (int i = 0; i < 40; ++i) {
        const double angle = 2 * kPi * i / 40, reach = radius * (i % 2 ? 1 : 0.35 + 0.01 * i);
        ring.push_back({x + reach * std::cos(angle), y + reach * std::sin(angle)});
    }
    return ring;
}

TEST(Georeference, SmallFiguresHaveTheSizesThatGeodesicsGive) {
    struct Place {
        const char* crs;
        double x, y, unit;  // unit: one metre, about
    };
    for (const Place& place : {Place{"EPSG:32632", 203000, 6900123, 1},
                               {"EPSG:32733", 833000, 8100000, 1},
                               {"EPSG:3857", 2226389, 8399737, 1},
                               {"EPSG:4326", 171.3, -43.2, 1e-5},
                               {"EPSG:4326", 20, 79, 1e-5},
                               {"EPSG:2154", 652000, 6862000, 1},
                               {"EPSG:3031", 900000, 1200000, 1},
                               {"EPSG:2263", 987000, 210000, 3.28}})
        for (const double radius : {0.7, 30.0, 450.0}) {
            const SceneInfo info = scene(place.crs, {place.x, place.unit, 0, place.y, 0, -place.unit});
            const Ring ring = star(place.x, place.y, radius * place.unit);
            OGRSpatialReference crs, geographic;
            crs.importFromWkt(info.crs_wkt.c_str());
            geographic.CopyGeogCSFrom(&crs);
            crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
            geographic.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
            const std::unique_ptr<OGRCoordinateTransformation> to_lonlat(
                OGRCreateCoordinateTransformation(&crs, &geographic));
            std::vector<double> longitudes, latitudes;
            for (std::size_t i = 0; i < ring.size(); ++i)
                for (int k = 0; k < 50; ++k) {  // edges are straight in the CRS
                    const Point a = ring[i], b = ring[(i + 1) % ring.size()];
                    double x = a.x + (b.x - a.x) * k / 50, y = a.y + (b.y - a.y) * k / 50;
                    to_lonlat->Transform(1, &x, &y);
                    longitudes.push_back(x);
                    latitudes.push_back(y);
                }
            geod_geodesic ellipsoid;
            geod_init(&ellipsoid, geographic.GetSemiMajor(), 1 / geographic.GetInvFlattening());
            double area = 0, perimeter = 0;
            geod_polygonarea(&ellipsoid, latitudes.data(), longitudes.data(),
                             static_cast<int>(longitudes.size()), &area, &perimeter);
            const GroundSize size = Georeference(info).size({{ring, {}}});
            // Geodesic areas are good to a thousandth of a square metre.
            EXPECT_NEAR(size.area_m2, std::abs(area), 1e-3 + 1e-6 * std::abs(area))
                << place.crs << " " << radius;
            EXPECT_NEAR(size.perimeter_m / perimeter, 1, 1e-6) << place.crs << " " << radius;
        }
}

TEST(Georeference, TinyPixelsKeepTheirArea) {
    const Georeference utm(scene("EPSG:32631", {500000, 0.05, 0, 4649776, 0, -0.05}));
    EXPECT_NEAR(utm.area_m2(utm.to_world({box(0, 0, 1, 1)})), 0.05 * 0.05 / (0.9996 * 0.9996), 1e-7);
    EXPECT_NEAR(utm.gsd_m(), 0.05 / 0.9996, 1e-5);
}

TEST(Georeference, HolesAreTakenAwayAndTheirEdgesCount) {
    const Georeference utm(scene("EPSG:32631", {500000, 1, 0, 4649776, 0, -1}));
    Polygon ring = box(0, 0, 10, 10);
    ring.holes.push_back(box(2, 2, 6, 5).outer);
    const MultiPolygon world = utm.to_world({ring});
    const double scale = 1 / 0.9996;
    EXPECT_NEAR(utm.area_m2(world), (100 - 12) * scale * scale, 1e-4);
    EXPECT_NEAR(utm.perimeter_m(world), (40 + 14) * scale, 1e-4);
}

TEST(Georeference, RotatedScenesPlaceAndMeasureRight) {
    const double c = 0.6 * std::cos(0.3), s = 0.6 * std::sin(0.3);
    const Georeference utm(scene("EPSG:32631", {500000, c, s, 4649776, s, -c}));
    const MultiPolygon world = utm.to_world({box(0, 0, 10, 20)});
    EXPECT_DOUBLE_EQ(world[0].outer[2].x, 500000 + 10 * c + 20 * s);
    EXPECT_DOUBLE_EQ(world[0].outer[2].y, 4649776 + 10 * s - 20 * c);
    EXPECT_NEAR(utm.area_m2(world), 6 * 12 / (0.9996 * 0.9996), 1e-4);
    EXPECT_NEAR(utm.pixel_size_m().x, 0.6 / 0.9996, 1e-5);
}

TEST(Georeference, AreasAcrossTheDateLineAndOnOtherPlanetsAreFine) {
    const Georeference dateline(scene("EPSG:32660", {800000, 100, 0, 100000, 0, -100}));
    const double plain = dateline.area_m2({box(833000, 50000, 834000, 51000)});
    const double across = dateline.area_m2({box(833500, 50000, 834500, 51000)});  // 180° is at 833,978
    EXPECT_NEAR(across / plain, 1, 1e-4);
    const Georeference mars(scene("+proj=longlat +R=3396190 +no_defs", {0, 0.01, 0, 10, 0, -0.01}));
    const double radius = 3396190;
    const double expected = radius * radius * std::sin(kPi / 180) * kPi / 180;
    EXPECT_NEAR(mars.area_m2({box(0, 0, 1, 1)}) / expected, 1, 1e-6);
}

TEST(Georeference, FeetAndGradsAreUnderstood) {
    // California zone 3 in US survey feet: scale near 1.
    const Georeference feet(scene("EPSG:2227", {6000000, 1, 0, 2100000, 0, -1}));
    EXPECT_NEAR(feet.gsd_m(), 1200.0 / 3937, 1e-4);
    // NTF (Paris) counts in grads: a 0.01 grad cell at 50 grad = 45° north.
    const Georeference grads(scene("EPSG:4807", {0, 0.01, 0, 50, 0, -0.01}, 2));
    EXPECT_NEAR(grads.pixel_size_m().y, 1000, 2);
    EXPECT_NEAR(grads.pixel_size_m().x, 1000 * std::cos(kPi / 4), 3);
}

TEST(Georeference, VerticalPartsOfACrsDoNotMatter) {
    const Georeference flat(scene("EPSG:32631", {500000, 1, 0, 4649776, 0, -1}));
    const Georeference compound(scene("EPSG:32631+5773", {500000, 1, 0, 4649776, 0, -1}));
    EXPECT_DOUBLE_EQ(compound.gsd_m(), flat.gsd_m());
}

TEST(Georeference, LocalCrsArePlanarInTheirUnit) {
    const Georeference local(scene("LOCAL_CS[\"site\",UNIT[\"foot\",0.3048]]", {0, 2, 0, 0, 0, -2}));
    EXPECT_NEAR(local.area_m2(local.to_world({box(0, 0, 3, 5)})), 15 * 4 * 0.3048 * 0.3048, 1e-9);
    EXPECT_NEAR(local.perimeter_m(local.to_world({box(0, 0, 3, 5)})), 16 * 2 * 0.3048, 1e-9);
    EXPECT_NEAR(local.gsd_m(), 2 * 0.3048, 1e-12);
}

TEST(Georeference, WithoutACrsThereAreNoSizes) {
    const Georeference placed_only(scene("", {100, 2, 0, 200, 0, -2}));
    EXPECT_TRUE(placed_only.known());
    EXPECT_EQ(placed_only.to_world({box(0, 0, 1, 1)})[0].outer[2].x, 102);
    EXPECT_TRUE(std::isnan(placed_only.area_m2({box(0, 0, 1, 1)})));
    SceneInfo nothing;
    nothing.width = nothing.height = 4;
    const Georeference unknown(nothing);
    EXPECT_FALSE(unknown.known());
    EXPECT_EQ(unknown.to_world({box(1, 2, 3, 4)})[0].outer[0], (Point{1, 2}));
    EXPECT_TRUE(std::isnan(unknown.perimeter_m({box(0, 0, 1, 1)})));
    EXPECT_TRUE(std::isnan(unknown.gsd_m()));
}

TEST(Georeference, PlacesBeyondThePlanetHaveNoSize) {
    const Georeference mercator(scene("EPSG:3857", {0, 1, 0, 0, 0, -1}));
    EXPECT_TRUE(std::isnan(mercator.area_m2({box(6e63, 0, 7e63, 1e60)})));
}

TEST(Georeference, ABrokenCrsIsAnError) {
    SceneInfo info = scene("", {0, 1, 0, 0, 0, -1});
    info.crs_wkt = "PROJCRS[\"half a";
    EXPECT_NE(error_text([&] { Georeference{info}; }).find("cannot be understood"), std::string::npos);
}

}  // namespace
}  // namespace landseam::raster
