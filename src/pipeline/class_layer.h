// Layers of classified segments.
#pragma once

#include "pipeline/class_selection.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::pipeline {

// "building, other".
std::string joined_names(const std::vector<std::string>& names);

// The layer's own fields, then class, probability and second; or, dissolved, one feature for each set of
// touching segments of a class: class, probability (mean over their pixels) and segments (their number),
// outlines along pixel edges. Returns how many features each class has. Throws Error; then no output has
// appeared.
std::vector<std::pair<std::string, std::int64_t>> write_classes(const ClassifyOptions& options,
                                                                const StoredClassModel& model,
                                                                MeasuredLayer measured,
                                                                const std::vector<ClassifiedSegment>& chosen,
                                                                Progress& progress);

}  // namespace landseam::pipeline
