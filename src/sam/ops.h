// The operators of libtorch that the model is made of. Named one by one: all of ATen.h costs each file many
// seconds.
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include "sam/training/attention.h"
#include "sam/training/products.h"

#include <cstdint>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/where.h>

namespace landseam::sam {

// Of a floating-point type.
inline at::ScalarType scalar_type(DType type) {
    switch (type) {
        case DType::f16:
            return at::kHalf;
        case DType::bf16:
            return at::kBFloat16;
        case DType::f64:
            return at::kDouble;
        default:
            return at::kFloat;
    }
}

// A square convolution of [B, C, H, W]; `bias` may be undefined.
inline at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {},
                           int stride = 1, int padding = 0, int groups = 1) {
    const std::vector<std::int64_t> strides{stride, stride}, paddings{padding, padding}, dilations{1, 1};
    return at::conv2d(x, weight, bias, at::IntArrayRef(strides), at::IntArrayRef(paddings),
                      at::IntArrayRef(dilations), groups);
}

// x · weightᵀ + bias over the last axis.
inline at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return learns_on_cpu(x, weight) ? linear_that_learns(x, weight, bias) : at::linear(x, weight, bias);
}

// a · b, and a · bᵀ, over the last two axes; the others are the same for both.
inline at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
    if (!learns_on_cpu(a, b)) return at::matmul(a, b);
    const at::Tensor c = product_that_learns(a.flatten(0, -3), b.flatten(0, -3), false);
    return c.unflatten(0, a.sizes().slice(0, a.dim() - 2));
}
inline at::Tensor product_transposed(const at::Tensor& a, const at::Tensor& b) {
    if (!learns_on_cpu(a, b)) return at::matmul(a, b.transpose(-2, -1));
    const at::Tensor c = product_that_learns(a.flatten(0, -3), b.flatten(0, -3), true);
    return c.unflatten(0, a.sizes().slice(0, a.dim() - 2));
}

inline at::Tensor gelu_activation(const at::Tensor& x) {
    return learns_on_cpu(x, x) ? gelu_that_learns(x) : at::gelu(x);
}

// [B, H, W, C] ↔ [B, C, H, W].
inline at::Tensor channels_first(const at::Tensor& x) {
    return x.permute({0, 3, 1, 2});
}
inline at::Tensor channels_last(const at::Tensor& x) {
    return x.permute({0, 2, 3, 1});
}

}  // namespace landseam::sam
