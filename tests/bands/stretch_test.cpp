#include "landseam/bands/stretch.h"

#include "landseam/core/error.h"

#include "bands/make_bands.h"

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::bands {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

ChannelPlan grey_plan(const std::string& data_type = "UInt16") {
    return plan_channels({"", "1"}, plain_bands(1, data_type), nullptr);
}

StretchOptions percentiles(double low, double high) {
    StretchOptions options;
    options.method = StretchMethod::percentile;
    options.low_percentile = low;
    options.high_percentile = high;
    return options;
}

StretchOptions with_method(StretchMethod method) {
    StretchOptions options;
    options.method = method;
    return options;
}

// The red channel of a one-row window.
std::vector<int> red_row(const RasterWindow& window, const ChannelPlan& plan, const Stretch& stretch) {
    const ImageU8 rgb = to_rgb(window, plan, stretch);
    std::vector<int> row;
    for (int x = 0; x < rgb.width; ++x) row.push_back(rgb.at(x, 0, 0));
    return row;
}

Stretch simple_stretch(double low, double high) {
    Stretch stretch;
    stretch.low.assign(3, low);
    stretch.high.assign(3, high);
    return stretch;
}

TEST(EstimateStretch, InterpolatesPercentilesBetweenRanks) {
    // Five values: percentile p lies at rank p / 100 * 4.
    const RasterWindow sample = one_row({{40, 0, 30, 10, 20}});
    const Stretch stretch = estimate_stretch(grey_plan(), percentiles(10, 80), sample);
    EXPECT_DOUBLE_EQ(stretch.low[0], 4);
    EXPECT_DOUBLE_EQ(stretch.high[0], 32);
    const Stretch whole = estimate_stretch(grey_plan(), percentiles(0, 100), sample);
    EXPECT_DOUBLE_EQ(whole.low[2], 0);
    EXPECT_DOUBLE_EQ(whole.high[2], 40);
}

TEST(EstimateStretch, AgreesWithSortingOnRandomSamples) {
    std::mt19937 random(7);
    for (int size : {1, 2, 3, 50, 101, 1000}) {
        std::vector<float> values(static_cast<std::size_t>(size));
        for (float& value : values) value = static_cast<float>(random() % 10000);
        std::vector<float> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        const auto expected = [&](double p) {
            const double rank = p / 100 * (size - 1);
            const auto below = static_cast<std::size_t>(std::floor(rank));
            const auto above = static_cast<std::size_t>(std::ceil(rank));
            return sorted[below] + (rank - std::floor(rank)) * (sorted[above] - sorted[below]);
        };
        const Stretch stretch = estimate_stretch(grey_plan(), percentiles(2, 98), one_row({values}));
        if (sorted.front() == sorted.back()) continue;
        EXPECT_NEAR(stretch.low[0], expected(2), 1e-9) << size;
        EXPECT_NEAR(stretch.high[0], expected(98), 1e-9) << size;
    }
}

TEST(EstimateStretch, LeavesOutInvalidAndNonFinitePixels) {
    RasterWindow sample = one_row({{-9999, 10, kNan, 20, kInfinity, -kInfinity}});
    sample.valid.values[0] = 0;
    const Stretch stretch = estimate_stretch(grey_plan("Float32"), percentiles(0, 100), sample);
    EXPECT_EQ(stretch.low[0], 10);
    EXPECT_EQ(stretch.high[0], 20);
}

TEST(EstimateStretch, TakesSaturatedCountsForData) {
    const RasterWindow sample = one_row({{5000, 65535, 9000}});
    const Stretch stretch = estimate_stretch(grey_plan(), percentiles(0, 100), sample);
    EXPECT_EQ(stretch.high[0], 65535);
    EXPECT_THAT(red_row(sample, grey_plan(), simple_stretch(5000, 30000)), ElementsAre(0, 255, 41));
}

TEST(EstimateStretch, UsesMinimumAndMaximumWherePercentilesCoincide) {
    std::vector<float> values(1000, 3);
    values[10] = 8;
    const Stretch stretch = estimate_stretch(grey_plan(), percentiles(2, 98), one_row({values}));
    EXPECT_EQ(stretch.low[0], 3);
    EXPECT_EQ(stretch.high[0], 8);
}

TEST(EstimateStretch, MakesConstantBandsMidGrey) {
    for (float value : {0.f, 10000.f, -3.4e38f, 1e-30f}) {
        const RasterWindow sample = one_row({{value, value, value}});
        const Stretch stretch = estimate_stretch(grey_plan("Float32"), percentiles(2, 98), sample);
        EXPECT_NO_THROW(stretch.validate());
        EXPECT_THAT(red_row(sample, grey_plan(), stretch), ElementsAre(128, 128, 128)) << value;
    }
}

TEST(EstimateStretch, IsDefinedWithoutAnyValidPixel) {
    RasterWindow sample = one_row({{5, 6}});
    sample.valid.values = {0, 0};
    const Stretch stretch = estimate_stretch(grey_plan(), percentiles(2, 98), sample);
    EXPECT_EQ(stretch.low[0], 0);
    EXPECT_EQ(stretch.high[0], 1);
    EXPECT_THAT(red_row(sample, grey_plan(), stretch), ElementsAre(0, 0));
}

TEST(EstimateStretch, KeepsEightBitPicturesAsTheyAreByDefault) {
    std::vector<float> all(256);
    std::iota(all.begin(), all.end(), 0.f);
    const ChannelPlan plan = plan_channels({"rgb", ""}, plain_bands(3, "Byte"), nullptr);
    const RasterWindow window = one_row({all, all, all});
    const ImageU8 rgb = to_rgb(window, plan, estimate_stretch(plan, {}, window));
    for (int x = 0; x < 256; ++x)
        for (int c = 0; c < 3; ++c) ASSERT_EQ(rgb.at(x, 0, c), x);
}

TEST(EstimateStretch, StretchesDarkEightBitPicturesWhenAsked) {
    const ChannelPlan plan = grey_plan("Byte");
    const Stretch stretch = estimate_stretch(plan, percentiles(0, 100), one_row({{10, 20, 30}}));
    EXPECT_EQ(stretch.low[0], 10);
    EXPECT_EQ(stretch.high[0], 30);
}

TEST(EstimateStretch, ShowsBilevelPicturesInBlackAndWhite) {
    const RasterWindow bilevel = one_row({{0, 1, 0, 1}});
    EXPECT_THAT(red_row(bilevel, grey_plan("Byte"), estimate_stretch(grey_plan("Byte"), {}, bilevel)),
                ElementsAre(0, 255, 0, 255));
    // A rare 1 survives percentiles.
    std::vector<float> rare(1000, 0);
    rare[500] = 1;
    const Stretch stretch = estimate_stretch(grey_plan("Byte"), percentiles(2, 98), one_row({rare}));
    EXPECT_EQ(red_row(one_row({rare}), grey_plan("Byte"), stretch)[500], 255);
    // Black alone says nothing about what the rest of the scene holds.
    EXPECT_EQ(estimate_stretch(grey_plan("Byte"), {}, one_row({{0, 0}})).high[0], 255);
}

TEST(EstimateStretch, ClampsValuesAboveEightBitsWhenToldNotToStretch) {
    const RasterWindow window = one_row({{0, 100, 255, 1000}});
    const Stretch stretch = estimate_stretch(grey_plan("UInt16"), with_method(StretchMethod::none), window);
    EXPECT_THAT(red_row(window, grey_plan(), stretch), ElementsAre(0, 100, 255, 255));
}

TEST(EstimateStretch, TakesFixedRangesForAllOrEachChannel) {
    StretchOptions options = with_method(StretchMethod::fixed);
    options.ranges = {{0, 3000}};
    const RasterWindow sample = one_row({{1, 2}});
    EXPECT_THAT(estimate_stretch(grey_plan(), options, sample).high, ElementsAre(3000, 3000, 3000));
    options.ranges = {{0, 1}, {2, 3}, {4, 5}};
    EXPECT_THAT(estimate_stretch(grey_plan(), options, sample).low, ElementsAre(0, 2, 4));
}

TEST(EstimateStretch, TakesThePresetsStretchUnlessToldOtherwise) {
    const ChannelPlan plan =
        plan_channels({"sentinel1:false-color-db", ""}, plain_bands(2, "Float32"), nullptr);
    const RasterWindow sample = one_row({{-10, -12}, {-17, -20}});
    const Stretch preset = estimate_stretch(plan, {}, sample);
    EXPECT_THAT(preset.low, ElementsAre(-25, -32, 0));
    EXPECT_THAT(preset.high, ElementsAre(0, -5, 15));
    EXPECT_EQ(estimate_stretch(plan, percentiles(0, 100), sample).low[0], -12);
    StretchOptions brighter;
    brighter.gamma = 2;
    EXPECT_EQ(estimate_stretch(plan, brighter, sample).gamma, 2);
    EXPECT_EQ(estimate_stretch(plan, brighter, sample).low[0], -25);
}

TEST(StretchOptionsValidate, RefusesValuesOutOfRange) {
    EXPECT_NO_THROW(StretchOptions{}.validate());
    const auto refused = [](const std::function<void(StretchOptions&)>& change) {
        StretchOptions options = with_method(StretchMethod::fixed);
        options.ranges = {{0, 1}};
        change(options);
        try {
            options.validate();
        } catch (const Error& error) {
            return error.kind() == ErrorKind::usage;
        }
        return false;
    };
    EXPECT_FALSE(refused([](StretchOptions&) {}));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.low_percentile = -1; }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.high_percentile = 101; }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.low_percentile = o.high_percentile; }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.low_percentile = std::nan(""); }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.gamma = 0; }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.gamma = std::nan(""); }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.ranges.clear(); }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.ranges.resize(2); }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.ranges = {{1, 1}}; }));
    EXPECT_TRUE(refused([](StretchOptions& o) { o.ranges = {{0, std::nan("")}}; }));
}

