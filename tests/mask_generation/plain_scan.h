// The scan of a mask in its plainest form: every logit at the picture's size, then one loop over all of them.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/run_mask.h"

#include "mask_generation/upscale_plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace landseam::mask_generation {

struct Rows {
    int width, height;
    std::vector<float> values;

    float at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
};

inline Rows plain_resize(const Rows& from, const ResizeStep& step) {
    const ResizeTaps &columns = step.columns, &rows = step.rows;
    Rows result{static_cast<int>(columns.first.size()), static_cast<int>(rows.first.size()), {}};
    for (int y = 0; y < result.height; ++y) {
        for (int x = 0; x < result.width; ++x) {
            const auto along_columns = [&](int row) {
                return from.at(columns.first[x], row) * (1 - columns.weight[x]) +
                       from.at(columns.second[x], row) * columns.weight[x];
            };
            result.values.push_back(along_columns(rows.first[y]) * (1 - rows.weight[y]) +
                                    along_columns(rows.second[y]) * rows.weight[y]);
        }
    }
    return result;
}

// The logits at the picture's size.
inline Rows plain_upscale(const std::vector<float>& logits, const UpscalePlan& plan) {
    Rows rows{plan.low_res_size, plan.low_res_size, logits};
    for (const ResizeStep& step : plan.steps) rows = plain_resize(rows, step);
    return rows;
}

struct PlainScan {
    RunMask mask;
    float stability_score;
};

inline PlainScan plain_scan(const std::vector<float>& logits, const UpscalePlan& plan, float threshold,
                            float offset, int x0, int y0, const ImageU8* valid) {
    const Rows rows = plain_upscale(logits, plan);
    std::vector<Run> runs;
    std::size_t above_low = 0, above_high = 0;
    for (int y = 0; y < rows.height; ++y) {
        for (int x = 0; x < rows.width; ++x) {
            if (valid && !valid->at(x0 + x, y0 + y)) continue;
            const float value = rows.at(x, y);
            above_low += value > threshold - offset;
            above_high += value > threshold + offset;
            if (value > threshold) runs.push_back({y0 + y, x0 + x, x0 + x + 1});
        }
    }
    return {RunMask::from_runs(std::move(runs)),
            static_cast<float>(above_high) / static_cast<float>(above_low)};
}

}  // namespace landseam::mask_generation
