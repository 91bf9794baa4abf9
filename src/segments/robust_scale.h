// Where values lie and how far they spread, whatever a few of them are.
#pragma once

#include <algorithm>
#include <vector>

namespace landseam::segments {

struct RobustScale {
    float center = 0;  // median
    float scale =
        1;  // interquartile range / 1.349, a normal distribution's deviation; else the range where that is 0
    bool constant = true;  // all values are equal
};

// Reorders the values.
inline RobustScale robust_scale(std::vector<float>& values) {
    RobustScale result;
    if (values.empty()) return result;
    const auto at = [&](double p) {
        const auto rank = static_cast<std::ptrdiff_t>(p * static_cast<double>(values.size() - 1) + 0.5);
        std::nth_element(values.begin(), values.begin() + rank, values.end());
        return values[static_cast<std::size_t>(rank)];
    };
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const float range = *high - *low;
    result.constant = !(range > 0);
    result.center = at(0.5);
    const float quartiles = (at(0.75) - at(0.25)) / 1.349F;
    result.scale = quartiles > 0 ? quartiles : result.constant ? 1 : range;
    return result;
}

}  // namespace landseam::segments
