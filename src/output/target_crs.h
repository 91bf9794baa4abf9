// Polygons brought into another CRS without cutting corners.
#pragma once

#include "landseam/core/polygon.h"

#include <memory>
#include <string>

#include <ogr_spatialref.h>

namespace landseam::output {

class TargetCrs {
public:
    // `to` is anything that GDAL understands. Throws Error: no CRS to come from, none to go to, no way
    // between.
    TargetCrs(const std::string& path, const std::string& from_wkt, const std::string& to,
              double max_deviation);

    std::string wkt() const;  // WKT 2
    // Edges are halved, in the old CRS, where their middle would come to lie farther off than max_deviation;
    // alike for both polygons along an edge. Throws Error outside of the CRS's domain.
    MultiPolygon place(const MultiPolygon& polygons) const;

private:
    Point forth(const Point& p) const;
    Point back(const Point& p) const;
    void append_edge(const Point& a, const Point& b, const Point& to_a, const Point& to_b, int depth,
                     Ring& ring) const;
    Ring place(const Ring& ring) const;

    std::string path_;
    OGRSpatialReference to_;
    std::unique_ptr<OGRCoordinateTransformation> forth_, back_;
    double max_deviation_;
};

}  // namespace landseam::output
