#include "landseam/vectors/outline_distance.h"

#include "landseam/core/error.h"
#include "landseam/vectors/simplify.h"

#include "vectors/geos.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace landseam::vectors {
namespace {

constexpr double most_places = 4096;  // along one edge

void add_places(const Ring& ring, double step, std::vector<Point>& places) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point a = ring[i], b = ring[(i + 1) % ring.size()];
        const double count = std::clamp(std::ceil(std::hypot(b.x - a.x, b.y - a.y) / step), 1.0, most_places);
        for (double k = 0; k < count; ++k)
            places.push_back({a.x + (b.x - a.x) * k / count, a.y + (b.y - a.y) * k / count});
    }
}

std::vector<Point> places_along(const MultiPolygon& polygons, double step) {
    std::vector<Point> places;
    for (const Polygon& polygon : polygons) {
        add_places(polygon.outer, step, places);
        for (const Ring& hole : polygon.holes) add_places(hole, step, places);
    }
    return places;
}

struct Sum {
    double distance = 0, largest = 0;
    std::size_t count = 0;
};

void add_distances(const Geos& geos, const std::vector<Point>& places, const MultiPolygon& other, Sum& sum) {
    const Geometry polygons = geos.to_geos(other);
    const Geometry outline = geos.checked(GEOSBoundary_r(geos.handle(), polygons.get()), "an outline");
    const auto destroy = [&](const GEOSPreparedGeometry* g) { GEOSPreparedGeom_destroy_r(geos.handle(), g); };
    const std::unique_ptr<const GEOSPreparedGeometry, decltype(destroy)> prepared(
        GEOSPrepare_r(geos.handle(), outline.get()), destroy);
    if (!prepared) geos.fail("an outline");
    for (const Point& place : places) {
        const Geometry point =
            geos.checked(GEOSGeom_createPointFromXY_r(geos.handle(), place.x, place.y), "a point");
        double distance = 0;
        if (!GEOSPreparedDistance_r(geos.handle(), prepared.get(), point.get(), &distance))
            geos.fail("a distance");
        sum.distance += distance;
        sum.largest = std::max(sum.largest, distance);
        ++sum.count;
    }
}

}  // namespace

OutlineDistance outline_distance(const MultiPolygon& a, const MultiPolygon& b, double step) {
    if (!(step > 0)) throw Error("", "a step along an outline must be above 0", "", ErrorKind::usage);
    const std::vector<Point> on_a = places_along(a, step), on_b = places_along(b, step);
    if (on_a.empty() || on_b.empty())
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    const Geos geos;
    Sum sum;
    add_distances(geos, on_a, b, sum);
    add_distances(geos, on_b, a, sum);
    return {sum.distance / static_cast<double>(sum.count), sum.largest};
}

double intersection_over_union(const MultiPolygon& a, const MultiPolygon& b) {
    const Geos geos;
    const Geometry first = geos.to_geos(make_valid(a)), second = geos.to_geos(make_valid(b));
    const double common = geos.area(
        geos.checked(GEOSIntersection_r(geos.handle(), first.get(), second.get()), "an intersection").get());
    const double both = geos.area(first.get()) + geos.area(second.get()) - common;
    return both > 0 ? common / both : 0;
}

}  // namespace landseam::vectors
