// The end of both encoders.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/convolution.h"
#include "sam/cpu/linear_layer.h"

namespace landseam::sam::cpu {

class Neck {
public:
    Neck(const sam::Neck& neck, int grid, Precision precision);

    // Tokens [g² × in] → embedding [C, g, g].
    void operator()(const float* tokens, float* embedding, const ParallelFor& parallel_for) const;

private:
    void mix_rows(const float* reduced, int first_row, int rows, float* embedding) const;

    int grid_;
    LinearLayer reduce_;
    Convolution3x3 mix_;
    at::Tensor norm1_weight_, norm1_shift_, norm2_weight_, norm2_shift_;
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
