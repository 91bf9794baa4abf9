// The decoder's inner loops, of every instruction set this processor has, against plain ones.
#include "sam/cpu/kernels.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam::cpu {
namespace {

using Values = std::vector<float>;

Values random_values(std::size_t count, float deviation = 1) {
    static std::mt19937 engine(7);
    std::normal_distribution<float> normal(0, deviation);
    Values values(count);
    for (float& value : values) value = normal(engine);
    return values;
}

void expect_near(const Values& actual, const Values& expected, float tolerance) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
        ASSERT_NEAR(actual[i], expected[i], tolerance * std::max(1.0F, std::abs(expected[i]))) << i;
}

float gelu(float x) {
    return static_cast<float>(0.5 * x * (1 + std::erf(x / std::sqrt(2.0))));
}

class DecoderKernelsTest : public ::testing::TestWithParam<const Kernels*> {
protected:
    const DecoderKernels& kernel = GetParam()->decoder;
};

INSTANTIATE_TEST_SUITE_P(InstructionSets, DecoderKernelsTest, ::testing::ValuesIn(runnable_kernels()),
                         [](const auto& set) { return std::string(set.param->instruction_set); });

TEST_P(DecoderKernelsTest, AddsValues) {
    const Values a = random_values(48), b = random_values(48);
    Values sum(48), expected(48);
    kernel.add(a.data(), b.data(), 48, sum.data());
    std::transform(a.begin(), a.end(), b.begin(), expected.begin(), std::plus<>());
    EXPECT_EQ(sum, expected);
}

TEST_P(DecoderKernelsTest, SoftmaxOverTokensSumsToOneForEachHeadAndPixel) {
    const int tokens = 7, heads = 3, pixels = 80;
    const Values scores = random_values(static_cast<std::size_t>(tokens) * heads * pixels, 20);
    const Values bias = random_values(static_cast<std::size_t>(tokens) * heads);
    for (const float* const shift : {bias.data(), static_cast<const float*>(nullptr)}) {
        Values actual = scores, expected = scores;
        kernel.softmax_over_tokens(actual.data(), tokens, heads, pixels, shift);
        for (int head = 0; head < heads; ++head) {
            for (int x = 0; x < pixels; ++x) {
                const auto at = [&](int t) { return (t * heads + head) * pixels + x; };
                double total = 0, top = -1e30;
                for (int t = 0; t < tokens; ++t) {
                    expected[at(t)] += shift ? shift[t * heads + head] : 0;
                    top = std::max(top, static_cast<double>(expected[at(t)]));
                }
                for (int t = 0; t < tokens; ++t) total += std::exp(expected[at(t)] - top);
                for (int t = 0; t < tokens; ++t)
                    expected[at(t)] = static_cast<float>(std::exp(expected[at(t)] - top) / total);
            }
        }
        expect_near(actual, expected, 2e-6F);
    }
}

TEST_P(DecoderKernelsTest, ResidualNormNormalisesEachPixelOverItsChannels) {
    const int channels = 40, pixels = 80;
    const std::size_t count = static_cast<std::size_t>(channels) * pixels;
    const Values a = random_values(count), b = random_values(count, 3), positions = random_values(count);
    const Values bias = random_values(channels), weight = random_values(channels),
                 shift = random_values(channels);
    Values y(count), placed(count), expected(count), expected_placed(count);
    kernel.residual_norm(a.data(), b.data(), bias.data(), weight.data(), shift.data(), 1e-5F,
                         positions.data(), channels, pixels, y.data(), placed.data());
    for (int x = 0; x < pixels; ++x) {
        double mean = 0, variance = 0;
        const auto value = [&](int c) { return double{a[c * pixels + x]} + b[c * pixels + x] + bias[c]; };
        for (int c = 0; c < channels; ++c) mean += value(c) / channels;
        for (int c = 0; c < channels; ++c) variance += (value(c) - mean) * (value(c) - mean) / channels;
        for (int c = 0; c < channels; ++c) {
            const int at = c * pixels + x;
            expected[at] =
                static_cast<float>((value(c) - mean) / std::sqrt(variance + 1e-5) * weight[c] + shift[c]);
            expected_placed[at] = expected[at] + positions[at];
        }
    }
    expect_near(y, expected, 1e-5F);
    expect_near(placed, expected_placed, 1e-5F);
    Values in_place = a;
    kernel.residual_norm(in_place.data(), b.data(), bias.data(), weight.data(), shift.data(), 1e-5F,
                         positions.data(), channels, pixels, in_place.data(), placed.data());
    EXPECT_EQ(in_place, y);
}

