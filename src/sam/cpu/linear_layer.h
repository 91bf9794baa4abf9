// Linear layers of the encoders.
#pragma once

#include "landseam/sam/model.h"

#include "sam/cpu/matmul.h"

#include <ATen/core/Tensor.h>

namespace landseam::sam::cpu {

// y = f(x · weightᵀ + bias). Uses the tensor's memory in place, or with bf16 a copy of half the size.
class LinearLayer {
public:
    // weight [out, in], bias [out] or undefined.
    LinearLayer(const at::Tensor& weight, const at::Tensor& bias, Precision precision);

    int in() const { return in_; }
    int out() const { return out_; }
    const float* bias() const { return bias_.defined() ? bias_.data_ptr<float>() : nullptr; }

    // x [rows × in] → y [rows × out], rows dense. With `accumulate`, y is added to.
    void operator()(const float* x, int rows, float* y, Activation activation = Activation::none,
                    bool accumulate = false) const;

private:
    at::Tensor weight_, bias_;
    int in_, out_;
    bool bf16_;
};

}  // namespace landseam::sam::cpu
