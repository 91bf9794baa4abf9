// Little-endian integers in byte buffers; the caller has checked that the bytes are there.
#pragma once

#include <cstdint>

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

}  // namespace landseam::sam
