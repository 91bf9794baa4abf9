// The files of the embedding cache: one tensor in fp16 behind a header that tells what it is.
#pragma once

#include "landseam/sam/embedding_cache.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::sam {

// Changes whenever the files do, or what the encoder computes does: older files are then no longer found.
constexpr std::uint32_t embedding_format = 1;

// What a file claims to be; compared as a whole.
struct EmbeddingHeader {
    Fingerprint key{};
    std::uint32_t channels = 0;
    std::uint32_t grid = 0;

    std::size_t value_count() const { return std::size_t{channels} * grid * grid; }
};

// The values of the file at `path`, as bits of fp16; empty if there is none, or it is not whole and exactly
// what `expected` says.
std::vector<std::uint16_t> read_embedding(const std::string& path, const EmbeddingHeader& expected);

// Writes under a temporary name in the same folder and renames. False, and nothing left behind, if that fails.
bool write_embedding(const std::string& path, const EmbeddingHeader& header,
                     const std::vector<std::uint16_t>& values);

}  // namespace landseam::sam
