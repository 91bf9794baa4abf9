#include "catalog/times.h"

#include "landseam/core/error.h"

#include <gtest/gtest.h>

namespace landseam::catalog {
namespace {

TEST(Times, MomentsOfAnyZoneAreUtc) {
    EXPECT_EQ(parse_moment("1970-01-02"), 86400);
    EXPECT_EQ(moment_text(*parse_moment("2020-12-14T18:02:31.437000Z")), "2020-12-14T18:02:31Z");
    EXPECT_EQ(moment_text(*parse_moment("2017-08-28T10:00:00-08:00")), "2017-08-28T18:00:00Z");
    EXPECT_EQ(moment_text(*parse_moment("2020-02-29T00:00:00")), "2020-02-29T00:00:00Z");
}

TEST(Times, WhatIsNoMomentIsNone) {
    for (const char* text :
         {"", "2021-02-29", "2020-13-01", "yesterday", "2020-01-01T", "2020-01-01T25:00:00Z",
          "2020-01-01T10:00:00+1", "20200101", "2020-01-01T10:00:00Zulu"})
        EXPECT_FALSE(parse_moment(text)) << text;
}

TEST(Times, NamesOfFilesTellTheirDay) {
    EXPECT_EQ(day_in_name("m_4709963_se_14_1_20200831"), "2020-08-31T00:00:00Z");
    EXPECT_EQ(day_in_name("20230617T105621"), "2023-06-17T00:00:00Z");
    EXPECT_EQ(day_in_name("LC08_014034_20200601_20200824"), "2020-06-01T00:00:00Z");
    EXPECT_EQ(day_in_name("tile_12345678"), "");
    EXPECT_EQ(day_in_name("20201350"), "");
}

TEST(Times, IntervalsAreThoseOfStacSearches) {
    const Interval day = parse_interval("2023-06-01");
    EXPECT_EQ(day.to - day.from, 86399);
    EXPECT_EQ(parse_interval("2023-06-01/2023-06-02").to, *parse_moment("2023-06-02T23:59:59Z"));
    EXPECT_LT(parse_interval("../2020-01-01").from, 0);
    EXPECT_GT(parse_interval("2020-01-01/..").to, *parse_moment("9999-01-01"));
    EXPECT_THROW(parse_interval("2023-06-02/2023-06-01"), Error);
    EXPECT_THROW(parse_interval("June"), Error);
}

}  // namespace
}  // namespace landseam::catalog
