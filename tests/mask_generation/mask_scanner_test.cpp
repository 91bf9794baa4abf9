#include "mask_generation/mask_scanner.h"

#include "mask_generation/plain_scan.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>

namespace landseam::mask_generation {
namespace {

using ::testing::ElementsAre;
using PixelRun = landseam::Run;  // within a test, Run is a member function

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// A picture of the decoder's own size, so that logits and pixels are the same.
UpscalePlan same_size(int size) {
    return UpscalePlan(size, size, {size, size}, {size, size});
}

// Fills a 4 × 4 square from the top with `rows`, the rest with −9.
std::vector<float> square_of_4(std::vector<float> rows) {
    rows.resize(16, -9);
    return rows;
}

TEST(MaskScanner, TakesPixelsAboveTheThresholdOnly) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 1);
    scanner.scan(square_of_4({0.1F, 0, -0.1F, 5, 6, 0, 1, 1, 1, 1, 0, 0}).data(), 10, 3);
    EXPECT_THAT(scanner.mask().runs(),
                ElementsAre(PixelRun{3, 10, 11}, PixelRun{3, 13, 14}, PixelRun{4, 10, 11},
                            PixelRun{4, 12, 14}, PixelRun{5, 10, 12}));
}

TEST(MaskScanner, JoinsNothingAcrossRows) {
    const UpscalePlan plan = same_size(2);
    MaskScanner scanner(plan, 0, 1);
    const std::vector<float> logits(4, 1);
    scanner.scan(logits.data(), 0, 0);
    EXPECT_THAT(scanner.mask().runs(), ElementsAre(PixelRun{0, 0, 2}, PixelRun{1, 0, 2}));
}

TEST(MaskScanner, StartsAfreshWithEveryMask) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 1);
    scanner.scan(square_of_4({2, 2, 0.5F}).data(), 0, 0);
    scanner.scan(square_of_4({-2, 2}).data(), 0, 0);
    EXPECT_EQ(scanner.stability_score(), 1);
    EXPECT_THAT(scanner.mask().runs(), ElementsAre(PixelRun{0, 1, 2}));
}

TEST(StabilityScore, IsTheShareOfThePixelsThatStayWhenTheThresholdRises) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 1);
    // 1 above +1; 4 above −1: both strictly.
    scanner.scan(square_of_4({1.5F, 1, 0.5F, -0.5F, -1, -1.5F}).data(), 0, 0);
    EXPECT_EQ(scanner.stability_score(), 0.25F);
}

TEST(StabilityScore, IsTakenWithTheGivenOffset) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 2);
    scanner.scan(square_of_4({3, 3, -1.9F, -9, 1.9F, -3, -3}).data(), 0, 0);
    EXPECT_EQ(scanner.stability_score(), 0.5F);
}

TEST(StabilityScore, IsNotANumberWhereNoPixelIsAboveTheLowerThreshold) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 1);
    scanner.scan(square_of_4({-2, -3}).data(), 0, 0);
    EXPECT_TRUE(std::isnan(scanner.stability_score()));
    EXPECT_TRUE(scanner.mask().empty());
}

TEST(StabilityScore, DoesNotOverflowOnRowsOfMoreThan32767Pixels) {
    const UpscalePlan plan(2, 2, {2, 1}, {40000, 1});
    MaskScanner scanner(plan, 0, 1);
    const std::vector<float> logits(4, 2);
    scanner.scan(logits.data(), 0, 0);
    EXPECT_EQ(scanner.stability_score(), 1);
    EXPECT_EQ(scanner.mask().area(), 40000);
}

TEST(MaskScanner, LeavesOutPixelsWithoutData) {
    const UpscalePlan plan = same_size(4);
    MaskScanner scanner(plan, 0, 1);
    ImageU8 valid(6, 6, 1, 255);
    valid.at(2, 2) = valid.at(4, 2) = 0;
    scanner.scan(square_of_4({2, 2, 0.5F, 2}).data(), 1, 2, &valid);
    EXPECT_EQ(scanner.stability_score(), 0.5F);
    EXPECT_THAT(scanner.mask().runs(), ElementsAre(PixelRun{2, 1, 2}, PixelRun{2, 3, 4}));
}

