#include "pipeline/memory_size.h"

#include "landseam/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

TEST(MemorySize, IsReadAsPeopleWriteIt) {
    const auto bytes = [](const std::string& text) { return parse_memory_size("--max-memory", text); };
    EXPECT_EQ(bytes("1048576"), 1048576);
    EXPECT_EQ(bytes("1"), 1);
    EXPECT_EQ(bytes("12B"), 12);
    EXPECT_EQ(bytes("64K"), 65536);
    EXPECT_EQ(bytes("500M"), 524288000);
    EXPECT_EQ(bytes("500mb"), 524288000);
    EXPECT_EQ(bytes("8G"), std::int64_t{8} << 30);
    EXPECT_EQ(bytes("8 GiB"), std::int64_t{8} << 30);
    EXPECT_EQ(bytes("1.5g"), std::int64_t{3} << 29);
    EXPECT_EQ(bytes("2T"), std::int64_t{2} << 40);
    EXPECT_EQ(bytes("1E"), std::int64_t{1} << 60);
}

TEST(MemorySize, AnythingElseIsRefusedWithTheOptionsName) {
    for (const std::string text : {"",
                                   " ",
                                   "G",
                                   "-1",
                                   "-8G",
                                   "+8G",
                                   " 8G",
                                   "0",
                                   "0.0G",
                                   "0.2",
                                   "8X",
                                   "8Gi",
                                   "8GG",
                                   "8G ",
                                   "8G8",
                                   "1e9",
                                   "0x10",
                                   "1..5G",
                                   "1.2.3G",
                                   ".",
                                   "nan",
                                   "inf",
                                   "2E",
                                   "99999999999999999999",
                                   "999999999999999999999999999999G",
                                   "8,5G",
                                   "8\nG",
                                   "8 G B"}) {
        try {
            parse_memory_size("--max-memory", text);
            ADD_FAILURE() << "'" << text << "' was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::usage) << text;
            EXPECT_THAT(error.what(), testing::HasSubstr("--max-memory"));
        }
    }
}

TEST(MemorySize, IsToldInTwoFigures) {
    EXPECT_EQ(memory_text(0), "0.0 MiB");
    EXPECT_EQ(memory_text(std::int64_t{17} << 19), "8.5 MiB");
    EXPECT_EQ(memory_text(std::int64_t{396} << 20), "400 MiB");
    EXPECT_EQ(memory_text(std::int64_t{12} << 30), "12 GiB");
    EXPECT_EQ(memory_text(std::int64_t{1300} << 20), "1.3 GiB");
    EXPECT_EQ(memory_text(std::int64_t{1} << 62), "4.0 EiB");
}

}  // namespace
}  // namespace landseam::pipeline
