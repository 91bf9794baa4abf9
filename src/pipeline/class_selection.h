// Which class each segment is of, and which of those over one another stay.
#pragma once

#include "landseam/pipeline/classify_layer.h"

#include "pipeline/class_model_file.h"

#include <cstddef>
#include <vector>

namespace landseam::pipeline {

struct ClassifiedSegment {
    std::size_t segment = 0;
    std::size_t label = 0;  // classes of the model
    std::size_t second = 0;
    double probability = 0;  // of `label`
};

// Indices by falling score; of equal ones the first.
std::vector<std::size_t> best_first(const std::vector<double>& scores);

// Of `order` (indices into `masks`) those that share at most a third of the smaller one's pixels with each
// that was taken before.
std::vector<std::size_t> choose_best(const std::vector<RunMask>& masks,
                                     const std::vector<std::size_t>& order);

// In the layer's order. With a class of objects a segment is of that class from its threshold on, not from a
// half.
std::vector<ClassifiedSegment> choose_segments(const StoredClassModel& model, const ClassifyOptions& options,
                                               const MeasuredLayer& measured,
                                               const std::vector<float>& probabilities);

}  // namespace landseam::pipeline
