// Objects that several overlapping scenes show, told apart from those that only one does.
#pragma once

#include "landseam/core/polygon.h"

#include <array>
#include <cstddef>
#include <vector>

namespace landseam::vectors {

// An object as one scene shows it.
struct SceneObject {
    const MultiPolygon* outline = nullptr;  // world coordinates, of one CRS for all
    std::size_t scene = 0;
    bool cut = false;  // by the scene's border or by nodata
    double score = 0;  // of two alike the one with the higher score is the better one
};

using SceneExtent = std::array<double, 4>;  // least x, least y, greatest x, greatest y

// What becomes of an object.
struct ResolvedObject {
    std::size_t object = 0;  // among those given: whose attributes it has
    MultiPolygon outline;    // of several pieces joined; empty: that object's own
    std::size_t scenes = 1;  // how many show it
};

// The rule, by which the result does not depend on the order of scenes:
// - Two objects of different scenes are one if their IoU is at least `same_iou`, or if one of them is cut and
// at least that share
//   of it lies in the other. The better one stays: a whole one rather than a cut one, then the larger one,
//   then the higher score.
// - Two cut objects are pieces of one if, of what lies where both scenes are (their extents), at least that
// share of the smaller part
//   is common. They are joined.
// Objects of one scene are never compared. The result is in the order of the objects that stay.
// Throws Error for coordinates that are not finite.
std::vector<ResolvedObject> resolve_repeated(const std::vector<SceneObject>& objects,
                                             const std::vector<SceneExtent>& extents, double same_iou);

}  // namespace landseam::vectors
