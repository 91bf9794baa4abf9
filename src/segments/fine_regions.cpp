#include "segments/fine_regions.h"

#include "segments/disjoint_sets.h"

#include <cmath>

#include <opencv2/imgproc.hpp>

namespace landseam::segments {
namespace {

constexpr int kMedian = 3;               // side of the median filter, pixels
constexpr int kDiameter = 9;             // of the bilateral filter, pixels
constexpr double kRange = 28;            // its reach in grey levels
constexpr double kReach = 3.5;           // and in pixels
constexpr double kGranularity = 40;      // the paper's k, in grey levels
constexpr std::uint32_t kSmallest = 12;  // pixels
constexpr int kSteps = 8;                // differences are sorted to an eighth of a grey level

// Edge 2·i leads from pixel i to the one right of it, 2·i + 1 to the one below.
struct Grid {
    const ImageU8& picture;
    const ImageU8& valid;

    std::uint32_t second(std::uint32_t edge) const {
        return edge / 2 + (edge % 2 ? static_cast<std::uint32_t>(picture.width) : 1u);
    }
    int step(std::uint32_t edge) const {
        const std::size_t a = edge / 2, b = second(edge), n = static_cast<std::size_t>(picture.channels);
        const std::uint8_t* values = picture.values.data();
        return static_cast<int>(kSteps * color_difference(values + a * n, values + b * n, picture.channels));
    }
    template <typename Visit>
    void for_each_edge(Visit visit) const {
        std::uint32_t pixel = 0;
        for (int y = 0; y < picture.height; ++y)
            for (int x = 0; x < picture.width; ++x, ++pixel) {
                if (!valid.values[pixel]) continue;
                if (x + 1 < picture.width && valid.values[pixel + 1]) visit(2 * pixel);
                if (y + 1 < picture.height && valid.values[pixel + static_cast<std::uint32_t>(picture.width)])
                    visit(2 * pixel + 1);
            }
    }
};

// All edges, the smallest difference first; equal ones in the order of pixels (counting sort).
std::vector<std::uint32_t> sorted_edges(const Grid& grid) {
    std::vector<std::size_t> starts(256 * kSteps + 2);
    grid.for_each_edge([&](std::uint32_t edge) { ++starts[static_cast<std::size_t>(grid.step(edge)) + 1]; });
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    std::vector<std::uint32_t> edges(starts.back());
    grid.for_each_edge(
        [&](std::uint32_t edge) { edges[starts[static_cast<std::size_t>(grid.step(edge))]++] = edge; });
    return edges;
}

}  // namespace

double color_difference(const std::uint8_t* a, const std::uint8_t* b, int channels) {
    int sum = 0;
    for (int c = 0; c < channels; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
    return std::sqrt(static_cast<double>(sum) / channels);
}

ImageU8 smoothed(const ImageU8& picture) {
    ImageU8 result(picture.width, picture.height, picture.channels);
    const cv::Mat from(picture.height, picture.width, CV_8UC(picture.channels),
                       const_cast<std::uint8_t*>(picture.values.data()));
    cv::Mat to(picture.height, picture.width, CV_8UC(picture.channels), result.values.data());
    const auto smooth = [](const cv::Mat& channels, cv::Mat& filtered) {
        cv::Mat cleaned;
        // Without it the bilateral filter keeps single bright or dark pixels.
        cv::medianBlur(channels, cleaned, kMedian);
        cv::bilateralFilter(cleaned, filtered, kDiameter, kRange, kReach);
    };
    // The filter knows one and three channels; others are smoothed each by itself.
    if (picture.channels == 1 || picture.channels == 3) {
        smooth(from, to);
        return result;
    }
    for (int c = 0; c < picture.channels; ++c) {
        cv::Mat channel, filtered;
        cv::extractChannel(from, channel, c);
        smooth(channel, filtered);
        cv::insertChannel(filtered, to, c);
    }
    return result;
}

RegionMap fine_regions(const ImageU8& picture, const ImageU8& valid) {
    const Grid grid{picture, valid};
    const std::vector<std::uint32_t> edges = sorted_edges(grid);
    DisjointSets sets(picture.pixel_count());
    std::vector<float> inner(picture.pixel_count(), 0);  // largest difference inside, of roots
    for (const std::uint32_t edge : edges) {
        const std::uint32_t a = sets.root(edge / 2), b = sets.root(grid.second(edge));
        if (a == b) continue;
        const double difference = static_cast<double>(grid.step(edge)) / kSteps;
        if (difference <=
            std::min(inner[a] + kGranularity / sets.size(a), inner[b] + kGranularity / sets.size(b)))
            inner[sets.unite(a, b)] = static_cast<float>(difference);
    }
    for (const std::uint32_t edge : edges) {
        const std::uint32_t a = sets.root(edge / 2), b = sets.root(grid.second(edge));
        if (a != b && (sets.size(a) < kSmallest || sets.size(b) < kSmallest)) sets.unite(a, b);
    }
    RegionMap regions(picture.width, picture.height);
    std::vector<std::int32_t> number(picture.pixel_count(), 0);
    std::int32_t count = 0;
    for (std::uint32_t i = 0; i < regions.values.size(); ++i) {
        if (!valid.values[i]) continue;
        std::int32_t& id = number[sets.root(i)];
        if (id == 0) id = ++count;
        regions.values[i] = id;
    }
    return regions;
}

}  // namespace landseam::segments
