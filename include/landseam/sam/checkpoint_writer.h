// Writing weights files: safetensors and, as the reference publishes them, PyTorch's zip archives.
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace landseam::sam {

// A tensor to be written: contiguous, row-major, native byte order.
struct TensorToWrite {
    std::string name;
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    const void* data = nullptr;  // product of shape × element_size(dtype) bytes
};

// Both are written under a temporary name and renamed, so that the file is whole or not there, and replace
// one that exists. Tensors keep their order. The same call writes the same bytes. Throw Error where the file
// cannot be written.
void write_safetensors(const std::string& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

// An OrderedDict of tensors, as torch.save writes it (format:
// https://pytorch.org/docs/stable/notes/serialization.html); torch.load reads it, also with weights_only.
void write_torch_archive(const std::string& path, const std::vector<TensorToWrite>& tensors);

}  // namespace landseam::sam
