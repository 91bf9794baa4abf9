// Reads NumPy's .npy files of float32 in C order (numpy.lib.format, version 1.0).
#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace landseam::test {

struct NpyArray {
    std::vector<std::int64_t> shape;
    std::vector<float> values;  // row-major
};

inline NpyArray read_npy_f32(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    char preamble[10] = {};
    if (!file.read(preamble, sizeof preamble) || std::string(preamble, 6) != "\x93NUMPY" || preamble[6] != 1)
        throw std::runtime_error(path + ": not a version 1 .npy file");
    std::string header(
        static_cast<unsigned char>(preamble[8]) + 256u * static_cast<unsigned char>(preamble[9]), '\0');
    file.read(header.data(), static_cast<std::streamsize>(header.size()));
    if (header.find("'<f4'") == std::string::npos ||
        header.find("'fortran_order': False") == std::string::npos)
        throw std::runtime_error(path + ": not little-endian float32 in C order");
    NpyArray array;
    std::size_t count = 1;
    const std::size_t end = header.find(')');
    for (std::size_t at = header.find('(') + 1; at < end;) {
        std::size_t digits = 0;
        array.shape.push_back(std::stoll(header.substr(at), &digits));
        count *= static_cast<std::size_t>(array.shape.back());
        at = header.find_first_of("0123456789)", at + digits);
    }
    array.values.resize(count);
    if (!file.read(reinterpret_cast<char*>(array.values.data()), static_cast<std::streamsize>(4 * count)))
        throw std::runtime_error(path + ": ends early");
    return array;
}

}  // namespace landseam::test
