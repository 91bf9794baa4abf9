// GEOS behind its reentrant C interface, with owners for what it allocates and Error for what it reports.
#pragma once

#include "landseam/core/polygon.h"

#include <functional>
#include <memory>
#include <string>

#include <geos_c.h>

namespace landseam::vectors {

using Geometry = std::unique_ptr<GEOSGeometry, std::function<void(GEOSGeometry*)>>;

// One session with GEOS, for one thread. Geometries must not outlive it.
class Geos {
public:
    Geos();
    ~Geos();
    Geos(const Geos&) = delete;
    Geos& operator=(const Geos&) = delete;

    GEOSContextHandle_t handle() const { return handle_; }
    Geometry own(GEOSGeometry* geometry) const;
    // The same, but throws Error with GEOS's message where it gave no geometry.
    Geometry checked(GEOSGeometry* geometry, const char* operation) const;
    [[noreturn]] void fail(const char* operation) const;

    // A MultiPolygon, valid or not; rings of fewer than three vertices are left out, for GEOS cannot hold
    // them.
    Geometry to_geos(const MultiPolygon& polygons) const;
    // The polygons in any geometry; lines, points and empty polygons are left out.
    MultiPolygon from_geos(const GEOSGeometry* geometry) const;
    double area(const GEOSGeometry* geometry) const;

private:
    Geometry ring_to_geos(const Ring& ring) const;
    Ring ring_from_geos(const GEOSGeometry* ring) const;

    GEOSContextHandle_t handle_ = nullptr;
    std::string message_;  // GEOS's last complaint
};

}  // namespace landseam::vectors
