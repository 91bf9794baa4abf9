#include "sam/training/crop.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace landseam::sam::training {

namespace {

using Plane = float*;

void clamp(Crop& crop) {
    for (float& value : crop.pixels) value = std::clamp(value, 0.0f, 255.0f);
}

// Each band: gamma, then gain and offset, through a table.
void change_tones(Crop& crop, Dice& dice) {
    const double gamma = std::exp(0.25 * dice.normal()), contrast = std::exp(0.22 * dice.normal());
    const double brightness = 18 * dice.normal(), haze = dice.chance(0.15) ? dice.between(0, 0.4) : 0;
    for (int band = 0; band < crop.bands; ++band) {
        const double own_gain = std::exp(0.08 * dice.normal()), own_offset = 6 * dice.normal();
        std::array<float, 257> table{};
        for (int value = 0; value <= 256; ++value) {
            double v = 255 * std::pow(value / 256.0, gamma);
            v = ((v - 110) * contrast + 110) * own_gain + brightness + own_offset;
            table[static_cast<std::size_t>(value)] = static_cast<float>(v * (1 - haze) + 200 * haze);
        }
        const Plane plane = crop.pixels.data() + static_cast<std::size_t>(band) * crop.area();
        for (std::size_t i = 0; i < crop.area(); ++i) {
            const float value = std::clamp(plane[i], 0.0f, 255.0f) * (256.0f / 255.0f);
            const auto step = static_cast<std::size_t>(std::min(value, 255.99f));
            plane[i] = table[step] + (table[step + 1] - table[step]) * (value - static_cast<float>(step));
        }
    }
    clamp(crop);
}

void shuffle_bands(Crop& crop, Dice& dice) {
    for (int band = crop.bands - 1; band > 0; --band) {
        const auto other = dice.below(static_cast<std::size_t>(band) + 1);
        Plane a = crop.pixels.data() + static_cast<std::size_t>(band) * crop.area();
        Plane b = crop.pixels.data() + other * crop.area();
        if (a != b) std::swap_ranges(a, a + crop.area(), b);
    }
}

void take_colour_out(Crop& crop, double share) {
    const auto strength = static_cast<float>(share);
    for (std::size_t i = 0; i < crop.area(); ++i) {
        float mean = 0;
        for (int band = 0; band < crop.bands; ++band)
            mean += crop.pixels[static_cast<std::size_t>(band) * crop.area() + i];
        mean /= static_cast<float>(crop.bands);
        for (int band = 0; band < crop.bands; ++band) {
            float& value = crop.pixels[static_cast<std::size_t>(band) * crop.area() + i];
            value += (mean - value) * strength;
        }
    }
}

// strength > 0 blurs with a 3 × 3 kernel, < 0 sharpens.
void change_sharpness(Crop& crop, float strength) {
    const auto side = static_cast<std::size_t>(crop.side);
    std::vector<float> before;
    for (int band = 0; band < crop.bands; ++band) {
        const Plane plane = crop.pixels.data() + static_cast<std::size_t>(band) * crop.area();
        before.assign(plane, plane + crop.area());
        for (std::size_t y = 1; y + 1 < side; ++y)
            for (std::size_t x = 1; x + 1 < side; ++x) {
                const float* p = before.data() + y * side + x;
                const float cross = p[1] + p[-1] + p[side] + *(p - side);
                const float corners = p[side + 1] + p[side - 1] + *(p - side + 1) + *(p - side - 1);
                const float smooth = (4 * p[0] + 2 * cross + corners) / 16;
                plane[y * side + x] = p[0] + (smooth - p[0]) * strength;
            }
    }
    clamp(crop);
}

void add_noise(Crop& crop, double deviation, Dice& dice) {
    for (float& value : crop.pixels) {
        // The sum of four even draws is normal enough.
        const std::uint64_t bits = dice.next();
        const double sum = static_cast<double>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                               (bits >> 32 & 0xffff) + (bits >> 48)) /
                               65536.0 -
                           2;
        value += static_cast<float>(deviation * 1.732 * sum);
    }
    clamp(crop);
}

// What quantising 8 × 8 cosine coefficients does to a picture; coarser for fine patterns, as JPEG's tables
// are.
void squeeze_like_jpeg(Crop& crop, double step) {
    std::array<std::array<float, 8>, 8> cosine;
    for (std::size_t k = 0; k < 8; ++k)
        for (std::size_t n = 0; n < 8; ++n)
            cosine[k][n] = static_cast<float>((k == 0 ? std::sqrt(0.125) : 0.5) *
                                              std::cos(3.14159265358979 * (2.0 * static_cast<double>(n) + 1) *
                                                       static_cast<double>(k) / 16));
    const auto side = static_cast<std::size_t>(crop.side);
    using Block = std::array<std::array<float, 8>, 8>;
    const auto transform = [&](const Block& in, bool back) {
        Block rows{}, out{};
        for (std::size_t y = 0; y < 8; ++y)
            for (std::size_t k = 0; k < 8; ++k)
                for (std::size_t n = 0; n < 8; ++n)
                    rows[y][k] += in[y][n] * (back ? cosine[n][k] : cosine[k][n]);
        for (std::size_t k = 0; k < 8; ++k)
            for (std::size_t n = 0; n < 8; ++n)
                for (std::size_t x = 0; x < 8; ++x)
                    out[k][x] += rows[n][x] * (back ? cosine[n][k] : cosine[k][n]);
        return out;
    };
    for (int band = 0; band < crop.bands; ++band) {
        const Plane plane = crop.pixels.data() + static_cast<std::size_t>(band) * crop.area();
        for (std::size_t top = 0; top + 8 <= side; top += 8)
            for (std::size_t left = 0; left + 8 <= side; left += 8) {
                Block block;
                for (std::size_t y = 0; y < 8; ++y)
                    for (std::size_t x = 0; x < 8; ++x) block[y][x] = plane[(top + y) * side + left + x];
                Block waves = transform(block, false);
                for (std::size_t y = 0; y < 8; ++y)
                    for (std::size_t x = 0; x < 8; ++x) {
                        const auto q = static_cast<float>(step * (1 + 0.6 * static_cast<double>(x + y)));
                        waves[y][x] = std::round(waves[y][x] / q) * q;
                    }
                block = transform(waves, true);
                for (std::size_t y = 0; y < 8; ++y)
                    for (std::size_t x = 0; x < 8; ++x) plane[(top + y) * side + left + x] = block[y][x];
            }
    }
    clamp(crop);
}

}  // namespace

void recolour(Crop& crop, Dice& dice) {
    const bool colours = crop.bands == 3;
    if (colours && dice.chance(0.15)) shuffle_bands(crop, dice);
    if (colours && dice.chance(0.2)) take_colour_out(crop, dice.chance(0.3) ? 1 : dice.between(0.2, 0.9));
    change_tones(crop, dice);
    if (dice.chance(0.2)) change_sharpness(crop, static_cast<float>(dice.between(-0.6, 1)));
    if (dice.chance(0.3)) add_noise(crop, dice.between(1, 12), dice);
    if (colours && dice.chance(0.08)) squeeze_like_jpeg(crop, dice.between(4, 20));
}

}  // namespace landseam::sam::training
