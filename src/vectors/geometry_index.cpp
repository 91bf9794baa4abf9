#include "vectors/geometry_index.h"

#include <algorithm>
#include <numeric>

namespace landseam::vectors {

GeometryIndex::GeometryIndex(const Geos& geos, const std::vector<const GEOSGeometry*>& geometries)
    : geos_(geos),
      places_(geometries.size()),
      tree_(GEOSSTRtree_create_r(geos.handle(), 10),
            [handle = geos.handle()](GEOSSTRtree* tree) { GEOSSTRtree_destroy_r(handle, tree); }) {
    std::iota(places_.begin(), places_.end(), std::size_t{0});
    for (std::size_t& place : places_)
        if (geometries[place]) GEOSSTRtree_insert_r(geos.handle(), tree_.get(), geometries[place], &place);
}

std::vector<std::size_t> GeometryIndex::near(const GEOSGeometry* geometry) const {
    std::vector<std::size_t> found;
    GEOSSTRtree_query_r(
        geos_.handle(), tree_.get(), geometry,
        [](void* place, void* list) {
            static_cast<std::vector<std::size_t>*>(list)->push_back(*static_cast<std::size_t*>(place));
        },
        &found);
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace landseam::vectors
