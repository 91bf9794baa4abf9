#include "bands/principal_components.h"

#include "landseam/bands/stretch.h"
#include "landseam/core/error.h"

#include "bands/make_bands.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::bands {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Matrix = std::vector<std::vector<double>>;

TEST(SymmetricEigen, SolvesACaseKnownByHand) {
    // [[2, 1], [1, 2]]: 3 along (1, 1), 1 along (1, -1).
    const EigenPairs pairs = symmetric_eigen({{2, 1}, {1, 2}});
    EXPECT_NEAR(pairs.values[0], 3, 1e-14);
    EXPECT_NEAR(pairs.values[1], 1, 1e-14);
    EXPECT_NEAR(pairs.vectors[0][0], std::sqrt(0.5), 1e-14);
    EXPECT_NEAR(pairs.vectors[0][1], std::sqrt(0.5), 1e-14);
    EXPECT_NEAR(pairs.vectors[1][0] * pairs.vectors[1][1], -0.5, 1e-14);
}

TEST(SymmetricEigen, RebuildsRandomMatricesFromTheirPairs) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (std::size_t n : {1u, 3u, 8u, 20u}) {
        Matrix matrix(n, std::vector<double>(n));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) matrix[i][j] = matrix[j][i] = uniform(random);
        const EigenPairs pairs = symmetric_eigen(matrix);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                double rebuilt = 0, product = 0;
                for (std::size_t k = 0; k < n; ++k) {
                    rebuilt += pairs.values[k] * pairs.vectors[k][i] * pairs.vectors[k][j];
                    product += pairs.vectors[i][k] * pairs.vectors[j][k];
                }
                EXPECT_NEAR(rebuilt, matrix[i][j], 1e-12);
                EXPECT_NEAR(product, i == j, 1e-12);
            }
        EXPECT_TRUE(std::is_sorted(pairs.values.rbegin(), pairs.values.rend()));
    }
}

TEST(SymmetricEigen, MakesTheLargestEntryOfEachVectorPositive) {
    for (const auto& vector : symmetric_eigen({{4, -1, 0.5}, {-1, 3, -0.7}, {0.5, -0.7, 2}}).vectors) {
        double largest = 0;
        for (double entry : vector)
            if (std::abs(entry) > std::abs(largest)) largest = entry;
        EXPECT_GT(largest, 0);
    }
}

TEST(SymmetricEigen, EndsOnMatricesOfZerosAndOfOneValue) {
    EXPECT_THAT(symmetric_eigen({{0, 0}, {0, 0}}).values, ElementsAre(0, 0));
    EXPECT_NEAR(symmetric_eigen({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}).values[0], 3, 1e-14);
}

ChannelPlan pca_plan(int bands) {
    return plan_channels({"", "pca"}, plain_bands(bands), nullptr);
}

TEST(FitComponents, FindsTheAxesThatTheDataWereMadeOf) {
    // Three independent amounts along known orthogonal axes, with variances 100, 9 and 1.
    const Matrix axes{{2. / 3, 2. / 3, 1. / 3}, {-2. / 3, 1. / 3, 2. / 3}, {1. / 3, -2. / 3, 2. / 3}};
    const std::array<double, 3> deviation{10, 3, 1};
    std::mt19937 random(5);
    std::normal_distribution<double> normal;
    std::vector<std::vector<float>> values(3);
    for (int i = 0; i < 20000; ++i) {
        std::array<double, 3> pixel{500, 300, 100};
        for (std::size_t a = 0; a < 3; ++a) {
            const double amount = deviation[a] * normal(random);
            for (std::size_t b = 0; b < 3; ++b) pixel[b] += amount * axes[a][b];
        }
        for (std::size_t b = 0; b < 3; ++b) values[b].push_back(static_cast<float>(pixel[b]));
    }
    ChannelPlan plan = pca_plan(3);
    fit_components(plan, one_row(values));
    EXPECT_NEAR(plan.components.mean[0], 500, 0.5);
    for (std::size_t c = 0; c < 3; ++c) {
        double along = 0;
        for (std::size_t b = 0; b < 3; ++b) along += plan.components.loadings[c][b] * axes[c][b];
        EXPECT_NEAR(std::abs(along), 1, 0.002);
        EXPECT_NEAR(plan.components.variance[c], deviation[c] * deviation[c],
                    0.05 * deviation[c] * deviation[c]);
    }
}

TEST(FitComponents, LeavesOutPixelsWithoutData) {
    RasterWindow window =
        one_row({{1, 2, 3, 1e6f, 4}, {2, 4, 6, -1e6f, std::numeric_limits<float>::quiet_NaN()}});
    window.valid.values[3] = 0;
    ChannelPlan plan = plan_channels({"", "pca1"}, plain_bands(2), nullptr);
    fit_components(plan, window);
    EXPECT_NEAR(plan.components.loadings[0][1] / plan.components.loadings[0][0], 2, 1e-6);
    EXPECT_NEAR(plan.components.mean[0], 2, 1e-12);
}

TEST(FitComponents, GivesComponentsWithoutVarianceNoLoadings) {
    ChannelPlan plan = pca_plan(3);
    const RasterWindow window = one_row({{1, 2, 5, 9}, {1, 2, 5, 9}, {2, 4, 10, 18}});
    fit_components(plan, window);
    EXPECT_THAT(plan.components.loadings[1], ElementsAre(0, 0, 0));
    EXPECT_THAT(plan.components.loadings[2], ElementsAre(0, 0, 0));
    const ImageU8 rgb = to_rgb(window, plan, estimate_stretch(plan, {}, window));
    EXPECT_EQ(rgb.at(0, 0, 1), 128);  // nothing to see is mid-grey
    EXPECT_LT(rgb.at(0, 0, 0), rgb.at(3, 0, 0));
}

TEST(FitComponents, IsDefinedWithoutAnyValidPixel) {
    ChannelPlan plan = pca_plan(3);
    RasterWindow window = one_row({{1}, {2}, {3}});
    window.valid.values[0] = 0;
    fit_components(plan, window);
    EXPECT_THAT(to_rgb(window, plan, estimate_stretch(plan, {}, window)).values, ElementsAre(0, 0, 0));
}

TEST(FitComponents, LeavesPlansWithoutComponentsAlone) {
    ChannelPlan plan = plan_channels({"", "1"}, plain_bands(2), nullptr);
    fit_components(plan, one_row({{1}, {2}}));
    EXPECT_TRUE(plan.components.loadings.empty());
    EXPECT_FALSE(plan.needs_components());
}

TEST(FitComponents, MustComeBeforeThePicture) {
    const ChannelPlan plan = pca_plan(3);
    EXPECT_THAT(error_text([&] {
                    to_rgb(one_row({{1}, {2}, {3}}), plan, Stretch{});
                }),
                HasSubstr("not known"));
}

}  // namespace
}  // namespace landseam::bands
