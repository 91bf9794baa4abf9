// Where a tensor's elements lie in its storage, and copying them out.
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include "sam/byte_source.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace landseam::sam {

// PyTorch itself stops at 64 dimensions; models have at most 6.
constexpr std::size_t most_dimensions = 16;

// Strides of a row-major tensor without gaps. `shape` must have passed layout_fault, or be about to.
std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape);

// What is wrong with the entry's shape, strides and place in its storage; empty if nothing is. Once it is
// empty, byte_count() and the functions below cannot overflow.
std::string layout_fault(const TensorEntry& entry);

// Bytes from the tensor's first to behind its last element in the storage, gaps included.
std::uint64_t span_bytes(const TensorEntry& entry);

// The tensor's values in row-major order. Reads span_bytes(entry) of the source.
std::vector<std::byte> read_values(const ByteSource& source, const TensorEntry& entry);

}  // namespace landseam::sam
