// The archives that torch.save writes: which of their tensors are the model's, and where they lie.
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include "sam/byte_source.h"
#include "sam/zip_archive.h"

#include <vector>

namespace landseam::sam {

struct TorchArchive {
    std::vector<TensorEntry> tensors;  // layouts not yet checked, but storages lie in the file
    std::vector<ZipRecord> storages;   // those the tensors use, each once, by position in the file
};

TorchArchive read_torch_archive(const ByteSource& source);

}  // namespace landseam::sam
