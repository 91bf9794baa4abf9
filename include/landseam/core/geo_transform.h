// The affine map from pixels to world coordinates, as GDAL keeps it.
#pragma once

#include <array>

#include "landseam/core/polygon.h"

namespace landseam {

// World = (c[0] + px·c[1] + py·c[2], c[3] + px·c[4] + py·c[5]); pixel coordinates run along pixel *edges*: the upper
// left pixel covers [0, 1] × [0, 1]. Rotation and south-up rasters are allowed. Source: GDAL's geotransform tutorial.
struct GeoTransform {
    std::array<double, 6> c{0, 1, 0, 0, 0, 1};

    Point to_world(Point pixel) const {
        return {c[0] + pixel.x * c[1] + pixel.y * c[2], c[3] + pixel.x * c[4] + pixel.y * c[5]};
    }
    double determinant() const { return c[1] * c[5] - c[2] * c[4]; }
    // Undefined for a determinant of zero; raster::open_scene refuses such files.
    Point to_pixel(Point world) const {
        const double dx = world.x - c[0], dy = world.y - c[3], det = determinant();
        return {(dx * c[5] - dy * c[2]) / det, (dy * c[1] - dx * c[4]) / det};
    }
    // The transform of a grid whose pixel (0, 0) begins at `origin` of this one and whose pixels are `step_x` × `step_y`
    // of this one's.
    GeoTransform resampled(Point origin, double step_x, double step_y) const {
        const Point corner = to_world(origin);
        return {{corner.x, c[1] * step_x, c[2] * step_y, corner.y, c[4] * step_x, c[5] * step_y}};
    }
    bool is_identity() const { return c == std::array<double, 6>{0, 1, 0, 0, 0, 1}; }
};

}  // namespace landseam