TEST(StretchValidate, RefusesWhatCannotBeApplied) {
    EXPECT_NO_THROW(Stretch{}.validate());
    EXPECT_THROW(simple_stretch(1, 1).validate(), Error);
    EXPECT_THROW(simple_stretch(0, std::nan("")).validate(), Error);
    Stretch no_gamma;
    no_gamma.gamma = 0;
    EXPECT_THROW(no_gamma.validate(), Error);
    EXPECT_THROW(to_rgb(one_row({{1}}), grey_plan(), no_gamma), Error);
}

TEST(ToRgb, BlackensInvalidPixelsInAllChannels) {
    RasterWindow window = one_row({{100, 100, 100}, {100, 100, kNan}, {100, 100, 100}});
    window.valid.values[1] = 0;
    const ChannelPlan plan = plan_channels({"", "1,2,3"}, plain_bands(3), nullptr);
    EXPECT_THAT(to_rgb(window, plan, simple_stretch(0, 255)).values,
                ElementsAre(100, 100, 100, 0, 0, 0, 0, 0, 0));
}

TEST(ToRgb, AppliesGammaAfterTheRange) {
    Stretch stretch = simple_stretch(0, 100);
    stretch.gamma = 2;
    // 255 * sqrt(0.25) = 127.5
    EXPECT_THAT(red_row(one_row({{-5, 0, 25, 100, 500}}), grey_plan(), stretch),
                ElementsAre(0, 0, 128, 255, 255));
}

