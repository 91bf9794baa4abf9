// The encoders' inner loops, of every instruction set this processor has, against plain ones.
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

Values random_values(std::size_t count, float deviation = 1, float mean = 0) {
    static std::mt19937 engine(11);
    std::normal_distribution<float> normal(mean, deviation);
    Values values(count);
    for (float& value : values) value = normal(engine);
    return values;
}

void expect_near(const Values& actual, const Values& expected, float tolerance) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
        ASSERT_NEAR(actual[i], expected[i], tolerance * std::max(1.0F, std::fabs(expected[i]))) << i;
}

float gelu(double x) {
    return static_cast<float>(x * 0.5 * std::erfc(-x / std::sqrt(2.0)));
}

class EncoderKernelsTest : public ::testing::TestWithParam<const Kernels*> {
protected:
    const EncoderKernels& kernel = GetParam()->encoder;
};

INSTANTIATE_TEST_SUITE_P(InstructionSets, EncoderKernelsTest, ::testing::ValuesIn(runnable_kernels()),
                         [](const auto& set) { return std::string(set.param->instruction_set); });

TEST_P(EncoderKernelsTest, LayerNormNormalisesRowsOfAnyWidth) {
    const int rows = 3;
    const float eps = 1e-5F;
    for (const int width : {2, 5, 16, 24, 37, 96}) {
        SCOPED_TRACE(width);
        const Values x = random_values(static_cast<std::size_t>(rows) * width, 2, 3),
                     weight = random_values(width), bias = random_values(width);
        Values y(x.size()), expected(x.size());
        for (int row = 0; row < rows; ++row) {
            const float* const from = x.data() + row * width;
            double mean = 0, variance = 0;
            for (int i = 0; i < width; ++i) mean += double{from[i]} / width;
            for (int i = 0; i < width; ++i) variance += (from[i] - mean) * (from[i] - mean) / width;
            for (int i = 0; i < width; ++i)
                expected[row * width + i] =
                    static_cast<float>((from[i] - mean) / std::sqrt(variance + eps) * weight[i] + bias[i]);
        }
        kernel.layer_norm_rows(x.data(), rows, width, weight.data(), bias.data(), eps, y.data());
        expect_near(y, expected, 1e-5F);
        Values in_place = x;
        kernel.layer_norm_rows(in_place.data(), rows, width, weight.data(), bias.data(), eps,
                               in_place.data());
        EXPECT_EQ(in_place, y);
    }
}

// Tile after tile of a grid of keys, the last tile lower, the last columns of each row forbidden.
TEST_P(EncoderKernelsTest, SoftmaxOfTilesAddsUpToTheSoftmaxOfAllKeys) {
    const int rows = 5, key_rows = 7, rows_at_once = 3;
    const float scale = 0.3F;
    for (const int key_width : {16, 48}) {
        SCOPED_TRACE(key_width);
        const int side = key_width - 3, keys = key_rows * key_width;
        const Values scores = random_values(static_cast<std::size_t>(rows) * keys, 20),
                     row_terms = random_values(static_cast<std::size_t>(rows) * key_rows, 3);
        Values column_terms = random_values(static_cast<std::size_t>(rows) * key_width, 3);
        for (int row = 0; row < rows; ++row)
            std::fill_n(column_terms.begin() + row * key_width + side, key_width - side, -1e30F);

        Values largest(rows, -3.4e38F), total(rows, 0), shrink(rows), powers(scores.size(), 0);
        for (int y = 0; y < key_rows; y += rows_at_once) {
            const int lines = std::min(rows_at_once, key_rows - y), tile = lines * key_width;
            Values part;
            for (int row = 0; row < rows; ++row) {
                const auto begin = scores.begin() + row * keys + y * key_width;
                part.insert(part.end(), begin, begin + tile);
            }
            kernel.softmax_with_positions(part.data(), rows, lines, key_width, scale, row_terms.data() + y,
                                          key_rows, column_terms.data(), largest.data(), total.data(),
                                          shrink.data());
            for (int row = 0; row < rows; ++row) {
                float* const all = powers.data() + row * keys;
                for (int i = 0; i < y * key_width; ++i) all[i] *= shrink[row];
                std::copy_n(part.begin() + row * tile, tile, all + y * key_width);
            }
        }

        for (int row = 0; row < rows; ++row) {
            std::vector<double> expected(keys);
            double top = -1e300, sum = 0;
            for (int i = 0; i < keys; ++i) {
                const int y = i / key_width, x = i % key_width;
                expected[i] = double{scale} * scores[row * keys + i] + row_terms[row * key_rows + y] +
                              column_terms[row * key_width + x];
                top = std::max(top, expected[i]);
            }
            for (double& value : expected) sum += value = std::exp(value - top);
            EXPECT_NEAR(largest[row], top, 1e-5 * std::fabs(top));
            EXPECT_NEAR(total[row], sum, 2e-5 * sum);
            for (int i = 0; i < keys; ++i) {
                ASSERT_NEAR(powers[row * keys + i], expected[i], 2e-5) << i;
                if (i % key_width >= side) {
                    ASSERT_EQ(powers[row * keys + i], 0) << i;
                }
            }
        }
    }
}

