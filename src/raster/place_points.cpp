#include "landseam/raster/place_points.h"

#include "landseam/core/error.h"

#include "raster/gdal_messages.h"

#include <cmath>
#include <memory>

#include <ogr_spatialref.h>

namespace landseam::raster {
namespace {

using Transformation = std::unique_ptr<OGRCoordinateTransformation>;

Transformation to_scene_crs(const std::string& crs, const SceneInfo& scene) {
    const GdalMessages messages;
    OGRSpatialReference from, to;
    for (OGRSpatialReference* reference : {&from, &to})
        reference->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (from.SetFromUserInput(crs.c_str()) != OGRERR_NONE)
        throw Error(crs, "is no coordinate reference system that GDAL knows", "write it as EPSG:4326",
                    ErrorKind::usage);
    if (!scene.geo_transform || scene.crs_wkt.empty())
        throw Error(scene.path,
                    "has no coordinate reference system, so coordinates in '" + crs + "' have no place on it",
                    "give pixels, with 'pixels' as their coordinate reference system");
    to.importFromWkt(scene.crs_wkt.c_str());
    Transformation transformation(OGRCreateCoordinateTransformation(&from, &to));
    if (!transformation)
        throw Error(crs, "PROJ knows no way from it to the scene's coordinate reference system: " +
                             messages.cause("no reason given"));
    return transformation;
}

}  // namespace

std::vector<Point> place_points(const std::vector<Point>& points, const std::string& crs,
                                const SceneInfo& scene) {
    if (crs == "pixels") return points;
    const Transformation transformation = crs.empty() ? nullptr : to_scene_crs(crs, scene);
    std::vector<Point> placed;
    for (Point p : points) {
        const GdalMessages unheard;
        // Beyond 1e12 GDAL's web-mercator transformation wraps longitudes for ever.
        const bool sane = std::abs(p.x) <= 1e12 && std::abs(p.y) <= 1e12;
        if (!sane || (transformation && !transformation->Transform(1, &p.x, &p.y)))
            throw Error(std::to_string(p.x) + "," + std::to_string(p.y),
                        "has no place in the scene's coordinate reference system",
                        "check the coordinates, easting or longitude first, and their reference system",
                        ErrorKind::usage);
        placed.push_back(scene.geo_transform ? scene.geo_transform->to_pixel(p) : p);
    }
    return placed;
}

}  // namespace landseam::raster
