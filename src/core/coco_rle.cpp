#include "landseam/core/coco_rle.h"

#include "landseam/core/error.h"

#include <limits>

namespace landseam {
namespace {

constexpr int first_character = 48;
constexpr int more_follows = 0x20, sign_bit = 0x10, value_bits = 0x1f;
constexpr int longest = 7;  // characters of a count: 33 bits with its sign

}  // namespace

std::string compressed_counts(const std::vector<std::uint32_t>& counts) {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        std::int64_t rest = counts[i];
        if (i > 2) rest -= counts[i - 2];
        for (bool more = true; more;) {
            int character = static_cast<int>(rest & value_bits);
            rest >>= 5;
            more = character & sign_bit ? rest != -1 : rest != 0;
            if (more) character |= more_follows;
            text.push_back(static_cast<char>(character + first_character));
        }
    }
    return text;
}

std::vector<std::uint32_t> counts_from(std::string_view compressed) {
    std::vector<std::uint32_t> counts;
    for (std::size_t at = 0; at < compressed.size();) {
        std::int64_t count = 0;
        int character = more_follows;
        for (int k = 0; character & more_follows; ++k) {
            if (at == compressed.size()) throw Error("", "compressed counts end in the middle of one");
            character = static_cast<unsigned char>(compressed[at++]) - first_character;
            if (character < 0 || character > 63 || k == longest)
                throw Error("", "compressed counts hold a character that has no place in them");
            count |= std::int64_t{character & value_bits} << (5 * k);
            if (!(character & more_follows) && character & sign_bit) count |= -(std::int64_t{1} << (5 * (k + 1)));
        }
        if (counts.size() > 2) count += counts[counts.size() - 2];
        if (count < 0 || count > std::numeric_limits<std::uint32_t>::max())
            throw Error("", "compressed counts hold one of " + std::to_string(count));
        counts.push_back(static_cast<std::uint32_t>(count));
    }
    return counts;
}

}  // namespace landseam
