#include "bands/names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace landseam::bands {
namespace {

// Classification by ASCII alone, so that results do not depend on the locale; bytes of UTF-8 sequences count
// as letters.
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "b04" and "band4" → "b4"; any other word as it is.
std::string canonical_word(const std::string& word) {
    const std::size_t prefix = word.rfind("band", 0) == 0 ? 4 : word.rfind('b', 0) == 0 ? 1 : 0;
    if (prefix == 0 || prefix == word.size() || !is_digit(word[prefix])) return word;
    std::size_t digits = prefix;
    while (digits + 1 < word.size() && word[digits] == '0' && is_digit(word[digits + 1])) ++digits;
    return "b" + word.substr(digits);
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

}  // namespace

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string squashed(std::string_view text) {
    std::string result;
    bool gap = false;
    for (char c : text) {
        if (is_word_character(c)) {
            if (gap && is_digit(c) && is_digit(result.back())) result += '_';
            result += lower(c);
        }
        gap = !is_word_character(c) && !result.empty();
    }
    return canonical_word(result);
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    std::string word;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && is_word_character(text[i])) {
            word += lower(text[i]);
        } else if (!word.empty()) {
            if (!result.empty() && result.back() == "band" && is_digit(word[0])) {
                result.back() = canonical_word("band" + word);
            } else {
                result.push_back(canonical_word(word));
            }
            word.clear();
        }
    }
    return result;
}

std::string composite_name(std::string_view text) {
    std::string name = lower_case(trimmed(text));
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '_'; }, '-');
    for (std::size_t at; (at = name.find("colour")) != std::string::npos;) name.erase(at + 4, 1);
    return name;
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string joined(const std::vector<std::string>& parts, const char* last) {
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += i + 1 == parts.size() ? std::string(" ") + last + " " : std::string(", ");
        text += parts[i];
    }
    return text;
}

std::vector<std::string> similar_names(const std::string& name, const std::vector<std::string>& known) {
    const std::string wanted = lower_case(name);
    const std::size_t allowed = std::max<std::size_t>(1, wanted.size() / 3);
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const std::string& candidate : known) {
        const std::string lowered = lower_case(candidate);
        const bool begins = wanted.size() >= 2 && lowered.rfind(wanted, 0) == 0;
        const std::size_t distance = edit_distance(wanted, lowered);
        if (begins || distance <= allowed) found.emplace_back(distance, candidate);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> result;
    for (auto& [distance, candidate] : found) result.push_back(std::move(candidate));
    return result;
}

}  // namespace landseam::bands
