#include "landseam/bands/stretch.h"

#include "landseam/core/error.h"

#include "bands/channel_values.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace landseam::bands {
namespace {

using Range = std::array<double, 2>;

StretchOptions effective_options(const StretchOptions& plan, const StretchOptions& wanted) {
    if (wanted.method != StretchMethod::automatic) return wanted;
    StretchOptions options = plan;
    if (wanted.gamma != 1) options.gamma = wanted.gamma;
    return options;
}

std::vector<double> channel_values(const ChannelReader& reader, std::size_t channel,
                                   const std::vector<std::size_t>& pixels) {
    std::vector<double> values;
    values.reserve(pixels.size());
    for (std::size_t pixel : pixels) {
        const double value = reader.value(channel, pixel);
        if (std::isfinite(value)) values.push_back(value);  // a ratio may overflow
    }
    return values;
}

// Hyndman and Fan's type 7, numpy's default. Reorders `values`, which must not be empty.
double percentile(std::vector<double>& values, double percent) {
    const double rank = percent / 100 * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), at, values.end());
    const double fraction = rank - static_cast<double>(below);
    if (fraction == 0 || at + 1 == values.end()) return *at;
    return *at + fraction * (*std::min_element(at + 1, values.end()) - *at);
}

// A range around a value that nothing differs from: it becomes mid-grey.
Range around(double value) {
    const double half = std::max(0.5, std::abs(value) * 1e-9);
    return {value - half, value + half};
}

Range percentile_range(std::vector<double> values, const StretchOptions& options) {
    if (values.empty()) return {0, 1};
    Range range{percentile(values, options.low_percentile), percentile(values, options.high_percentile)};
    if (range[0] < range[1]) return range;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    if (*least < *most) return {*least, *most};
    return around(*least);
}

// Whether all channels are Byte bands that hold nothing but 0 and 1, and some 1.
bool is_bilevel(const ChannelPlan& plan, const ChannelReader& reader,
                const std::vector<std::size_t>& pixels) {
    bool any_one = false;
    for (std::size_t c = 0; c < plan.channels.size(); ++c) {
        if (plan.channels[c].kind != Channel::Kind::band || plan.channels[c].first.data_type != "Byte")
            return false;
        for (std::size_t pixel : pixels) {
            const double value = reader.value(c, pixel);
            if (value != 0 && value != 1) return false;
            any_one = any_one || value == 1;
        }
    }
    return any_one;
}

Range unstretched_range(const Channel& channel, bool bilevel) {
    if (channel.kind == Channel::Kind::normalized_difference) return {-1, 1};
    return bilevel ? Range{0, 1} : Range{0, 255};
}

std::uint8_t to_byte(double value, double low, double high, double inverse_gamma) {
    double share = std::clamp((value - low) / (high - low), 0.0, 1.0);
    if (inverse_gamma != 1) share = std::pow(share, inverse_gamma);
    return static_cast<std::uint8_t>(share * 255 + 0.5);
}

}  // namespace

void Stretch::validate() const {
    bool fine = std::isfinite(gamma) && gamma > 0 && low.size() == high.size();
    for (std::size_t c = 0; fine && c < low.size(); ++c)
        fine = fine && std::isfinite(low[c]) && std::isfinite(high[c]) && low[c] < high[c];
    if (!fine)
        throw Error("stretch", "each channel needs a low value and a higher one, and gamma must be above 0",
                    "correct or leave out the stretch");
}

Stretch estimate_stretch(const ChannelPlan& plan, const StretchOptions& wanted, const RasterWindow& sample) {
    const StretchOptions options = effective_options(plan.stretch, wanted);
    options.validate();
    const std::size_t channels = plan.channels.size();
    if (options.method == StretchMethod::fixed && options.ranges.size() != 1 &&
        options.ranges.size() != channels)
        throw Error("stretch",
                    std::to_string(options.ranges.size()) + " ranges are given for " +
                        std::to_string(channels) + " channels",
                    "give one range for all channels, or one for each", ErrorKind::usage);
    const ChannelReader reader(sample, plan);
    const std::vector<std::size_t> pixels = reader.pixels_with_data();
    const bool bilevel = options.method == StretchMethod::none && is_bilevel(plan, reader, pixels);
    Stretch stretch;
    stretch.gamma = options.gamma;
    stretch.low.resize(channels);
    stretch.high.resize(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        const Channel& channel = plan.channels[c];
        Range range;
        if (options.method == StretchMethod::fixed) {
            range = options.ranges[options.ranges.size() > 1 ? c : 0];
        } else if (options.method == StretchMethod::none &&
                   (channel.kind == Channel::Kind::band ||
                    channel.kind == Channel::Kind::normalized_difference)) {
            range = unstretched_range(channel, bilevel);
        } else {
            range = percentile_range(channel_values(reader, c, pixels), options);
        }
        stretch.low[c] = range[0];
        stretch.high[c] = range[1];
    }
    return stretch;
}

ImageU8 to_rgb(const RasterWindow& window, const ChannelPlan& plan, const Stretch& stretch) {
    stretch.validate();
    const std::size_t channels = plan.channels.size();
    if (stretch.low.size() != channels)
        throw Error("stretch",
                    "it is one of " + std::to_string(stretch.low.size()) +
                        " channels where the picture has " + std::to_string(channels),
                    "correct or leave out the stretch");
    const ChannelReader reader(window, plan);
    const double inverse_gamma = 1 / stretch.gamma;
    ImageU8 rgb(window.width(), window.height(), static_cast<int>(channels));
    for (std::size_t i = 0; i < reader.pixel_count(); ++i) {
        if (!reader.has_data(i)) continue;
        for (std::size_t c = 0; c < channels; ++c) {
            const double value = reader.value(c, i);
            rgb.values[channels * i + c] =
                std::isnan(value) ? 0 : to_byte(value, stretch.low[c], stretch.high[c], inverse_gamma);
        }
    }
    return rgb;
}

}  // namespace landseam::bands
