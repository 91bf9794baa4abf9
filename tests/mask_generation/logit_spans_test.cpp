#include "mask_generation/logit_spans.h"

#include <gmock/gmock.h>

namespace landseam::mask_generation {

static bool operator==(const LogitSpan& a, const LogitSpan& b) {
    return a.begin == b.begin && a.end == b.end && a.above == b.above;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int side = 64;
constexpr MaskThresholds thresholds{0, -1, 1};

// A disc of 5 in a plain of −5, at four times its size.
class LogitSpansOfADisc : public testing::Test {
protected:
    LogitSpansOfADisc()
        : plan(side, 4 * side, {4 * side, 4 * side}, {4 * side, 4 * side}), spans(plan, thresholds) {
        std::vector<float> logits;
        for (int y = -side / 2; y < side / 2; ++y)
            for (int x = -side / 2; x < side / 2; ++x) logits.push_back(x * x + y * y < 400 ? 5.0F : -5.0F);
        spans.set_logits(logits.data());
    }

    UpscalePlan plan;
    LogitSpans spans;
};

TEST_F(LogitSpansOfADisc, AreNoneInRowsBesideIt) {
    EXPECT_THAT(spans.of_row(0), IsEmpty());
    EXPECT_THAT(spans.of_row(4 * side - 1), IsEmpty());
}

TEST_F(LogitSpansOfADisc, LeaveOnlyItsOutlineToBeFoundOut) {
    // It reaches from column 13 to 51 of 64, so its outline lies near 52 and 208 of 256.
    EXPECT_THAT(spans.of_row(2 * side),
                ElementsAre(LogitSpan{48, 64, false}, LogitSpan{64, 192, true}, LogitSpan{192, 224, false}));
}

TEST_F(LogitSpansOfADisc, AreFoundOnceForTheRowsBetweenTwoOfTheDecoders) {
    spans.of_row(2 * side - 2);
    EXPECT_TRUE(spans.changed());
    for (int y = 2 * side - 1; y < 2 * side + 2; ++y) {
        spans.of_row(y);
        EXPECT_FALSE(spans.changed());
    }
    spans.of_row(2 * side + 2);
    EXPECT_TRUE(spans.changed());
}

TEST(LogitSpans, LeaveNothingOutThatRoundingMightRaiseAboveAThreshold) {
    const UpscalePlan plan(side, side, {side, side}, {side, side});
    LogitSpans spans(plan, thresholds);
    const std::vector<float> barely_below(side * side, -1), barely_above(side * side, 1 + 1e-6F);
    spans.set_logits(barely_below.data());
    EXPECT_THAT(spans.of_row(3), ElementsAre(LogitSpan{0, side, false}));
    spans.set_logits(barely_above.data());
    EXPECT_THAT(spans.of_row(3), ElementsAre(LogitSpan{0, side, false}));
}

}  // namespace
}  // namespace landseam::mask_generation