TEST(ToRgb, OrdersChannelsAsPlannedAndReadsBandsByNumber) {
    RasterWindow window = one_row({{10}, {20}, {30}});
    window.band_numbers = {7, 3, 5};
    auto bands = plain_bands(7);
    const ChannelPlan plan = plan_channels({"", "5,7,3"}, bands, nullptr);
    EXPECT_THAT(plan.source_bands, ElementsAre(3, 5, 7));
    EXPECT_THAT(to_rgb(window, plan, simple_stretch(0, 255)).values, ElementsAre(30, 10, 20));
}

TEST(ToRgb, RefusesAWindowWithoutASourceBand) {
    const ChannelPlan plan = plan_channels({"", "1,2,3"}, plain_bands(3), nullptr);
    EXPECT_THAT(error_text([&] { to_rgb(one_row({{1}, {2}}), plan, Stretch{}); }), HasSubstr("band 3"));
}

TEST(ToRgb, ComputesIndices) {
    const ChannelPlan plan = plan_channels({"naip", "ndvi,ndwi,red"}, plain_bands(4, "Byte"), nullptr);
    // Columns: vegetation (nir 200, red 50), water (green 60, nir 20, red 20), nothing at all.
    const RasterWindow window = one_row({{50, 20, 0}, {80, 60, 0}, {40, 50, 0}, {200, 20, 0}});
    const Stretch stretch = estimate_stretch(plan, {}, window);
    EXPECT_THAT(stretch.low, ElementsAre(-1, -1, 0));
    const ImageU8 rgb = to_rgb(window, plan, stretch);
    EXPECT_EQ(rgb.at(0, 0, 0), std::lround((0.6 + 1) / 2 * 255));  // (200 - 50) / 250
    EXPECT_EQ(rgb.at(1, 0, 1), std::lround((0.5 + 1) / 2 * 255));  // (60 - 20) / 80
    EXPECT_EQ(rgb.at(0, 0, 2), 50);
    // 0 / 0 is an index of 0, the middle of -1..1.
    EXPECT_EQ(rgb.at(2, 0, 0), 128);
    EXPECT_EQ(rgb.at(2, 0, 1), 128);
}

TEST(ToRgb, ClampsIndicesOfNegativeReflectance) {
    const ChannelPlan plan = plan_channels({"naip", "ndvi"}, plain_bands(4, "Float32"), nullptr);
    const RasterWindow window = one_row({{-0.0999f, 0.1f}, {0, 0}, {0, 0}, {0.1f, -0.0999f}});
    EXPECT_THAT(red_row(window, plan, simple_stretch(-1, 1)), ElementsAre(255, 0));
}

