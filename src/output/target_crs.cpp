#include "output/target_crs.h"

#include "landseam/core/error.h"

#include "output/gdal_session.h"

#include <cmath>

#include <cpl_conv.h>

namespace landseam::output {

TargetCrs::TargetCrs(const std::string& path, const std::string& from_wkt, const std::string& to,
                     double max_deviation)
    : path_(path), max_deviation_(max_deviation) {
    if (from_wkt.empty())
        throw Error(path, "cannot be brought into '" + to + "': its scene has no coordinate reference system",
                    "leave --t-srs out, or assign one with gdal_edit.py -a_srs", ErrorKind::usage);
    const GdalMessages messages;
    if (to_.SetFromUserInput(to.c_str()) != OGRERR_NONE)
        throw Error("--t-srs", "'" + to + "' is no coordinate reference system: " + messages.reason(),
                    "give a code as EPSG:4326, WKT or a PROJ text", ErrorKind::usage);
    to_.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    const OGRSpatialReference from = spatial_reference(from_wkt);
    forth_.reset(OGRCreateCoordinateTransformation(&from, &to_));
    back_.reset(OGRCreateCoordinateTransformation(&to_, &from));
    if (!forth_ || !back_) throw Error(path, "cannot be brought into '" + to + "': " + messages.reason());
}

std::string TargetCrs::wkt() const {
    const char* const options[] = {"FORMAT=WKT2_2019", nullptr};
    char* text = nullptr;
    to_.exportToWkt(&text, options);
    const std::string wkt = text ? text : "";
    CPLFree(text);
    return wkt;
}

Point TargetCrs::forth(const Point& p) const {
    Point result = p;
    if (!forth_->Transform(1, &result.x, &result.y) || !std::isfinite(result.x) || !std::isfinite(result.y))
        throw Error(path_, "a polygon lies outside of what the CRS of --t-srs can express",
                    "choose another CRS");
    return result;
}

Point TargetCrs::back(const Point& p) const {
    Point result = p;
    if (!back_->Transform(1, &result.x, &result.y)) return {std::nan(""), std::nan("")};
    return result;
}

// Appends what lies between a and b, and b's place.
void TargetCrs::append_edge(const Point& a, const Point& b, const Point& to_a, const Point& to_b, int depth,
                            Ring& ring) const {
    constexpr int most_halvings = 12;
    if (depth < most_halvings && max_deviation_ > 0) {
        const Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
        const Point drawn = back({(to_a.x + to_b.x) / 2, (to_a.y + to_b.y) / 2});
        if (std::hypot(drawn.x - middle.x, drawn.y - middle.y) > max_deviation_) {
            const Point to_middle = forth(middle);
            append_edge(a, middle, to_a, to_middle, depth + 1, ring);
            append_edge(middle, b, to_middle, to_b, depth + 1, ring);
            return;
        }
    }
    ring.push_back(to_b);
}

Ring TargetCrs::place(const Ring& ring) const {
    Ring placed;
    if (ring.empty()) return placed;
    Point to_a = forth(ring.back());
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point& a = ring[(i + ring.size() - 1) % ring.size()];
        const Point to_b = forth(ring[i]);
        append_edge(a, ring[i], to_a, to_b, 0, placed);
        to_a = to_b;
    }
    return placed;
}

MultiPolygon TargetCrs::place(const MultiPolygon& polygons) const {
    const GdalMessages messages;
    MultiPolygon placed;
    for (const Polygon& polygon : polygons) {
        placed.push_back({place(polygon.outer), {}});
        for (const Ring& hole : polygon.holes) placed.back().holes.push_back(place(hole));
    }
    return placed;
}

}  // namespace landseam::output
