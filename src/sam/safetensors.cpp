#include "sam/safetensors.h"

#include "landseam/core/error.h"

#include "sam/little_endian.h"
#include "sam/tensor_layout.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace landseam::sam {
namespace {

// The reference allows 100 MB; a model of 600 tensors needs 70 kB.
constexpr std::uint64_t reference_limit = 100'000'000;
constexpr std::uint64_t largest_header = 16u << 20;

// Just the JSON that such a header can have: objects whose members the caller expects, strings, arrays of
// non-negative integers. It follows the format instead of nesting, so depth is fixed by construction.
class HeaderReader {
public:
    HeaderReader(const std::vector<unsigned char>& text, const std::string& file)
        : text_(text), file_(file) {}

    [[noreturn]] void fail(const std::string& cause) const {
        throw Error(
            file_,
            "its safetensors header cannot be read (" + cause + " at byte " + std::to_string(at_) + ")",
            "the file is damaged: download it again");
    }

    // Calls member(key) with the reader at each value in turn.
    template <class Member>
    void object(Member member) {
        expect('{');
        if (accept('}')) return;
        do {
            const std::string key = string();
            expect(':');
            member(key);
        } while (accept(','));
        expect('}');
    }

    std::vector<std::int64_t> integers(std::size_t most) {
        std::vector<std::int64_t> result;
        expect('[');
        if (accept(']')) return result;
        do {
            if (result.size() == most) fail("too many numbers");
            result.push_back(integer());
        } while (accept(','));
        expect(']');
        return result;
    }

    std::string string() {
        expect('"');
        std::string result;
        while (true) {
            const unsigned char c = next();
            if (c == '"') return result;
            if (c < ' ') fail("a control character in a text");
            if (c == '\\')
                escape(result);
            else
                result += static_cast<char>(c);
        }
    }

    // Spaces are all that may follow.
    void end() {
        skip_space();
        if (at_ != text_.size()) fail("something after the end");
    }

private:
    unsigned char next() {
        if (at_ == text_.size()) fail("it ends too early");
        return text_[at_++];
    }

    void skip_space() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }

    bool accept(char c) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != static_cast<unsigned char>(c)) return false;
        ++at_;
        return true;
    }

    void expect(char c) {
        if (!accept(c)) fail(std::string("no '") + c + "'");
    }

    bool at_digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

    std::int64_t integer() {
        skip_space();
        if (!at_digit()) fail("no number that is 0 or more");
        const bool zero = text_[at_] == '0';
        std::int64_t value = 0;
        for (; at_digit(); ++at_) {
            const int digit = text_[at_] - '0';
            if (value > (std::numeric_limits<std::int64_t>::max() - digit) / 10) fail("a number too large");
            value = value * 10 + digit;
            if (zero && value != 0) fail("a number that begins with 0");
        }
        return value;
    }

    void escape(std::string& result) {
        const unsigned char c = next();
        constexpr std::string_view escapes = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const std::size_t which = escapes.find(static_cast<char>(c));
        if (which != std::string_view::npos) {
            result += meanings[which];
        } else if (c == 'u') {
            append_utf8(result, code_point());
        } else {
            fail("an unknown escape in a text");
        }
    }

    std::uint32_t four_digits() {
        std::uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const unsigned char c = next();
            const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            if (!letter && (c < '0' || c > '9')) fail("a broken \\u escape");
            value = value * 16 + (letter ? (c | 0x20u) - 'a' + 10u : c - static_cast<std::uint32_t>('0'));
        }
        return value;
    }

    // Characters beyond U+FFFF come as a pair of surrogates.
    std::uint32_t code_point() {
        const std::uint32_t first = four_digits();
        if (first < 0xd800 || first > 0xdfff) return first;
        if (first > 0xdbff || next() != '\\' || next() != 'u') fail("half a surrogate pair");
        const std::uint32_t second = four_digits();
        if (second < 0xdc00 || second > 0xdfff) fail("half a surrogate pair");
        return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }

    static void append_utf8(std::string& text, std::uint32_t code) {
        const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
        if (code < 0x80) {
            text += static_cast<char>(code);
        } else if (code < 0x800) {
            text += static_cast<char>(0xc0 | code >> 6);
            tail(0);
        } else if (code < 0x10000) {
            text += static_cast<char>(0xe0 | code >> 12);
            tail(6), tail(0);
        } else {
            text += static_cast<char>(0xf0 | code >> 18);
            tail(12), tail(6), tail(0);
        }
    }

    const std::vector<unsigned char>& text_;
    const std::string& file_;
    std::size_t at_ = 0;
};

