#include "sam/embedding_file.h"

#include "sam/hash.h"
#include "sam/whole_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace landseam::sam {
namespace {

constexpr char magic[8] = {'L', 'S', 'E', 'M', 'B', 'E', 'D', '\n'};

// As it lies in the file, in the machine's byte order: a file from a machine of the other one has another
// version number, and so is not taken.
struct StoredHeader {
    char magic[8];
    std::uint32_t format, channels, grid, reserved;
    Fingerprint key;
    Fingerprint checksum;  // of the values
};
static_assert(sizeof(StoredHeader) == 56, "without padding, so that it compares byte by byte");

StoredHeader stored(const EmbeddingHeader& header, const std::vector<std::uint16_t>& values) {
    StoredHeader result{};
    std::copy(std::begin(magic), std::end(magic), result.magic);
    result.format = embedding_format;
    result.channels = header.channels;
    result.grid = header.grid;
    result.key = header.key;
    result.checksum = Hash().add(values.data(), values.size() * sizeof values[0]).digest();
    return result;
}

}  // namespace

std::vector<std::uint16_t> read_embedding(const std::string& path, const EmbeddingHeader& expected) {
    std::ifstream file(path, std::ios::binary);
    StoredHeader found{};
    if (!file.read(reinterpret_cast<char*>(&found), sizeof found)) return {};
    std::vector<std::uint16_t> values(expected.value_count());
    const auto size = static_cast<std::streamsize>(values.size() * sizeof values[0]);
    if (!file.read(reinterpret_cast<char*>(values.data()), size)) return {};
    if (file.peek() != std::ifstream::traits_type::eof()) return {};
    const StoredHeader right = stored(expected, values);
    if (std::memcmp(&found, &right, sizeof found) != 0) return {};
    return values;
}

bool write_embedding(const std::string& path, const EmbeddingHeader& header,
                     const std::vector<std::uint16_t>& values) {
    WholeFile file(path);
    const StoredHeader front = stored(header, values);
    file.write(&front, sizeof front);
    file.write(values.data(), values.size() * sizeof values[0]);
    return file.keep();
}

}  // namespace landseam::sam
