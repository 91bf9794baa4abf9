// Label maps in memory, and their objects.
#pragma once

#include "landseam/core/image.h"
#include "landseam/vectors/coverage.h"

#include <map>
#include <random>
#include <vector>

namespace landseam::vectors::testing {

using LabelMap = Image<std::int32_t>;

inline std::vector<LabelRun> label_runs(const LabelMap& map, int y) {
    std::vector<LabelRun> runs;
    if (y < 0 || y >= map.height) return runs;
    for (int x = 0; x < map.width;) {
        const int begin = x, label = map.at(x, y);
        while (x < map.width && map.at(x, y) == label) ++x;
        if (label != 0) runs.push_back({begin, x, label});
    }
    return runs;
}

inline CornerIndex corners_of_map(const LabelMap& map) {
    CornerIndex corners;
    for (int y = 0; y <= map.height; ++y) corners.add_line(y, label_runs(map, y - 1), label_runs(map, y));
    return corners;
}

inline std::map<int, RunMask> masks_of_map(const LabelMap& map) {
    std::map<int, std::vector<Run>> runs;
    for (int y = 0; y < map.height; ++y)
        for (const LabelRun& run : label_runs(map, y))
            runs[static_cast<int>(run.object)].push_back({y, run.x_begin, run.x_end});
    std::map<int, RunMask> masks;
    for (auto& [label, of_one] : runs) masks[label] = RunMask::from_sorted_runs(std::move(of_one));
    return masks;
}

// Noise, boxes and stripes of a few labels over each other.
inline LabelMap random_map(std::mt19937& random, int largest = 26) {
    const auto pick = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(random);
    };
    LabelMap map(pick(1, largest), pick(1, largest));
    const int labels = pick(1, 6), density = pick(0, 100), smoothness = pick(1, 5);
    for (int y = 0; y < map.height; ++y)
        for (int x = 0; x < map.width; ++x) {
            const bool copied = x > 0 && y > 0 && pick(0, 5) < smoothness;
            map.at(x, y) = copied ? (pick(0, 1) ? map.at(x - 1, y) : map.at(x, y - 1))
                                  : (pick(0, 99) < density ? pick(1, labels) : 0);
        }
    for (int box = pick(0, 4); box > 0; --box) {
        const int x0 = pick(0, map.width - 1), y0 = pick(0, map.height - 1), label = pick(0, labels);
        const int x1 = pick(x0, map.width - 1), y1 = pick(y0, map.height - 1), slope = pick(-2, 2);
        for (int y = y0; y <= y1; ++y)
            for (int x = x0; x <= x1; ++x) {
                const int place = x + slope * (y - y0);
                if (place >= 0 && place < map.width) map.at(place, y) = label;
            }
    }
    return map;
}

}  // namespace landseam::vectors::testing