std::optional<DType> dtype_of(const std::string& name) {
    constexpr std::pair<std::string_view, DType> types[] = {
        {"F32", DType::f32}, {"F16", DType::f16},     {"BF16", DType::bf16}, {"F64", DType::f64},
        {"U8", DType::u8},   {"I8", DType::i8},       {"I16", DType::i16},   {"I32", DType::i32},
        {"I64", DType::i64}, {"BOOL", DType::boolean}};
    for (const auto& [text, dtype] : types)
        if (text == name) return dtype;
    return std::nullopt;
}

std::string its_tensor(const std::string& name) {
    return "its tensor '" + printable(name) + "' ";
}

// {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, in any order; the offsets count from
// `data_begin`.
TensorEntry read_entry(HeaderReader& reader, const std::string& name, std::uint64_t data_begin,
                       const ByteSource& source) {
    std::optional<std::string> type;
    std::optional<std::vector<std::int64_t>> shape, offsets;
    reader.object([&](const std::string& key) {
        if (key == "dtype" && !type)
            type = reader.string();
        else if (key == "shape" && !shape)
            shape = reader.integers(most_dimensions);
        else if (key == "data_offsets" && !offsets)
            offsets = reader.integers(2);
        else
            reader.fail("a second or unknown member '" + printable(key) + "'");
    });
    if (!type || !shape || !offsets || offsets->size() != 2)
        reader.fail("a tensor that is not fully described");

    const auto dtype = dtype_of(*type);
    if (!dtype)
        throw Error(source.name(),
                    its_tensor(name) + "has elements of an unsupported type (" + printable(*type) + ")",
                    "convert it to float32");
    TensorEntry entry;
    entry.name = name;
    entry.dtype = *dtype;
    entry.shape = std::move(*shape);
    entry.strides = contiguous_strides(entry.shape);
    const auto begin = static_cast<std::uint64_t>((*offsets)[0]);
    const auto end = static_cast<std::uint64_t>((*offsets)[1]);
    const std::uint64_t data_size = source.size() - data_begin;
    if (begin > end || end > data_size)
        throw Error(source.name(),
                    its_tensor(name) + "lies at bytes " + std::to_string(begin) + " to " +
                        std::to_string(end) + ", but the file holds " + std::to_string(data_size),
                    "the file is damaged or cut short: download it again");
    entry.storage_begin = data_begin + begin;
    entry.storage_size = end - begin;
    return entry;
}

void check_sizes(const std::vector<TensorEntry>& tensors, const std::string& file) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;
    for (const TensorEntry& entry : tensors) {
        const std::string fault = layout_fault(entry);
        if (!fault.empty() || entry.byte_count() != entry.storage_size)
            throw Error(file,
                        its_tensor(entry.name) + "has " + std::to_string(entry.storage_size) +
                            " bytes, which does not fit its type and shape",
                        "the file is damaged: download it again");
        if (entry.storage_size > 0)
            extents.emplace_back(entry.storage_begin, entry.storage_begin + entry.storage_size);
    }
    std::sort(extents.begin(), extents.end());
    for (std::size_t i = 1; i < extents.size(); ++i)
        if (extents[i].first < extents[i - 1].second)
            throw Error(file, "has tensors that overlap", "the file is damaged: download it again");
}

}  // namespace

bool looks_like_safetensors(const ByteSource& source) {
    if (source.size() < 9) return false;
    const std::vector<unsigned char> start = source.read(0, 9);
    return start[8] == '{' && get_u64(start.data()) <= reference_limit;
}

SafetensorsHeader read_safetensors(const ByteSource& source) {
    const std::uint64_t length = get_u64(source.read(0, 8).data());
    if (!source.contains(8, length))
        throw Error(source.name(), "ends within its safetensors header",
                    "the file is cut short: download it again");
    if (length > largest_header)
        throw Error(source.name(), "has a safetensors header of " + std::to_string(length) + " bytes",
                    "a weights file has a small one: save the weights alone");
    const std::vector<unsigned char> text = source.read(8, static_cast<std::size_t>(length));

    SafetensorsHeader header;
    HeaderReader reader(text, source.name());
    bool metadata_seen = false;
    reader.object([&](const std::string& name) {
        if (name != "__metadata__") {
            header.tensors.push_back(read_entry(reader, name, 8 + length, source));
            return;
        }
        if (metadata_seen) reader.fail("__metadata__ twice");
        metadata_seen = true;
        reader.object([&](const std::string& key) {
            if (!header.metadata.emplace(key, reader.string()).second) reader.fail("a metadata key twice");
        });
    });
    reader.end();
    check_sizes(header.tensors, source.name());
    return header;
}

}  // namespace landseam::sam
