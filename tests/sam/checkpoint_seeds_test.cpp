// The fuzzers' seeds, and what the fuzzers ever found, through the functions that the fuzzers call.
#include "fuzz/checkpoint_target.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

class CheckpointSeeds : public ::testing::TestWithParam<const char*> {};

TEST_P(CheckpointSeeds, AreReadIfGoodAndRefusedIfBad) {
    const std::filesystem::path folder = std::string(LANDSEAM_TEST_DATA) + "/../fuzz/seeds/" + GetParam();
    int good = 0, bad = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream stream(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
        const auto read = fuzz::read_as(GetParam(), bytes);
        const bool is_good = entry.path().filename().string().rfind("good", 0) == 0;
        EXPECT_EQ(read.value_or(0) > 0, is_good) << entry.path();
        ++(is_good ? good : bad);
    }
    EXPECT_GT(good, 0);
    EXPECT_GT(bad, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, CheckpointSeeds, ::testing::Values("file", "pickle", "safetensors"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace landseam::sam
