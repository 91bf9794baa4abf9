// The header of a safetensors file: a length, and JSON that lists the tensors.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include "sam/byte_source.h"

#include <map>
#include <string>
#include <vector>

namespace landseam::sam {

struct SafetensorsHeader {
    std::vector<TensorEntry> tensors;
    std::map<std::string, std::string> metadata;
};

// True if the file begins as safetensors do, complete or cut short.
bool looks_like_safetensors(const ByteSource& source);

// Throws Error unless the header is strictly what the format allows, and every tensor's bytes lie in the
// file, are as many as its shape and type need, and belong to no other tensor.
SafetensorsHeader read_safetensors(const ByteSource& source);

}  // namespace landseam::sam
