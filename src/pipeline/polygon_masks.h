// The pixels of a scene that polygons cover.
#pragma once

#include "landseam/core/polygon_fill.h"
#include "landseam/raster/scene_info.h"

#include <algorithm>
#include <cmath>

namespace landseam::pipeline {

// Of polygons in scene pixels, cut off at the scene's border.
inline RunMask polygon_mask(const MultiPolygon& outline, const raster::SceneInfo& info) {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
    for (const Polygon& polygon : outline)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    const auto pixel = [](double at, std::int64_t length) {
        return static_cast<std::int64_t>(std::clamp(std::floor(at), 0.0, static_cast<double>(length)));
    };
    const std::int64_t x = pixel(x0, info.width), y = pixel(y0, info.height);
    const PixelBox frame{x, y, pixel(x1 + 1, info.width) - x, pixel(y1 + 1, info.height) - y};
    return frame.empty() ? RunMask() : fill_polygons(outline, frame);
}

}  // namespace landseam::pipeline
