// Features brought into a space where distances mean something.
#pragma once

#include "landseam/segments/feature_table.h"

#include <vector>

#include <opencv2/core.hpp>

namespace landseam::segments {

struct Components {
    cv::Mat rows;             // CV_32F, one for each of the table's
    std::vector<bool> known;  // rows of which any feature is known
};

// As find_clusters tells. Throws Error where no feature differs among rows.
Components principal_components(const FeatureTable& table, const std::vector<std::size_t>& sample);

}  // namespace landseam::segments
