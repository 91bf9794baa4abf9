#include "segments/texture.h"

#include <array>
#include <cmath>

namespace landseam::segments {
namespace {

// Around the pixel, one after the other.
constexpr std::array<std::array<int, 2>, 8> neighbours{
    {{-1, -1}, {0, -1}, {1, -1}, {1, 0}, {1, 1}, {0, 1}, {-1, 1}, {-1, 0}}};

bool all_valid(const ImageU8& valid, int x, int y) {
    for (const auto& [dx, dy] : neighbours)
        if (!valid.at(x + dx, y + dy)) return false;
    return valid.at(x, y);
}

std::array<std::uint8_t, 256> uniform_patterns() {
    std::array<std::uint8_t, 256> patterns{};
    for (unsigned bits = 0; bits < 256; ++bits) {
        int ones = 0, changes = 0;
        for (unsigned i = 0; i < 8; ++i) {
            ones += static_cast<int>(bits >> i & 1U);
            changes += (bits >> i & 1U) != (bits >> (i + 1) % 8 & 1U);
        }
        patterns[bits] = static_cast<std::uint8_t>(changes <= 2 ? ones : 9);
    }
    return patterns;
}

}  // namespace

ImageF gradient_magnitude(const ImageF& image, const ImageU8& valid) {
    ImageF result(image.width, image.height);
    for (int y = 1; y + 1 < image.height; ++y)
        for (int x = 1; x + 1 < image.width; ++x)
            if (all_valid(valid, x, y))
                result.at(x, y) = std::hypot(image.at(x + 1, y) - image.at(x - 1, y),
                                             image.at(x, y + 1) - image.at(x, y - 1)) /
                                  2;
    return result;
}

ImageU8 binary_patterns(const ImageF& image, const ImageU8& valid) {
    static const std::array<std::uint8_t, 256> uniform = uniform_patterns();
    ImageU8 result(image.width, image.height, 1, 255);
    for (int y = 1; y + 1 < image.height; ++y)
        for (int x = 1; x + 1 < image.width; ++x) {
            if (!all_valid(valid, x, y)) continue;
            unsigned bits = 0;
            for (std::size_t i = 0; i < neighbours.size(); ++i)
                bits |= unsigned{image.at(x + neighbours[i][0], y + neighbours[i][1]) >= image.at(x, y)} << i;
            result.at(x, y) = uniform[bits];
        }
    return result;
}

}  // namespace landseam::segments