// Block after block, with the last one padded by values that must not count.
TEST_P(DecoderKernelsTest, SoftmaxOfBlocksAddsUpToTheSoftmaxOfAll) {
    const int rows = 5, pixels = 32, blocks = 4, valid_in_last = 13,
              all = (blocks - 1) * pixels + valid_in_last;
    const Values scores = random_values(static_cast<std::size_t>(rows) * blocks * pixels, 10);
    Values largest(rows, -3.4e38F), total(rows, 0), shrink(rows), weighted(rows, 0);
    for (int block = 0; block < blocks; ++block) {
        Values part(scores.begin() + block * rows * pixels, scores.begin() + (block + 1) * rows * pixels);
        const int valid = block + 1 < blocks ? pixels : valid_in_last;
        for (int row = 0; row < rows; ++row)
            std::fill_n(part.begin() + row * pixels + valid, pixels - valid, 1e6F);
        kernel.softmax_block(part.data(), rows, pixels, valid, largest.data(), total.data(), shrink.data());
        kernel.scale_rows(weighted.data(), rows, 1, shrink.data());
        for (int row = 0; row < rows; ++row)
            for (int x = 0; x < pixels; ++x)
                weighted[row] += part[row * pixels + x] * static_cast<float>(block * pixels + x);
    }
    for (int row = 0; row < rows; ++row) {
        double expected_total = 0, expected = 0, top = -1e30;
        const auto score = [&](int i) {
            return double{scores[(i / pixels * rows + row) * pixels + i % pixels]};
        };
        for (int i = 0; i < all; ++i) top = std::max(top, score(i));
        for (int i = 0; i < all; ++i) {
            expected_total += std::exp(score(i) - top);
            expected += std::exp(score(i) - top) * i;
        }
        EXPECT_FLOAT_EQ(largest[row], static_cast<float>(top));
        EXPECT_NEAR(total[row], expected_total, 1e-5 * expected_total);
        EXPECT_NEAR(weighted[row], expected, 1e-5 * expected);
    }
}

TEST_P(DecoderKernelsTest, ScalesRowsOfAnyWidth) {
    for (const int columns : {1, 7, 16, 37}) {
        Values m = random_values(3 * static_cast<std::size_t>(columns)), expected = m;
        const Values factors{2, 1, -0.5F};
        for (std::size_t i = 0; i < m.size(); ++i) expected[i] *= factors[i / columns];
        kernel.scale_rows(m.data(), 3, columns, factors.data());
        EXPECT_EQ(m, expected);
    }
}

TEST_P(DecoderKernelsTest, NormGeluNormalisesAndThenBends) {
    const int channels = 16, pixels = 80;
    const Values bias = random_values(channels), weight = random_values(channels, 3),
                 shift = random_values(channels);
    Values x = random_values(static_cast<std::size_t>(channels) * pixels, 2), expected(x.size());
    for (int p = 0; p < pixels; ++p) {
        double mean = 0, variance = 0;
        const auto value = [&](int c) { return double{x[c * pixels + p]} + bias[c]; };
        for (int c = 0; c < channels; ++c) mean += value(c) / channels;
        for (int c = 0; c < channels; ++c) variance += (value(c) - mean) * (value(c) - mean) / channels;
        for (int c = 0; c < channels; ++c)
            expected[c * pixels + p] = gelu(
                static_cast<float>((value(c) - mean) / std::sqrt(variance + 1e-6) * weight[c] + shift[c]));
    }
    kernel.norm_gelu(x.data(), bias.data(), weight.data(), shift.data(), 1e-6F, channels, pixels);
    expect_near(x, expected, 1e-5F);
}

TEST_P(DecoderKernelsTest, GeluDotWeighsChannelsForAnyNumberOfMasks) {
    const int channels = 9, pixels = 32;
    const Values x = random_values(static_cast<std::size_t>(channels) * pixels, 4),
                 bias = random_values(channels);
    for (int masks = 1; masks <= 6; ++masks) {
        const Values weights = random_values(static_cast<std::size_t>(masks) * channels);
        Values actual(static_cast<std::size_t>(masks) * pixels), expected(actual.size(), 0);
        kernel.gelu_dot(x.data(), bias.data(), weights.data(), masks, channels, pixels, actual.data());
        for (int m = 0; m < masks; ++m)
            for (int p = 0; p < pixels; ++p)
                for (int c = 0; c < channels; ++c)
                    expected[m * pixels + p] += weights[m * channels + c] * gelu(x[c * pixels + p] + bias[c]);
        expect_near(actual, expected, 1e-5F);
    }
}

}  // namespace
}  // namespace landseam::sam::cpu
