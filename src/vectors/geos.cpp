#include "vectors/geos.h"

#include "landseam/core/error.h"

#include <utility>
#include <vector>

namespace landseam::vectors {
namespace {

void keep_message(const char* text, void* message) {
    *static_cast<std::string*>(message) = text;
}

}  // namespace

Geos::Geos() : handle_(GEOS_init_r()) {
    GEOSContext_setErrorMessageHandler_r(handle_, keep_message, &message_);
}

Geos::~Geos() {
    GEOS_finish_r(handle_);
}

Geometry Geos::own(GEOSGeometry* geometry) const {
    return {geometry, [handle = handle_](GEOSGeometry* g) { GEOSGeom_destroy_r(handle, g); }};
}

Geometry Geos::checked(GEOSGeometry* geometry, const char* operation) const {
    if (!geometry) fail(operation);
    return own(geometry);
}

void Geos::fail(const char* operation) const {
    throw Error("", std::string("GEOS could not do ") + operation + ": " + message_,
                "check the polygons for coordinates that are not finite");
}

Geometry Geos::ring_to_geos(const Ring& ring) const {
    std::vector<double> closed;
    closed.reserve(2 * ring.size() + 2);
    for (const Point& point : ring) {
        closed.push_back(point.x);
        closed.push_back(point.y);
    }
    closed.push_back(ring.front().x);
    closed.push_back(ring.front().y);
    GEOSCoordSequence* sequence =
        GEOSCoordSeq_copyFromBuffer_r(handle_, closed.data(), static_cast<unsigned>(ring.size() + 1), 0, 0);
    if (!sequence) fail("a ring");
    return checked(GEOSGeom_createLinearRing_r(handle_, sequence), "a ring");
}

Geometry Geos::to_geos(const MultiPolygon& polygons) const {
    std::vector<Geometry> parts;
    for (const Polygon& polygon : polygons) {
        if (polygon.outer.size() < 3) continue;
        Geometry outer = ring_to_geos(polygon.outer);
        std::vector<Geometry> holes;
        for (const Ring& hole : polygon.holes)
            if (hole.size() >= 3) holes.push_back(ring_to_geos(hole));
        std::vector<GEOSGeometry*> given;
        for (Geometry& hole : holes) given.push_back(hole.release());
        parts.push_back(checked(GEOSGeom_createPolygon_r(handle_, outer.release(), given.data(),
                                                         static_cast<unsigned>(given.size())),
                                "a polygon"));
    }
    std::vector<GEOSGeometry*> given;
    for (Geometry& part : parts) given.push_back(part.release());
    return checked(GEOSGeom_createCollection_r(handle_, GEOS_MULTIPOLYGON, given.data(),
                                               static_cast<unsigned>(given.size())),
                   "a multipolygon");
}

Ring Geos::ring_from_geos(const GEOSGeometry* ring) const {
    const GEOSCoordSequence* sequence = GEOSGeom_getCoordSeq_r(handle_, ring);
    unsigned count = 0;
    if (!sequence || !GEOSCoordSeq_getSize_r(handle_, sequence, &count)) fail("a ring");
    std::vector<double> values(2 * static_cast<std::size_t>(count));
    if (!GEOSCoordSeq_copyToBuffer_r(handle_, sequence, values.data(), 0, 0)) fail("a ring");
    Ring result;
    for (std::size_t i = 0; i + 1 < count; ++i) result.push_back({values[2 * i], values[2 * i + 1]});
    return result;
}

MultiPolygon Geos::from_geos(const GEOSGeometry* geometry) const {
    MultiPolygon result;
    const int type = GEOSGeomTypeId_r(handle_, geometry);
    if (type == GEOS_POLYGON) {
        if (GEOSisEmpty_r(handle_, geometry)) return result;
        Polygon polygon;
        polygon.outer = ring_from_geos(GEOSGetExteriorRing_r(handle_, geometry));
        const int holes = GEOSGetNumInteriorRings_r(handle_, geometry);
        for (int i = 0; i < holes; ++i)
            polygon.holes.push_back(ring_from_geos(GEOSGetInteriorRingN_r(handle_, geometry, i)));
        result.push_back(std::move(polygon));
    } else if (type == GEOS_MULTIPOLYGON || type == GEOS_GEOMETRYCOLLECTION) {
        const int count = GEOSGetNumGeometries_r(handle_, geometry);
        for (int i = 0; i < count; ++i)
            for (Polygon& part : from_geos(GEOSGetGeometryN_r(handle_, geometry, i)))
                result.push_back(std::move(part));
    }
    return result;
}

double Geos::area(const GEOSGeometry* geometry) const {
    double area = 0;
    if (!GEOSArea_r(handle_, geometry, &area)) fail("an area");
    return area;
}

}  // namespace landseam::vectors
