#include "landseam/core/coco_rle.h"

#include "landseam/core/error.h"

#include <random>

#include <gtest/gtest.h>

namespace landseam {
namespace {

TEST(CocoRle, WritesTheCharactersThatPycocotoolsWrites) {
    // Worked out by hand from rleToString: 6 → '6'; 1 → '1'; 40 → 8 | 32, 1; then 4 − 1 and 22 − 40 = −18.
    EXPECT_EQ(compressed_counts({6, 1, 40, 4, 22}), std::string("61X1") + "3" + "^O");
    EXPECT_EQ(compressed_counts({0}), "0");
    EXPECT_EQ(compressed_counts({}), "");
}

TEST(CocoRle, GivesBackAnyCounts) {
    std::mt19937 random(3);
    for (int k = 0; k < 200; ++k) {
        std::vector<std::uint32_t> counts(random() % 40);
        for (std::uint32_t& count : counts) count = static_cast<std::uint32_t>(random() >> (random() % 32));
        EXPECT_EQ(counts_from(compressed_counts(counts)), counts);
    }
}

TEST(CocoRle, RefusesWhatNobodyWrote) {
    EXPECT_THROW(counts_from("X"), Error);    // goes on, and ends
    EXPECT_THROW(counts_from("1 2"), Error);  // a space
    EXPECT_THROW(counts_from("1\xff"), Error);
    EXPECT_THROW(counts_from("@"), Error);  // negative
    EXPECT_THROW(counts_from("oooooooooooo1"), Error);
    EXPECT_THROW(counts_from("ooooooO"), Error);
}

}  // namespace
}  // namespace landseam
