// A packed sample to learn from in no time.
#pragma once

#include "landseam/sam/samples.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::test {

// Bright boxes on dark ground.
inline void write_boxes(const std::string& path) {
    sam::Sample sample;
    sample.width = sample.height = 96;
    sample.bands = {"red", "green", "blue"};
    sample.valid.assign(96 * 96, 1);
    sample.pixels.assign(3 * 96 * 96, 40);
    sample.levels = {{"boxes", std::vector<std::int32_t>(96 * 96, 0)}};
    for (int box = 0; box < 9; ++box)
        for (int y = 0; y < 14; ++y)
            for (int x = 0; x < 18; ++x) {
                const int at = 96 * (8 + 32 * (box / 3) + y) + 6 + 32 * (box % 3) + x;
                sample.levels[0].ids[static_cast<std::size_t>(at)] = box + 1;
                for (int band = 0; band < 3; ++band)
                    sample.pixels[static_cast<std::size_t>(96 * 96 * band + at)] =
                        static_cast<std::uint8_t>(150 + 10 * box);
            }
    write_sample(path, sample);
}

}  // namespace landseam::test
