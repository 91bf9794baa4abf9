#include "raster/sampling.h"

#include <algorithm>
#include <cmath>

namespace landseam::raster {
namespace {

constexpr std::int64_t kBlockPixels = 2'000'000;  // source pixels held at a time

// Positions that are whole but for rounding are made whole, so that no pixel gets a weight of 1e-12.
double snapped(double position) {
    const double whole = std::round(position);
    return std::abs(position - whole) < 1e-6 ? whole : position;
}

Tap cover_tap(double begin, double end, std::int64_t limit) {
    Tap tap;
    tap.first = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(begin)), 0, limit - 1);
    const auto last =
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(end)), tap.first + 1, limit);
    for (std::int64_t i = tap.first; i < last; ++i) {
        const double share = std::min<double>(end, i + 1) - std::max<double>(begin, i);
        tap.weights.push_back(std::max(share, 1e-9));
    }
    return tap;
}

Tap linear_tap(double centre, std::int64_t limit) {
    const double position = std::clamp(centre - 0.5, 0.0, static_cast<double>(limit - 1));
    const auto first = static_cast<std::int64_t>(std::floor(position));
    const double share = position - first;
    if (share == 0) return {first, {1}};
    return {first, {1 - share, share}};
}

std::int64_t tap_begin(const std::vector<Tap>& taps, int from) {
    return taps[from].first;
}

std::int64_t tap_end(const std::vector<Tap>& taps, int to) {
    return taps[to - 1].first + static_cast<std::int64_t>(taps[to - 1].weights.size());
}

// How many outputs from `from` on take no more than `budget` source pixels; at least one.
int outputs_within(const std::vector<Tap>& taps, int from, std::int64_t budget) {
    int to = from + 1;
    const int count = static_cast<int>(taps.size());
    while (to < count && tap_end(taps, to + 1) - tap_begin(taps, from) <= budget) ++to;
    return to;
}

bool is_plain(const std::vector<Tap>& taps) {
    for (std::size_t i = 0; i < taps.size(); ++i)
        if (taps[i].weights.size() != 1 || taps[i].first != taps[0].first + static_cast<std::int64_t>(i))
            return false;
    return true;
}

// One output pixel of all bands: the weighted mean over the valid pixels of `source`, whose pixel (0, 0) is
// the source's (x0, y0).
void blend(const RasterWindow& source, std::int64_t x0, std::int64_t y0, const Tap& x, const Tap& y,
           RasterWindow& out, int column, int row) {
    double total = 0, valid = 0;
    for (std::size_t j = 0; j < y.weights.size(); ++j) {
        const std::uint8_t* flags = source.valid.row(static_cast<int>(y.first - y0 + j)) + (x.first - x0);
        for (std::size_t i = 0; i < x.weights.size(); ++i) {
            const double weight = x.weights[i] * y.weights[j];
            total += weight;
            if (flags[i]) valid += weight;
        }
    }
    // A hair below half, so that exact halves do not depend on how weights were rounded.
    if (valid <= 0 || valid < total * (0.5 - 1e-9)) return;
    out.valid.at(column, row) = 1;
    for (std::size_t b = 0; b < out.bands.size(); ++b) {
        double sum = 0;
        for (std::size_t j = 0; j < y.weights.size(); ++j) {
            const int source_row = static_cast<int>(y.first - y0 + j);
            const std::uint8_t* flags = source.valid.row(source_row) + (x.first - x0);
            const float* values = source.bands[b].row(source_row) + (x.first - x0);
            for (std::size_t i = 0; i < x.weights.size(); ++i)
                if (flags[i]) sum += x.weights[i] * y.weights[j] * values[i];
        }
        out.bands[b].at(column, row) = static_cast<float>(sum / valid);
    }
}

}  // namespace

std::vector<Tap> make_taps(double start, double step, double scale, int count, std::int64_t limit) {
    std::vector<Tap> taps(count);
    for (int i = 0; i < count; ++i) {
        const double begin = snapped((start + i * step) * scale),
                     end = snapped((start + (i + 1) * step) * scale);
        taps[i] =
            step * scale >= 1 - 1e-9 ? cover_tap(begin, end, limit) : linear_tap((begin + end) / 2, limit);
    }
    return taps;
}

RasterWindow resample(const NativeReader& native, const std::vector<int>& band_numbers,
                      const std::vector<Tap>& x, const std::vector<Tap>& y) {
    const int width = static_cast<int>(x.size()), height = static_cast<int>(y.size());
    const std::int64_t columns = tap_end(x, width) - tap_begin(x, 0),
                       rows = tap_end(y, height) - tap_begin(y, 0);
    if (is_plain(x) && is_plain(y)) return native({x[0].first, y[0].first, columns, rows});

    RasterWindow out;
    out.band_numbers = band_numbers;
    out.bands.assign(band_numbers.size(), ImageF(width, height));
    out.valid = ImageU8(width, height);
    const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(kBlockPixels)));
    for (int y_from = 0, y_to; y_from < height; y_from = y_to) {
        y_to = outputs_within(y, y_from, std::max(side, kBlockPixels / columns));
        for (int x_from = 0, x_to; x_from < width; x_from = x_to) {
            x_to = outputs_within(x, x_from, std::max(side, kBlockPixels / rows));
            const std::int64_t x0 = tap_begin(x, x_from), y0 = tap_begin(y, y_from);
            const RasterWindow source = native({x0, y0, tap_end(x, x_to) - x0, tap_end(y, y_to) - y0});
            for (int row = y_from; row < y_to; ++row)
                for (int column = x_from; column < x_to; ++column)
                    blend(source, x0, y0, x[column], y[row], out, column, row);
        }
    }
    return out;
}

}  // namespace landseam::raster
