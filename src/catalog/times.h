// Moments as catalogs write them.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace landseam::catalog {

// Seconds since 1970 of an RFC 3339 moment ("2023-06-17T11:07:28.89Z", "…+02:00"; without a zone: UTC) or a
// day ("2023-06-17", its beginning); nothing for anything else.
std::optional<std::int64_t> parse_moment(const std::string& text);

// "2023-06-17T11:07:28Z".
std::string moment_text(std::int64_t seconds);
std::string now_text();

// Eight digits in a row that are a day from 1970 to 2099, as file names have them:
// "m_4709963_se_14_1_20200831" → "2020-08-31T00:00:00Z"; empty where there are none.
std::string day_in_name(const std::string& name);

struct Interval {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    std::int64_t to = std::numeric_limits<std::int64_t>::max();  // included
};

// As in a STAC search; a day is the whole day. Throws Error (usage) naming --datetime.
Interval parse_interval(const std::string& text);

}  // namespace landseam::catalog
