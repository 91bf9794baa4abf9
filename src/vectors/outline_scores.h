// How alike two outlines are.
#pragma once

#include "vectors/object_pairs.h"

#include <utility>
#include <vector>

namespace landseam::vectors {

using Pair = std::pair<const Shape*, const Shape*>;  // a prediction and the true object it takes

OutlineScores score_outlines(const Geos& geos, const std::vector<Pair>& pairs, double boundary_width);

// The area that any of the shapes covers.
double covered_area(const Geos& geos, const std::vector<const Shape*>& shapes);

}  // namespace landseam::vectors
