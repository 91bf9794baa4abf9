// Predicted and true objects brought together: who overlaps whom, and who takes whom.
#pragma once

#include "landseam/vectors/evaluate.h"

#include "vectors/geos.h"

#include <cstddef>
#include <vector>

namespace landseam::vectors {

// An object as it is compared.
struct Shape {
    std::size_t index = 0;  // among those given
    const EvaluatedObject* object = nullptr;
    Geometry geometry;
    double area = 0;
};

struct Shapes {
    std::vector<Shape> all;  // those with an area
    std::int64_t invalid = 0;
    std::int64_t empty = 0;
};

Shapes prepare(const Geos& geos, const std::vector<EvaluatedObject>& objects);

struct Overlap {
    std::size_t truth = 0;
    double shared = 0;  // area
    double iou = 0;
};

// For every prediction the true objects that it overlaps, in their order.
using Overlaps = std::vector<std::vector<Overlap>>;

Overlaps find_overlaps(const Geos& geos, const std::vector<Shape>& predicted,
                       const std::vector<Shape>& truth);
// Only those between objects of one class.
Overlaps of_one_class(const Overlaps& overlaps, const std::vector<Shape>& predicted,
                      const std::vector<Shape>& truth);

// Indices of predictions, the highest score first.
std::vector<std::size_t> by_score(const std::vector<Shape>& predicted);

constexpr std::size_t unmatched = static_cast<std::size_t>(-1);

// The true object that each prediction takes, one to one; predictions choose in the given order, and only
// those in it.
std::vector<std::size_t> match(const std::vector<std::size_t>& order, const Overlaps& overlaps,
                               std::size_t truth_count, double iou_threshold);

// Area under the precision-recall curve of predictions in this order, sampled as COCO does.
double average_precision(const std::vector<std::size_t>& order, const std::vector<std::size_t>& matches,
                         std::size_t truth_count);

}  // namespace landseam::vectors
