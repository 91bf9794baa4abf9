#include "pipeline/memory_size.h"

#include "landseam/core/error.h"

#include <cctype>
#include <cmath>
#include <cstdio>

namespace landseam::pipeline {
namespace {

const std::string units = "KMGTPE";
constexpr double largest = 0x1p60;

// 1024 to the power of the unit that `text` names ("", "B", "K", "KB", "KiB", …); 0 if it names none.
double factor(const std::string& text) {
    if (text.empty() || text == "B") return 1;
    const std::size_t power = units.find(text.front());
    const std::string rest = text.substr(1);
    if (power == std::string::npos || !(rest.empty() || rest == "B" || rest == "IB")) return 0;
    return std::ldexp(1.0, 10 * static_cast<int>(power + 1));
}

}  // namespace

std::int64_t parse_memory_size(const std::string& option, const std::string& text) {
    const Error refusal(option, "'" + text + "' is no amount of memory", "write it as 8G or 500M",
                        ErrorKind::usage);
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    if (digits == 0 || digits > 20) throw refusal;
    std::string unit;
    for (char c : text.substr(digits))
        if (c != ' ' || !unit.empty()) unit += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::size_t read = 0;
    double bytes = 0;
    try {
        bytes = std::stod(text.substr(0, digits), &read) * factor(unit);
    } catch (const std::exception&) {
        throw refusal;
    }
    if (read != digits || !(bytes >= 1 && bytes <= largest)) throw refusal;
    return static_cast<std::int64_t>(bytes);
}

std::string memory_text(std::int64_t bytes) {
    double value = static_cast<double>(bytes) / 1024 / 1024;
    std::size_t unit = 1;
    for (; value >= 1000 && unit + 1 < units.size(); value /= 1024) ++unit;
    char text[32];
    // Two figures, never an exponent.
    const double step = value >= 100 ? 10 : 1;
    std::snprintf(text, sizeof text, value < 10 ? "%.1f %ciB" : "%.0f %ciB",
                  value < 10 ? value : std::round(value / step) * step, units[unit]);
    return text;
}

}  // namespace landseam::pipeline
