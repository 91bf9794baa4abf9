#include "catalog/times.h"

#include "landseam/core/error.h"

#include <cctype>
#include <cstdio>
#include <ctime>

namespace landseam::catalog {
namespace {

constexpr std::int64_t day_seconds = 86400;

bool valid_day(int year, int month, int day) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap);
}

std::int64_t seconds_of(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
    std::tm parts{};
    parts.tm_year = year - 1900, parts.tm_mon = month - 1, parts.tm_mday = day;
    parts.tm_hour = hour, parts.tm_min = minute, parts.tm_sec = second;
    return timegm(&parts);
}

bool is_day(const std::string& text) {
    return text.size() == 10;
}

}  // namespace

std::optional<std::int64_t> parse_moment(const std::string& text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, end = 0;
    if (text.size() > 64 || std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 ||
        end != 10 || !valid_day(year, month, day))
        return std::nullopt;
    if (is_day(text)) return seconds_of(year, month, day);
    if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
    if (std::sscanf(text.c_str() + 11, "%2d:%2d:%2d%n", &hour, &minute, &second, &end) != 3 || end != 8 ||
        hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return std::nullopt;
    std::size_t at = 19;
    if (at < text.size() && text[at] == '.')
        for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]));) ++at;
    const std::string zone = text.substr(at);
    int offset = 0, zone_hours = 0, zone_minutes = 0;
    if (!zone.empty() && zone != "Z" && zone != "z") {
        if ((zone[0] != '+' && zone[0] != '-') ||
            std::sscanf(zone.c_str() + 1, "%2d:%2d%n", &zone_hours, &zone_minutes, &end) != 2 || end != 5 ||
            zone.size() != 6)
            return std::nullopt;
        offset = (zone[0] == '-' ? -1 : 1) * (zone_hours * 60 + zone_minutes) * 60;
    }
    return seconds_of(year, month, day, hour, minute, second) - offset;
}

std::string moment_text(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    char text[40];
    gmtime_r(&time, &parts);
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string now_text() {
    return moment_text(std::time(nullptr));
}

std::string day_in_name(const std::string& name) {
    std::size_t digits = 0;
    for (std::size_t i = 0; i <= name.size(); ++i) {
        if (i < name.size() && std::isdigit(static_cast<unsigned char>(name[i]))) {
            ++digits;
            continue;
        }
        // A time may follow the day: 20230617T105621, 20170831_172754 or 20230617105621.
        if (digits == 8 || digits == 14) {
            int year = 0, month = 0, day = 0;
            std::sscanf(name.c_str() + i - digits, "%4d%2d%2d", &year, &month, &day);
            if (year >= 1970 && year <= 2099 && valid_day(year, month, day))
                return moment_text(seconds_of(year, month, day));
        }
        digits = 0;
    }
    return "";
}

Interval parse_interval(const std::string& text) {
    const auto moment = [&](const std::string& part) {
        const auto seconds = parse_moment(part);
        if (!seconds)
            throw Error(
                "--datetime", "'" + part + "' is no day and no moment",
                "write 2023-06-01, 2023-06-01T10:00:00Z, or two of these as FROM/TO, with .. for an open end",
                ErrorKind::usage);
        return *seconds;
    };
    const std::size_t slash = text.find('/');
    const std::string from = text.substr(0, slash),
                      to = slash == std::string::npos ? from : text.substr(slash + 1);
    Interval interval;
    if (from != ".." && !from.empty()) interval.from = moment(from);
    if (to != ".." && !to.empty()) interval.to = moment(to) + (is_day(to) ? day_seconds - 1 : 0);
    if (interval.from > interval.to)
        throw Error("--datetime", "'" + text + "' ends before it begins", "write FROM/TO", ErrorKind::usage);
    return interval;
}

}  // namespace landseam::catalog
