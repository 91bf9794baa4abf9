// Geometries found again by where they lie.
#pragma once

#include "vectors/geos.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace landseam::vectors {

// Made once for all; neither the session with GEOS nor the geometries may go before it.
class GeometryIndex {
public:
    // Null pointers are passed over, and so are never found.
    GeometryIndex(const Geos& geos, const std::vector<const GEOSGeometry*>& geometries);

    // The places in the list of those whose envelopes meet this one's, in order.
    std::vector<std::size_t> near(const GEOSGeometry* geometry) const;

private:
    const Geos& geos_;
    std::vector<std::size_t> places_;  // what the tree points to
    std::unique_ptr<GEOSSTRtree, std::function<void(GEOSSTRtree*)>> tree_;
};

}  // namespace landseam::vectors
