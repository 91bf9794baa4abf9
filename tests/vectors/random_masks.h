// Random masks with everything that makes outlines hard: holes, islands in holes, corners that touch.
#pragma once

#include "landseam/core/run_mask.h"

#include <algorithm>
#include <random>

namespace landseam::vectors::testing {

// Noise of a random density, roughened blocks or both, at a random place that may have negative coordinates.
inline RunMask random_mask(std::mt19937& random) {
    const auto pick = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(random);
    };
    ImageU8 image(pick(1, 24), pick(1, 24));
    const int density = pick(5, 95), blocks = pick(0, 3);
    for (std::uint8_t& value : image.values) value = pick(0, 99) < density;
    for (int block = 0; block < blocks; ++block) {
        const int x0 = pick(0, image.width - 1), y0 = pick(0, image.height - 1);
        const int x1 = pick(x0, image.width - 1), y1 = pick(y0, image.height - 1);
        const auto value = static_cast<std::uint8_t>(pick(0, 2) > 0);
        for (int y = y0; y <= y1; ++y) std::fill(&image.at(x0, y), &image.at(x0, y) + (x1 - x0 + 1), value);
    }
    return RunMask::from_image(image).shifted(pick(-40, 40), pick(-40, 40));
}

}  // namespace landseam::vectors::testing
