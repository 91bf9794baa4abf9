#include "landseam/segments/band_statistics.h"

#include <algorithm>
#include <cmath>

namespace landseam::segments {
namespace {

// Calls visit(y, x_begin, x_end) for the stretches of the mask's runs in `core` whose pixels are valid; coordinates are
// the window's.
template <typename Visit>
void for_each_valid_stretch(const RunMask& mask, const ImageU8& valid, const PixelBox& frame, Visit visit) {
    for (const Run& run : mask.runs()) {
        const int y = static_cast<int>(run.y - frame.y);
        const int end = static_cast<int>(run.x_end - frame.x);
        const std::uint8_t* row = valid.row(y);
        for (int x = static_cast<int>(run.x_begin - frame.x); x < end;) {
            if (!row[x]) {
                ++x;
                continue;
            }
            const int begin = x;
            while (x < end && row[x]) ++x;
            visit(y, begin, x);
        }
    }
}

Moments band_moments(const RunMask& mask, const ImageF& band, const ImageU8& valid, const PixelBox& frame) {
    Moments moments;
    double sum = 0;
    for_each_valid_stretch(mask, valid, frame, [&](int y, int begin, int end) {
        for (int x = begin; x < end; ++x) sum += band.at(x, y);
        moments.count += end - begin;
    });
    if (moments.count == 0) return moments;
    moments.mean = sum / static_cast<double>(moments.count);
    for_each_valid_stretch(mask, valid, frame, [&](int y, int begin, int end) {
        for (int x = begin; x < end; ++x) {
            const double deviation = band.at(x, y) - moments.mean;
            moments.squared_deviations += deviation * deviation;
        }
    });
    return moments;
}

bool adjoins_invalid(const RunMask& mask, const ImageU8& valid, const PixelBox& frame) {
    for (const Run& run : mask.runs()) {
        const std::int64_t y = run.y - frame.y, begin = run.x_begin - frame.x, end = run.x_end - frame.x;
        for (std::int64_t row = std::max<std::int64_t>(y - 1, 0); row <= std::min<std::int64_t>(y + 1, valid.height - 1); ++row) {
            // The run's own row is looked at one pixel further on both sides.
            const std::int64_t reach = row == y ? 1 : 0;
            const auto* first = valid.row(static_cast<int>(row)) + std::max<std::int64_t>(begin - reach, 0);
            const auto* last = valid.row(static_cast<int>(row)) + std::min<std::int64_t>(end + reach, valid.width);
            if (std::find(first, last, std::uint8_t{0}) != last) return true;
        }
    }
    return false;
}

}  // namespace

void Moments::combine(const Moments& other) {
    if (other.count == 0) return;
    const double total = static_cast<double>(count + other.count), delta = other.mean - mean;
    mean += delta * static_cast<double>(other.count) / total;
    squared_deviations += other.squared_deviations +
                          delta * delta * static_cast<double>(count) * static_cast<double>(other.count) / total;
    count += other.count;
}

double Moments::standard_deviation() const {
    return count < 2 ? 0 : std::sqrt(squared_deviations / static_cast<double>(count));
}

SegmentStatistics window_statistics(const RunMask& mask, const RasterWindow& window, const PixelBox& frame,
                                    const PixelBox& core) {
    const RunMask inside = mask.clipped(core);
    SegmentStatistics statistics;
    for (const ImageF& band : window.bands) statistics.bands.push_back(band_moments(inside, band, window.valid, frame));
    statistics.touches_invalid = adjoins_invalid(inside, window.valid, frame);
    return statistics;
}

void combine(SegmentStatistics& into, const SegmentStatistics& part) {
    if (into.bands.empty()) into.bands.resize(part.bands.size());
    for (std::size_t i = 0; i < part.bands.size(); ++i) into.bands[i].combine(part.bands[i]);
    into.touches_invalid = into.touches_invalid || part.touches_invalid;
}

}  // namespace landseam::segments
