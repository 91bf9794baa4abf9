// Small diagrams as pictures.
#pragma once

#include "landseam/core/image.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace landseam::output {

// Horizontal bars with their labels and values, in the order given, below a title; bars of negative values
// have no length. RGB, 3 channels. Texts are ASCII.
ImageU8 draw_bars(const std::string& title, const std::vector<std::pair<std::string, double>>& bars,
                  int width = 640);

// A table of counts below a title: a row for each true class, a column for each told one, darker where more
// of the row's are. `counts` has a row and a column for each name.
ImageU8 draw_confusion(const std::string& title, const std::vector<std::string>& names,
                       const std::vector<std::vector<std::int64_t>>& counts);

// Points joined by lines over a line of x values, e.g. scores over numbers of clusters.
ImageU8 draw_curve(const std::string& title, const std::vector<std::pair<double, double>>& points,
                   int width = 640);

}  // namespace landseam::output
