// Plain loops that compilers turn into vector code. Compiled with -ffp-contract=off (CMakeLists.txt).
#include "mask_generation/scan_kernels.h"

// Several versions of a function, of which the program takes the best its processor runs.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define LANDSEAM_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define LANDSEAM_FOR_EACH_PROCESSOR
#endif

namespace landseam::mask_generation {
namespace {

LANDSEAM_FOR_EACH_PROCESSOR
PixelCounts scan_all(const float* first, const float* second, float weight, int count,
                     const MaskThresholds& thresholds, std::uint8_t* inside) {
    const float rest = 1 - weight;
    const float threshold = thresholds.mask, low = thresholds.low, high = thresholds.high;
    int above = 0, above_low = 0, above_high = 0;
    for (int i = 0; i < count; ++i) {
        const float value = first[i] * rest + second[i] * weight;
        inside[i] = value > threshold;
        above += value > threshold;
        above_low += value > low;
        above_high += value > high;
    }
    return {above, above_low, above_high};
}

LANDSEAM_FOR_EACH_PROCESSOR
PixelCounts scan_valid(const float* first, const float* second, float weight, int count,
                       const MaskThresholds& thresholds, const std::uint8_t* valid, std::uint8_t* inside) {
    const float rest = 1 - weight;
    const float threshold = thresholds.mask, low = thresholds.low, high = thresholds.high;
    int above = 0, above_low = 0, above_high = 0;
    for (int i = 0; i < count; ++i) {
        const float value = first[i] * rest + second[i] * weight;
        const bool counts = valid[i] != 0;
        inside[i] = counts & (value > threshold);
        above += counts & (value > threshold);
        above_low += counts & (value > low);
        above_high += counts & (value > high);
    }
    return {above, above_low, above_high};
}

}  // namespace

LANDSEAM_FOR_EACH_PROCESSOR
void classify(const float* logits, std::size_t count, const ClassLimits& limits, std::uint8_t* classes) {
    const float lowest_unsure = limits.lowest_unsure;
    const float lowest_above = limits.lowest_above, highest_above = limits.highest_above;
    for (std::size_t i = 0; i < count; ++i) {
        const float value = logits[i];
        const bool perhaps = value > lowest_unsure;  // a NaN makes NaN, which is above nothing
        const bool surely = (value >= lowest_above) & (value <= highest_above);
        classes[i] = static_cast<std::uint8_t>(perhaps * surely_above | !surely * surely_not_above);
    }
}

LANDSEAM_FOR_EACH_PROCESSOR
void resize_line(const float* line, const int* first, const int* second, const float* weight, int count,
                 float* out) {
    for (int i = 0; i < count; ++i) out[i] = line[first[i]] * (1 - weight[i]) + line[second[i]] * weight[i];
}

LANDSEAM_FOR_EACH_PROCESSOR
void interpolate(const RowStretch& stretch, float* out) {
    const float *const first = stretch.first, *const second = stretch.second;
    const float weight = stretch.weight, rest = 1 - weight;
    const int count = stretch.count;
    for (int i = 0; i < count; ++i) out[i] = first[i] * rest + second[i] * weight;
}

PixelCounts scan(const RowStretch& stretch, const MaskThresholds& thresholds, const std::uint8_t* valid,
                 std::uint8_t* inside) {
    if (!valid)
        return scan_all(stretch.first, stretch.second, stretch.weight, stretch.count, thresholds, inside);
    return scan_valid(stretch.first, stretch.second, stretch.weight, stretch.count, thresholds, valid,
                      inside);
}

int mark_valid(const std::uint8_t* valid, int count, std::uint8_t* marks) {
    int marked = 0;
    for (int i = 0; i < count; ++i) {
        marks[i] = valid[i] != 0;
        marked += marks[i];
    }
    return marked;
}

}  // namespace landseam::mask_generation
