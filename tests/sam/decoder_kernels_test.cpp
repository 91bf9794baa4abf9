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

Values positive_values(std::size_t count) {
    Values values = random_values(count);
    for (float& value : values) value = std::abs(value) + 0.25F;
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

TEST_P(DecoderKernelsTest, SoftmaxOverTokensAndOneMoreOfScoreZeroForEachHeadAndPixel) {
    const int tokens = 7, heads = 3, pixels = 80;
    const Values scores = random_values(static_cast<std::size_t>(tokens) * heads * pixels, 20);
    const Values bias = random_values(static_cast<std::size_t>(tokens) * heads);
    for (const float* const shift : {bias.data(), static_cast<const float*>(nullptr)}) {
        Values actual = scores, expected = scores;
        kernel.softmax_over_tokens(actual.data(), nullptr, nullptr, shift, tokens, heads, pixels, actual.data());
        for (int head = 0; head < heads; ++head) {
            for (int x = 0; x < pixels; ++x) {
                const auto at = [&](int t) { return (t * heads + head) * pixels + x; };
                double top = 0;
                for (int t = 0; t < tokens; ++t) {
                    expected[at(t)] += shift ? shift[t * heads + head] : 0;
                    top = std::max(top, static_cast<double>(expected[at(t)]));
                }
                double total = std::exp(-top);
                for (int t = 0; t < tokens; ++t) total += std::exp(expected[at(t)] - top);
                for (int t = 0; t < tokens; ++t)
                    expected[at(t)] = static_cast<float>(std::exp(expected[at(t)] - top) / total);
            }
        }
        expect_near(actual, expected, 2e-6F);
    }
}

TEST_P(DecoderKernelsTest, SoftmaxOverTokensTakesScaledAndPlacedScores) {
    const int tokens = 3, heads = 2, pixels = 32;
    const std::size_t count = std::size_t{tokens} * heads * pixels;
    const Values x = random_values(count), placed = random_values(count), scale = positive_values(pixels);
    Values scores(count), expected(count), actual(count);
    for (std::size_t i = 0; i < count; ++i) scores[i] = x[i] * scale[i % pixels] + placed[i];
    kernel.softmax_over_tokens(scores.data(), nullptr, nullptr, nullptr, tokens, heads, pixels, expected.data());
    for (std::size_t i = 0; i < count; ++i) expected[i] /= scale[i % pixels];
    kernel.softmax_over_tokens(x.data(), placed.data(), scale.data(), nullptr, tokens, heads, pixels,
                               actual.data());
    expect_near(actual, expected, 1e-6F);
}

TEST_P(DecoderKernelsTest, AddsDotsOfAnyNumberOfRows) {
    const int pixels = 48;
    for (const int rows : {1, 2, 7}) {
        const std::size_t count = static_cast<std::size_t>(rows) * pixels;
        const Values a = random_values(count), b = random_values(count);
        Values actual = random_values(pixels), expected = actual;
        for (std::size_t i = 0; i < count; ++i) expected[i % pixels] += a[i] * b[i];
        kernel.add_dots(a.data(), b.data(), rows, pixels, actual.data());
        expect_near(actual, expected, 1e-5F);
    }
}

TEST_P(DecoderKernelsTest, NormScaleIsOneOverTheDeviation) {
    const int channels = 40, pixels = 48;
    const Values squares = positive_values(pixels), before = positive_values(pixels);
    Values scale = before, expected(pixels);
    for (int x = 0; x < pixels; ++x) {
        const double variance = double{squares[x]} * before[x] * before[x] / channels;
        expected[x] = static_cast<float>(before[x] / std::sqrt(variance + 1e-2));
    }
    kernel.norm_scale(squares.data(), 1e-2F, channels, pixels, scale.data());
    expect_near(scale, expected, 1e-6F);
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
        kernel.softmax_block(part.data(), nullptr, nullptr, rows, pixels, valid, largest.data(), total.data(), shrink.data());
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

TEST_P(DecoderKernelsTest, SoftmaxOfABlockScalesItsWeights) {
    const int rows = 3, pixels = 32, valid = 29;
    const std::size_t count = std::size_t{rows} * pixels;
    const Values x = random_values(count), placed = random_values(count), scale = positive_values(pixels);
    Values expected(count), actual = x, largest(rows, -3.4e38F), total(rows, 0), shrink(rows);
    for (std::size_t i = 0; i < count; ++i) expected[i] = x[i] * scale[i % pixels] + placed[i];
    kernel.softmax_block(expected.data(), nullptr, nullptr, rows, pixels, valid, largest.data(), total.data(),
                         shrink.data());
    for (std::size_t i = 0; i < count; ++i) expected[i] *= scale[i % pixels];
    const Values expected_total = total;
    largest.assign(rows, -3.4e38F);
    total.assign(rows, 0);
    kernel.softmax_block(actual.data(), placed.data(), scale.data(), rows, pixels, valid, largest.data(),
                         total.data(), shrink.data());
    expect_near(actual, expected, 1e-6F);
    expect_near(total, expected_total, 1e-6F);
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
    const Values more = random_values(x.size()), scale = positive_values(pixels);
    for (int p = 0; p < pixels; ++p) {
        double mean = 0, variance = 0;
        const auto value = [&](int c) {
            return (double{x[c * pixels + p]} + more[c * pixels + p]) * scale[p] + bias[c];
        };
        for (int c = 0; c < channels; ++c) mean += value(c) / channels;
        for (int c = 0; c < channels; ++c) variance += (value(c) - mean) * (value(c) - mean) / channels;
        for (int c = 0; c < channels; ++c)
            expected[c * pixels + p] = gelu(
                static_cast<float>((value(c) - mean) / std::sqrt(variance + 1e-6) * weight[c] + shift[c]));
    }
    kernel.norm_gelu(x.data(), more.data(), scale.data(), bias.data(), weight.data(), shift.data(), 1e-6F, channels, pixels);
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
