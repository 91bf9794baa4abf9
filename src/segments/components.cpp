#include "segments/components.h"

#include "landseam/core/error.h"

#include "segments/robust_scale.h"

#include <algorithm>
#include <cmath>

namespace landseam::segments {
namespace {

constexpr float clip = 5;
constexpr double kept_variance = 0.95;
constexpr int most_components = 16;

}  // namespace

Components principal_components(const FeatureTable& table, const std::vector<std::size_t>& sample) {
    std::vector<std::size_t> columns;
    std::vector<RobustScale> scales;
    for (std::size_t c = 0; c < table.columns(); ++c) {
        std::vector<float> values;
        for (const std::size_t i : sample)
            if (std::isfinite(table.row(i)[c])) values.push_back(table.row(i)[c]);
        const RobustScale scale = robust_scale(values);
        if (scale.constant) continue;
        columns.push_back(c);
        scales.push_back(scale);
    }
    if (columns.empty())
        throw Error("clusters", "no feature differs among the segments",
                    "give a layer with different things on it");
    Components components;
    components.known.assign(table.rows(), false);
    cv::Mat standardized(static_cast<int>(table.rows()), static_cast<int>(columns.size()), CV_32F);
    for (std::size_t i = 0; i < table.rows(); ++i) {
        float* const row = standardized.ptr<float>(static_cast<int>(i));
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const float value = table.row(i)[columns[k]];
            components.known[i] = components.known[i] || std::isfinite(value);
            row[k] = std::isfinite(value)
                         ? std::clamp((value - scales[k].center) / scales[k].scale, -clip, clip)
                         : 0;
        }
    }
    cv::Mat chosen(static_cast<int>(sample.size()), standardized.cols, CV_32F);
    for (std::size_t k = 0; k < sample.size(); ++k)
        standardized.row(static_cast<int>(sample[k])).copyTo(chosen.row(static_cast<int>(k)));
    cv::PCA pca(chosen, cv::noArray(), cv::PCA::DATA_AS_ROW);
    const double wanted = kept_variance * cv::sum(pca.eigenvalues)[0];
    int kept = 0;
    for (double sum = 0; kept < std::min(most_components, pca.eigenvectors.rows) && sum < wanted; ++kept)
        sum += pca.eigenvalues.at<float>(kept);
    pca.eigenvectors = pca.eigenvectors.rowRange(0, std::max(1, kept)).clone();
    pca.project(standardized, components.rows);
    return components;
}

}  // namespace landseam::segments