TEST(ToRgb, ComputesIndicesOfPhysicalValues) {
    auto bands = plain_bands(4);
    for (auto& band : bands) {
        band.scale = 0.0001;
        band.offset = -0.1;
    }
    const ChannelPlan plan = plan_channels({"naip", "ndvi"}, bands, nullptr);
    // Reflectance 0.3 and 0.1: index 0.5; of stored values 4000 and 2000 it would be 1/3.
    const RasterWindow window = one_row({{2000}, {0}, {0}, {4000}});
    EXPECT_THAT(red_row(window, plan, simple_stretch(-1, 1)), ElementsAre(191));
}

TEST(ToRgb, ComputesRatiosAndDifferences) {
    const ChannelPlan plan = plan_channels({"", "1/2,1-2,2"}, plain_bands(2), nullptr);
    const ImageU8 rgb = to_rgb(one_row({{60, 5}, {20, 0}}), plan, simple_stretch(0, 255));
    EXPECT_THAT(rgb.values, ElementsAre(3, 40, 20, 0, 5, 0));  // a ratio over 0 is 0
}

TEST(ToRgb, GivesTilesTheSamePixelsAsTheWhole) {
    constexpr int kWidth = 37, kHeight = 23;
    std::mt19937 random(11);
    RasterWindow whole;
    whole.valid = ImageU8(kWidth, kHeight, 1, 1);
    for (int number = 1; number <= 4; ++number) {
        whole.band_numbers.push_back(number);
        whole.bands.emplace_back(kWidth, kHeight);
        for (float& value : whole.bands.back().values) value = static_cast<float>(random() % 4000);
    }
    for (auto& valid : whole.valid.values) valid = random() % 10 != 0;
    whole.bands[1].values[40] = kNan;

    ChannelPlan plan = plan_channels({"naip", "ndvi,pca1,nir/red"}, plain_bands(4), nullptr);
    fit_components(plan, whole);
    StretchOptions options = percentiles(5, 95);
    options.gamma = 1.4;
    const Stretch stretch = estimate_stretch(plan, options, whole);
    const ImageU8 expected = to_rgb(whole, plan, stretch);

    for (int trial = 0; trial < 30; ++trial) {
        const int x0 = static_cast<int>(random() % kWidth), y0 = static_cast<int>(random() % kHeight);
        const int width = 1 + static_cast<int>(random() % static_cast<unsigned>(kWidth - x0));
        const int height = 1 + static_cast<int>(random() % static_cast<unsigned>(kHeight - y0));
        RasterWindow tile;
        tile.band_numbers = whole.band_numbers;
        tile.valid = ImageU8(width, height);
        for (const ImageF& band : whole.bands) {
            tile.bands.emplace_back(width, height);
            for (int y = 0; y < height; ++y)
                for (int x = 0; x < width; ++x) tile.bands.back().at(x, y) = band.at(x0 + x, y0 + y);
        }
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) tile.valid.at(x, y) = whole.valid.at(x0 + x, y0 + y);
        const ImageU8 rgb = to_rgb(tile, plan, stretch);
        ASSERT_EQ(rgb.width, width);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                for (int c = 0; c < 3; ++c) ASSERT_EQ(rgb.at(x, y, c), expected.at(x0 + x, y0 + y, c));
    }
}

TEST(ToRgb, MakesAsManyChannelsAsThePlanHas) {
    const ChannelPlan plan = plan_channels({"", "1,2,3,4,1", 5}, plain_bands(4), nullptr);
    const RasterWindow window = one_row({{0, 10}, {20, 40}, {0, 300}, {7, 7}});
    StretchOptions options = percentiles(0, 100);
    const ImageU8 stretched = to_rgb(window, plan, estimate_stretch(plan, options, window));
    EXPECT_EQ(stretched.channels, 5);
    EXPECT_THAT(stretched.values, ElementsAre(0, 0, 0, 128, 0, 255, 255, 255, 128, 255));
    options = with_method(StretchMethod::fixed);
    options.ranges = {{0, 255}, {0, 51}, {0, 510}, {7, 8}, {-10, 10}};
    EXPECT_THAT(to_rgb(window, plan, estimate_stretch(plan, options, window)).values,
                ElementsAre(0, 100, 0, 0, 128, 10, 200, 150, 0, 255));
    options.ranges.pop_back();
    EXPECT_THAT(error_text([&] { estimate_stretch(plan, options, window); }),
                HasSubstr("4 ranges are given for 5 channels"));
    EXPECT_THAT(error_text([&] { to_rgb(window, plan, Stretch{}); }), HasSubstr("of 3 channels"));
}

TEST(ToRgb, MakesAnEmptyPictureOfAnEmptyWindow) {
    RasterWindow window;
    window.band_numbers = {1};
    window.bands.emplace_back(0, 0);
    EXPECT_TRUE(to_rgb(window, grey_plan(), Stretch{}).empty());
}

}  // namespace
}  // namespace landseam::bands
