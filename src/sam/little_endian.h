// Little-endian integers in byte buffers; the caller of get_… has checked that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace landseam::sam {

inline std::uint16_t get_u16(const unsigned char* p) {
    return static_cast<std::uint16_t>(p[0] | p[1] << 8);
}

inline std::uint32_t get_u32(const unsigned char* p) {
    return get_u16(p) | static_cast<std::uint32_t>(get_u16(p + 2)) << 16;
}

inline std::uint64_t get_u64(const unsigned char* p) {
    return get_u32(p) | static_cast<std::uint64_t>(get_u32(p + 4)) << 32;
}

template <class Number>
std::string little_endian(Number value) {
    std::string bytes;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
    return bytes;
}

}  // namespace landseam::sam
