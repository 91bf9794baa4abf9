// The inner loops of the scan of a mask. They give the same numbers on every machine: multiplications and
// additions round separately.
#pragma once

#include <cstddef>
#include <cstdint>

namespace landseam::mask_generation {

// low ≤ mask ≤ high.
struct MaskThresholds {
    float mask;  // pixels above it are the mask's
    float low;   // with `high`, what stability is measured with
    float high;
};

// What the class of a logit, or the union of several, says of every sample between them.
enum LogitClass : std::uint8_t { surely_above = 1, surely_not_above = 2, unsure = 3 };

struct ClassLimits {
    float lowest_unsure;  // exclusive
    float lowest_above;
    float highest_above;
};

void classify(const float* logits, std::size_t count, const ClassLimits& limits, std::uint8_t* classes);

// out[i] = line[first[i]] · (1 − weight[i]) + line[second[i]] · weight[i]
void resize_line(const float* line, const int* first, const int* second, const float* weight, int count,
                 float* out);

// The samples first[i] · (1 − weight) + second[i] · weight of a stretch of a row.
struct RowStretch {
    const float* first;
    const float* second;
    float weight;
    int count;
};

void interpolate(const RowStretch& stretch, float* out);

// Pixels above each of the thresholds.
struct PixelCounts {
    int mask = 0;
    int low = 0;
    int high = 0;
};

// Marks the samples above the mask's threshold with 1, the others with 0. With `valid`, which may be null,
// samples where it is 0 count for nothing.
PixelCounts scan(const RowStretch& stretch, const MaskThresholds& thresholds, const std::uint8_t* valid,
                 std::uint8_t* inside);

// Marks what is not 0 with 1 and returns how much that is.
int mark_valid(const std::uint8_t* valid, int count, std::uint8_t* marks);

}  // namespace landseam::mask_generation
