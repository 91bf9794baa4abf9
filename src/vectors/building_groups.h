// Buildings that share walls, and the directions of their neighbourhood.
#pragma once

#include "landseam/vectors/regularize.h"

#include "vectors/geos.h"

#include <cstddef>
#include <vector>

namespace landseam::vectors {

struct BuildingGroup {
    std::vector<std::size_t> members;  // indices of buildings
    Geometry ground;                   // their union
    MultiPolygon outline;              // the same
    std::vector<Ring> walls;           // lines that two of them share
    double own_direction = 0;          // radians, 0 to π/2
    double direction = 0;              // after a look at the neighbours
};

std::vector<BuildingGroup> find_groups(const Geos& geos, const std::vector<MultiPolygon>& buildings,
                                       const RegularizeOptions& options);

// Sets `direction`: neighbours whose own ones differ little get one and the same.
void align_directions(std::vector<BuildingGroup>& groups, const RegularizeOptions& options);

}  // namespace landseam::vectors
