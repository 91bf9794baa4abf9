// A small JSON reader for test data: the whole of JSON but for escapes beyond \" \\ \/ \n \t in strings.
#pragma once

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace landseam::test {

class Json {
public:
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind() const { return kind_; }
    double number() const { return expect(Kind::number).number_; }
    int integer() const { return static_cast<int>(number()); }
    bool boolean() const { return expect(Kind::boolean).number_ != 0; }
    const std::string& string() const { return expect(Kind::string).string_; }
    const std::vector<Json>& array() const { return expect(Kind::array).array_; }
    const std::map<std::string, Json>& object() const { return expect(Kind::object).object_; }

    bool has(const std::string& key) const { return object().count(key) != 0; }
    const Json& operator[](const std::string& key) const {
        const auto found = object().find(key);
        if (found == object().end()) throw std::runtime_error("JSON: no key '" + key + "'");
        return found->second;
    }
    const Json& operator[](std::size_t index) const { return array().at(index); }
    std::size_t size() const { return kind_ == Kind::object ? object_.size() : array().size(); }

    static Json parse(const std::string& text) {
        Parser parser{text, 0};
        Json value = parser.value();
        parser.skip_space();
        if (parser.at != text.size()) parser.fail("text after the value");
        return value;
    }

private:
    struct Parser {
        const std::string& text;
        std::size_t at;

        [[noreturn]] void fail(const std::string& what) const {
            throw std::runtime_error("JSON: " + what + " at byte " + std::to_string(at));
        }
        void skip_space() {
            while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
        }
        char peek() {
            skip_space();
            return at < text.size() ? text[at] : '\0';
        }
        void take(const std::string& word) {
            skip_space();
            if (text.compare(at, word.size(), word) != 0) fail("'" + word + "' expected");
            at += word.size();
        }
        Json value() {
            switch (peek()) {
                case '{':
                    return object();
                case '[':
                    return array();
                case '"':
                    return string();
                case 't':
                    take("true");
                    return Json(Kind::boolean, 1);
                case 'f':
                    take("false");
                    return Json(Kind::boolean, 0);
                case 'n':
                    take("null");
                    return Json(Kind::null, 0);
                default:
                    return number();
            }
        }
        Json number() {
            const char* begin = text.c_str() + at;
            char* end = nullptr;
            const double value = std::strtod(begin, &end);
            if (end == begin) fail("a value expected");
            at += static_cast<std::size_t>(end - begin);
            return Json(Kind::number, value);
        }
        Json string() {
            Json result(Kind::string, 0);
            take("\"");
            for (; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] != '\\') {
                    result.string_ += text[at];
                } else {
                    const char escaped = text[++at];
                    result.string_ += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
                }
            }
            take("\"");
            return result;
        }
        Json array() {
            Json result(Kind::array, 0);
            take("[");
            while (peek() != ']') {
                if (!result.array_.empty()) take(",");
                result.array_.push_back(value());
            }
            take("]");
            return result;
        }
        Json object() {
            Json result(Kind::object, 0);
            take("{");
            while (peek() != '}') {
                if (!result.object_.empty()) take(",");
                std::string key = string().string_;
                take(":");
                result.object_[std::move(key)] = value();
            }
            take("}");
            return result;
        }
    };

public:
    Json() = default;

private:
    Json(Kind kind, double number) : kind_(kind), number_(number) {}
    const Json& expect(Kind kind) const {
        if (kind_ != kind) throw std::runtime_error("JSON: a value of another kind expected");
        return *this;
    }

    Kind kind_ = Kind::null;
    double number_ = 0;
    std::string string_;
    std::vector<Json> array_;
    std::map<std::string, Json> object_;
};

inline Json parse_json_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    return Json::parse({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

}  // namespace landseam::test
