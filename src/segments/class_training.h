// How each kind of classifier learns.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/segments/classifier.h"

#include <vector>

namespace landseam::segments {

// Rows without unknown values, of the model's features only.
struct TrainingRows {
    std::size_t columns = 0;
    std::vector<float> values;
    std::vector<int> labels;            // from 0
    std::vector<double> class_weights;  // what a row of each class counts

    std::size_t rows() const { return labels.size(); }
    const float* row(std::size_t i) const { return values.data() + i * columns; }
};

// Each fills in what its method needs of the model, whose names, fill values and scales are there already.
void train_forest(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                  const ParallelFor& parallel_for);
void train_boosted(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                   const ParallelFor& parallel_for);
// `rows` are standardized.
void train_machines(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                    const ParallelFor& parallel_for);

// The leaf that a row of the model's features comes to.
inline int leaf_of(const ClassModel& model, int root, const float* row) {
    int node = root;
    while (model.nodes[static_cast<std::size_t>(node)].feature >= 0) {
        const ClassModel::Node& at = model.nodes[static_cast<std::size_t>(node)];
        node = row[at.feature] <= at.threshold ? at.left : at.right;
    }
    return model.nodes[static_cast<std::size_t>(node)].left;
}

// Σ coefficient · exp(−gamma · distance²) − rho.
double decision_of(const ClassModel::Machine& machine, const float* row, std::size_t columns);

}  // namespace landseam::segments
