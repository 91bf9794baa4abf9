#include "landseam/sam/resize.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace landseam::sam {

namespace {

constexpr int kWeightBits = 22;  // Pillow's fixed point for 8-bit pictures

// The input pixels that make up one output pixel: their first, and their weights in fixed point.
struct Taps {
    int first = 0;
    std::vector<std::int32_t> weights;
};

std::int32_t to_fixed_point(double weight) {
    return static_cast<std::int32_t>(
        std::floor(weight * (1 << kWeightBits) + 0.5));  // weights are never negative
}

// A triangle of half-width 1 output or input pixel, whichever is larger, around each output pixel's centre.
std::vector<Taps> triangle_taps(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    const double reach = std::max(scale, 1.0);
    std::vector<Taps> taps(static_cast<std::size_t>(to));
    std::vector<double> weights;
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - reach + 0.5), 0);
        const int last = std::min(static_cast<int>(centre + reach + 0.5), from);  // one past it
        weights.clear();
        double sum = 0;
        for (int x = first; x < last; ++x) {
            const double away = std::abs((x - centre + 0.5) * (1.0 / reach));
            weights.push_back(away < 1 ? 1 - away : 0);
            sum += weights.back();
        }
        taps[static_cast<std::size_t>(i)].first = first;
        for (const double weight : weights)
            taps[static_cast<std::size_t>(i)].weights.push_back(
                to_fixed_point(sum != 0 ? weight / sum : weight));
    }
    return taps;
}

// The weighted sum of values `step` apart, rounded to 8 bits.
std::uint8_t weigh(const std::uint8_t* values, std::size_t step, const std::vector<std::int32_t>& weights) {
    std::int64_t sum = std::int64_t{1} << (kWeightBits - 1);
    for (const std::int32_t weight : weights) {
        sum += std::int64_t{*values} * weight;
        values += step;
    }
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kWeightBits, 0, 255));
}

ImageU8 resize_rows(const ImageU8& picture, int width) {
    const std::vector<Taps> taps = triangle_taps(picture.width, width);
    const auto channels = static_cast<std::size_t>(picture.channels);
    ImageU8 result(width, picture.height, picture.channels);
    for (int y = 0; y < picture.height; ++y) {
        std::uint8_t* out = result.row(y);
        for (const Taps& tap : taps)
            for (std::size_t c = 0; c < channels; ++c)
                *out++ = weigh(picture.row(y) + static_cast<std::size_t>(tap.first) * channels + c, channels,
                               tap.weights);
    }
    return result;
}

ImageU8 resize_columns(const ImageU8& picture, int height) {
    const std::vector<Taps> taps = triangle_taps(picture.height, height);
    const std::size_t row =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    ImageU8 result(picture.width, height, picture.channels);
    for (int y = 0; y < height; ++y) {
        const Taps& tap = taps[static_cast<std::size_t>(y)];
        for (std::size_t i = 0; i < row; ++i)
            result.row(y)[i] = weigh(picture.row(tap.first) + i, row, tap.weights);
    }
    return result;
}

}  // namespace

PictureSize resize_longest_side(int width, int height, int long_side) {
    const double scale = static_cast<double>(long_side) / std::max(width, height);
    const auto scaled = [scale](int side) { return std::max(static_cast<int>(side * scale + 0.5), 1); };
    return {scaled(width), scaled(height)};
}

ImageU8 resize_pillow_bilinear(const ImageU8& picture, int width, int height) {
    if (picture.empty() || width < 1 || height < 1)
        throw Error("", "a picture without pixels cannot be resized", "", ErrorKind::usage);
    const ImageU8 wide = picture.width == width ? picture : resize_rows(picture, width);
    return wide.height == height ? wide : resize_columns(wide, height);
}

}  // namespace landseam::sam
