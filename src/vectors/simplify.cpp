#include "landseam/vectors/simplify.h"

#include "landseam/core/error.h"

#include "vectors/geos.h"

#include <cmath>

namespace landseam::vectors {
namespace {

bool has_broken_ring(const MultiPolygon& polygons, std::string* reason) {
    const auto broken = [&](const Ring& ring) {
        bool finite = true;
        for (const Point& point : ring) finite = finite && std::isfinite(point.x) && std::isfinite(point.y);
        if (finite && ring.size() >= 3) return false;
        if (reason) *reason = finite ? "A ring has fewer than three vertices" : "A coordinate is not finite";
        return true;
    };
    for (const Polygon& polygon : polygons) {
        if (broken(polygon.outer)) return true;
        for (const Ring& hole : polygon.holes)
            if (broken(hole)) return true;
    }
    return false;
}

bool valid_in(const Geos& geos, const GEOSGeometry* geometry) {
    const char valid = GEOSisValid_r(geos.handle(), geometry);
    if (valid == 2) geos.fail("the validity check");
    return valid == 1;
}

}  // namespace

MultiPolygon simplify(const MultiPolygon& polygons, double tolerance) {
    if (!(tolerance >= 0) || std::isinf(tolerance))
        throw Error("", "a simplification tolerance of " + std::to_string(tolerance) + " makes no sense",
                    "give a number of pixels that is 0 or more", ErrorKind::usage);
    if (tolerance == 0 || polygons.empty()) return polygons;
    const Geos geos;
    const Geometry input = geos.to_geos(polygons);
    const Geometry simplified =
        geos.checked(GEOSTopologyPreserveSimplify_r(geos.handle(), input.get(), tolerance), "simplification");
    MultiPolygon result = geos.from_geos(simplified.get());
    if (!valid_in(geos, simplified.get())) result = make_valid(result);
    // Polygons that vanished may not be swept under the rug; a repair may split one, but never lose one.
    return result.size() < polygons.size() ? polygons : result;
}

bool is_valid(const MultiPolygon& polygons, std::string* reason) {
    if (has_broken_ring(polygons, reason)) return false;
    const Geos geos;
    const Geometry geometry = geos.to_geos(polygons);
    if (valid_in(geos, geometry.get())) return true;
    if (reason) {
        char* text = GEOSisValidReason_r(geos.handle(), geometry.get());
        if (text) *reason = text;
        GEOSFree_r(geos.handle(), text);
    }
    return false;
}

MultiPolygon make_valid(const MultiPolygon& polygons) {
    if (is_valid(polygons)) return polygons;
    MultiPolygon finite;
    for (const Polygon& polygon : polygons) {
        if (has_broken_ring({{polygon.outer, {}}}, nullptr)) continue;
        Polygon kept{polygon.outer, {}};
        for (const Ring& hole : polygon.holes)
            if (!has_broken_ring({{hole, {}}}, nullptr)) kept.holes.push_back(hole);
        finite.push_back(std::move(kept));
    }
    const Geos geos;
    const Geometry geometry = geos.to_geos(finite);
    // The structure method: outer rings are united and holes taken away. GEOSMakeValid's default would turn
    // what two overlapping polygons share into a hole.
    const std::unique_ptr<GEOSMakeValidParams, std::function<void(GEOSMakeValidParams*)>> params(
        GEOSMakeValidParams_create_r(geos.handle()),
        [handle = geos.handle()](GEOSMakeValidParams* p) { GEOSMakeValidParams_destroy_r(handle, p); });
    GEOSMakeValidParams_setMethod_r(geos.handle(), params.get(), GEOS_MAKE_VALID_STRUCTURE);
    const Geometry repaired =
        geos.checked(GEOSMakeValidWithParams_r(geos.handle(), geometry.get(), params.get()), "the repair");
    return geos.from_geos(repaired.get());
}

}  // namespace landseam::vectors
