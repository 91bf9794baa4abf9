// From pixels to the ground.
#pragma once

#include "landseam/core/polygon.h"
#include "landseam/raster/scene_info.h"

#include <memory>
#include <string>

namespace landseam::raster {

// The WKT 2 text of a CRS named as "EPSG:32632", as WKT or as a PROJ string; files and addresses are not looked at.
// Throws Error (usage) where it means nothing.
std::string crs_wkt_from(const std::string& definition);

struct GroundSize {
    double area_m2 = 0;      // holes taken away
    double perimeter_m = 0;  // all rings
};

// Where a scene lies, and how large things on it are. Cheap to copy; safe to use from many threads.
//
// Sizes are geodesic, on the ellipsoid of the scene's CRS (Karney 2013, PROJ's geodesic.h), so that
// web-mercator metres and degrees come out right. Edges are straight in the scene's CRS and are subdivided
// where they are long. Rings smaller than a kilometre are measured by the local metric of the map instead, which
// agrees with that to 1e-6 and needs no geodesic for each edge. In a local (engineering) CRS sizes are planar, in its linear unit. Without a CRS there
// are no sizes: NaN.
class Georeference {
public:
    // Throws Error if the CRS of `info` cannot be understood.
    explicit Georeference(const SceneInfo& info);

    // Whether the scene has a geotransform. If not, world coordinates are pixel coordinates.
    bool known() const;

    // Vertices keep their order, so a north-up scene turns the sense of rotation.
    MultiPolygon to_world(const MultiPolygon& pixels) const;

    GroundSize size(const MultiPolygon& world) const;
    double area_m2(const MultiPolygon& world) const { return size(world).area_m2; }
    double perimeter_m(const MultiPolygon& world) const { return size(world).perimeter_m; }
    double gsd_m() const;  // side of a square with the ground area of the pixel at the scene's centre

    // Ground lengths of a pixel's two sides at the scene's centre: along a row, along a column.
    Point pixel_size_m() const;

private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}  // namespace landseam::raster
