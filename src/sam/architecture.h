// The tensors a model consists of.
#pragma once

#include "landseam/sam/model.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::sam {

struct ExpectedTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    bool counter = false;  // a batch norm's num_batches_tracked: an integer nobody reads, and may be absent
};

// Every tensor of a model of these sizes, in the order of the modules.
std::vector<ExpectedTensor> expected_tensors(const ModelInfo& info);

inline bool is_float(DType type) {
    return type == DType::f16 || type == DType::bf16 || type == DType::f32 || type == DType::f64;
}

// The stride of the merging that leads to a stage of `dim` channels: TinyViT keeps the grid where MobileSAM's
// encoder does, recognised by these widths alone.
inline int merge_stride(int dim) {
    return dim == 320 || dim == 448 || dim == 576 ? 1 : 2;
}

// "[768, 3, 16, 16]".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace landseam::sam
