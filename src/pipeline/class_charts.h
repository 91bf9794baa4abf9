// What cross-validation found, as a file and as a picture.
#pragma once

#include "landseam/pipeline/classify_layer.h"

#include <string>

namespace landseam::pipeline {

// JSON: classes, samples, confusion, precision, recall and F1 by class, importance by feature.
void write_validation(const std::string& path, const TrainingReport& report, bool overwrite);

// PNG: confusion matrix beside the most important features.
void draw_validation(const std::string& path, const TrainingReport& report, bool overwrite);

}  // namespace landseam::pipeline
