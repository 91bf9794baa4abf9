// A picture of what was found and what was not.
#pragma once

#include "landseam/vectors/evaluate.h"

#include <string>
#include <vector>

namespace landseam::pipeline {

// Draws predictions that match (green) and false alarms (blue), true objects that were missed (red), and the
// outlines of those found, north up on white, with a legend. Throws Error where the PNG cannot be written.
void draw_match_plot(const std::string& path, const std::vector<vectors::EvaluatedObject>& predicted,
                     const std::vector<vectors::EvaluatedObject>& truth, const vectors::Scores& scores,
                     int size, bool overwrite);

}  // namespace landseam::pipeline