TEST_P(EncoderKernelsTest, DepthwiseRowWeighsTheNeighboursThatThereAre) {
    for (const int channels : {1, 16, 37}) {
        const Values weight = random_values(9 * static_cast<std::size_t>(channels)),
                     bias = random_values(channels), zeros(channels, 0);
        for (const int width : {1, 2, 7, 8}) {
            const Values map = random_values(static_cast<std::size_t>(3) * width * channels);
            // All of the rows; no row above; no row below.
            for (const int absent : {-1, 0, 2}) {
                const float* rows[3];
                for (int i = 0; i < 3; ++i)
                    rows[i] = i == absent ? nullptr : map.data() + i * width * channels;
                for (const int stride : {1, 2}) {
                    SCOPED_TRACE(::testing::Message() << channels << " channels, width " << width
                                                      << ", absent " << absent << ", stride " << stride);
                    Values sums;
                    for (int x = 0; x < width; x += stride) {
                        for (int c = 0; c < channels; ++c) {
                            double sum = bias[c];
                            for (int tap = 0; tap < 9; ++tap) {
                                const int column = x + tap % 3 - 1;
                                if (rows[tap / 3] && column >= 0 && column < width)
                                    sum += double{rows[tap / 3][column * channels + c]} *
                                           weight[tap * channels + c];
                            }
                            sums.push_back(static_cast<float>(sum));
                        }
                    }
                    Values bent(sums.size()), actual(sums.size());
                    std::transform(sums.begin(), sums.end(), bent.begin(), gelu);
                    kernel.depthwise_row(rows, width, channels, stride, weight.data(), bias.data(),
                                         zeros.data(), false, actual.data());
                    expect_near(actual, sums, 1e-5F);
                    kernel.depthwise_row(rows, width, channels, stride, weight.data(), bias.data(),
                                         zeros.data(), true, actual.data());
                    expect_near(actual, bent, 1e-5F);
                }
            }
        }
    }
}

TEST_P(EncoderKernelsTest, AddGeluBendsSumsOfAnyNumber) {
    for (const int count : {1, 16, 45}) {
        const Values x = random_values(count, 3), y = random_values(count, 3);
        Values actual = x, expected(x.size());
        std::transform(x.begin(), x.end(), y.begin(), expected.begin(),
                       [](float a, float b) { return gelu(double{a} + b); });
        kernel.add_gelu(actual.data(), y.data(), count);
        expect_near(actual, expected, 1e-6F);
    }
}

// Also far out, where it is x or nothing, and for what is no number.
TEST_P(EncoderKernelsTest, GeluIsWithinAFewUnitsOfTheLastPlaceEverywhere) {
    Values x;
    for (int i = -16'000; i <= 16'000; ++i) x.push_back(static_cast<float>(i) / 1000);
    Values actual = x;
    const Values zeros(x.size());
    kernel.add_gelu(actual.data(), zeros.data(), static_cast<int>(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i)
        ASSERT_NEAR(actual[i], gelu(x[i]), 3e-7F * std::fabs(x[i])) << x[i];
    Values odd{1e30F, -1e30F, std::nanf("")};
    kernel.add_gelu(odd.data(), zeros.data(), 3);
    EXPECT_FLOAT_EQ(odd[0], 1e30F);
    EXPECT_LE(std::fabs(odd[1]), 1e24F);
    EXPECT_TRUE(std::isnan(odd[2]));
}

TEST_P(EncoderKernelsTest, RoundsToTheNearestBf16AndTiesToEven) {
    const float step = 1.0F / 128;  // between two bf16 values from 1 up
    const Values exact{0, 1, -1, 1 + step, 1 + 2 * step, -1.5F, 65536};
    const std::vector<std::uint16_t> bits{0, 0x3f80, 0xbf80, 0x3f81, 0x3f82, 0xbfc0, 0x4780};
    std::vector<std::uint16_t> rounded(bits.size());
    kernel.to_bf16(exact.data(), static_cast<int>(exact.size()), rounded.data());
    EXPECT_EQ(rounded, bits);

    const Values between{1 + 0.25F * step, 1 + 0.75F * step, 1 + 0.5F * step, 1 + 1.5F * step,
                         -1 - 1.5F * step};
    const std::vector<std::uint16_t> nearest{0x3f80, 0x3f81, 0x3f80, 0x3f82, 0xbf82};
    rounded.resize(nearest.size());
    kernel.to_bf16(between.data(), static_cast<int>(between.size()), rounded.data());
    EXPECT_EQ(rounded, nearest);

    // Many at once, so that whole vectors and what remains of one are both covered.
    const Values many = random_values(53);
    rounded.resize(many.size());
    kernel.to_bf16(many.data(), 53, rounded.data());
    for (std::size_t i = 0; i < many.size(); ++i) {
        std::uint32_t wide = std::uint32_t{rounded[i]} << 16;
        float back;
        std::copy_n(reinterpret_cast<const char*>(&wide), sizeof back, reinterpret_cast<char*>(&back));
        EXPECT_NEAR(back, many[i], std::fabs(many[i]) / 256) << i;
    }
}

}  // namespace
}  // namespace landseam::sam::cpu
