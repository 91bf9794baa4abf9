// Polygons with all their points moved.
#pragma once

#include "landseam/core/polygon.h"

#include <utility>

namespace landseam::pipeline {

// `map` takes and returns a Point.
template <typename Map>
MultiPolygon mapped(MultiPolygon polygons, const Map& map) {
    for (Polygon& polygon : polygons) {
        for (Point& p : polygon.outer) p = map(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) p = map(p);
    }
    return polygons;
}

// Each axis by its own factor.
inline MultiPolygon scaled(MultiPolygon polygons, Point by) {
    return mapped(std::move(polygons), [by](Point p) { return Point{p.x * by.x, p.y * by.y}; });
}

}  // namespace landseam::pipeline
