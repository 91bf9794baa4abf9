// What samples say of segments.
#pragma once

#include "landseam/pipeline/classify_layer.h"

#include <string>
#include <vector>

namespace landseam::pipeline {

struct SegmentLabels {
    std::vector<std::string> classes;  // sorted, "other" last where it is learned from the scene
    std::vector<int> of_segments;      // index of a class; −1: teaches nothing
    std::vector<int> sample_of;  // the sample that a segment of objects is like (IoU ≥ 0.5); −1: none
    std::vector<bool> judged;      // near samples: whether what is told of them is right can be known
    std::int64_t samples = 0;    // that lie on the scene
    std::int64_t ambiguous = 0;  // segments on samples that teach nothing
    bool objects = false;
};

// Throws Error: no samples, no such field, no sample on the scene, none that a segment fits, one class only.
SegmentLabels label_segments(const SampleOptions& options, const MeasuredLayer& measured);

// The fold of each judged segment, −1 of others: blocks of the ground, 5 × 5 over those that have a label.
std::vector<int> spatial_folds(const SegmentLabels& labels, const MeasuredLayer& measured, int folds,
                               std::uint64_t seed);

}  // namespace landseam::pipeline
