#include "sam/embedding_file.h"

#include "sam/hash.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

#include <fcntl.h>
#include <unistd.h>

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

// A name that no other thread, process or machine makes at the same moment.
std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    static const unsigned process = std::random_device{}();
    return path + "." + std::to_string(process) + "-" + std::to_string(getpid()) + "-" +
           std::to_string(counter++) + ".tmp";
}

// An empty new file, or -1.
int create(const std::string& path) {
    return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

bool write_all(int file, const void* data, std::size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
        size -= static_cast<std::size_t>(written);
    }
    return true;
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
    const std::string temporary = temporary_name(path);
    const int file = create(temporary);
    if (file < 0) return false;
    const StoredHeader front = stored(header, values);
    bool good = write_all(file, &front, sizeof front) &&
                write_all(file, values.data(), values.size() * sizeof values[0]);
    good = close(file) == 0 && good;
    if (good && std::rename(temporary.c_str(), path.c_str()) == 0) return true;
    std::remove(temporary.c_str());
    return false;
}

bool can_write_into(const std::string& folder) {
    const std::string probe = temporary_name(folder + "/probe");
    const int file = create(probe);
    if (file < 0) return false;
    close(file);
    return std::remove(probe.c_str()) == 0;
}

}  // namespace landseam::sam