// Random logits of the kinds that decoders make, and of kinds that they should not.
class RandomMasks : public testing::TestWithParam<int> {
protected:
    double uniform(double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    }
    int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); }

    // Hills on a plain, so that a mask has an inside, an outline and an outside.
    std::vector<float> hills(int size) {
        const double plain = uniform(-12, 3), steepness = uniform(0.2, 30);
        std::vector<float> logits(static_cast<std::size_t>(size) * size, static_cast<float>(plain));
        for (int hill = whole(0, 4); hill > 0; --hill) {
            const double x0 = uniform(-5, size + 5), y0 = uniform(-5, size + 5),
                         radius = uniform(1, size / 1.5);
            for (int y = 0; y < size; ++y)
                for (int x = 0; x < size; ++x)
                    logits[y * size + x] += static_cast<float>(
                        steepness * std::max(0.0, 1 - std::hypot(x - x0, y - y0) / radius));
        }
        return logits;
    }

    void spoil(std::vector<float>& logits) {
        const float odd[] = {nan, infinity, -infinity, 3e38F,     -3e38F,    1e-40F,
                             0,   1,        -1,        1 + 1e-7F, -1 - 1e-7F};
        for (int i = whole(1, 40); i > 0; --i)
            logits[whole(0, static_cast<int>(logits.size()) - 1)] = odd[whole(0, std::size(odd) - 1)];
    }

    UpscalePlan random_plan() {
        const int low_res = whole(1, 70), model = low_res * 4;
        const sam::PictureSize square{model, model};
        if (whole(0, 2) == 0) return UpscalePlan(low_res, model, square, square);
        const sam::PictureSize input = whole(0, 1) == 0 ? sam::PictureSize{model, whole(1, model)}
                                                        : sam::PictureSize{whole(1, model), model};
        const double scale = uniform(0.1, 2.5);
        const auto scaled = [&](int side) { return std::max(1, static_cast<int>(side * scale)); };
        return UpscalePlan(low_res, model, input, {scaled(input.width), scaled(input.height)});
    }

    ImageU8 random_valid(int width, int height) {
        ImageU8 valid(width, height, 1, static_cast<std::uint8_t>(whole(0, 3) == 0 ? 255 : 1));
        const int x0 = whole(0, width), y0 = whole(0, height), share = whole(0, 9);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                if (x < x0 / 2 || y < y0 / 2 || (share == 0 && whole(0, 9) == 0)) valid.at(x, y) = 0;
        return valid;
    }

    std::mt19937 random{static_cast<unsigned>(GetParam())};
};

TEST_P(RandomMasks, AreThoseOfThePlainScan) {
    const UpscalePlan plan = random_plan();
    const float threshold = static_cast<float>(whole(0, 3) == 0 ? uniform(-3, 3) : 0);
    const float offset = static_cast<float>(whole(0, 3) == 0 ? uniform(0, 4) : 1);
    MaskScanner scanner(plan, threshold, offset);
    const int x0 = whole(0, 3), y0 = whole(0, 3);
    for (int round = 0; round < 6; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        std::vector<float> logits = hills(plan.low_res_size);
        if (round % 3 == 2) spoil(logits);
        const ImageU8 valid = random_valid(plan.picture.width + x0 + 2, plan.picture.height + y0 + 2);
        const ImageU8* const some_valid = round % 2 == 1 ? &valid : nullptr;
        const PlainScan expected = plain_scan(logits, plan, threshold, offset, x0, y0, some_valid);
        scanner.scan(logits.data(), x0, y0, some_valid);
        EXPECT_EQ(scanner.mask(), expected.mask);
        if (std::isnan(expected.stability_score))
            EXPECT_TRUE(std::isnan(scanner.stability_score()));
        else
            EXPECT_EQ(scanner.stability_score(), expected.stability_score);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMasks, testing::Range(0, 60));

}  // namespace
}  // namespace landseam::mask_generation
