// What is known of a set of segments, in numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace landseam::segments {

// A row a segment, a column a feature. NaN: not known.
struct FeatureTable {
    std::vector<std::string> names;
    std::vector<float> values;  // row by row

    std::size_t columns() const { return names.size(); }
    std::size_t rows() const { return names.empty() ? 0 : values.size() / names.size(); }
    float* row(std::size_t i) { return values.data() + i * columns(); }
    const float* row(std::size_t i) const { return values.data() + i * columns(); }
};

}  // namespace landseam::segments
