// Matrix products whose gradients are computed through oneDNN, too. libtorch takes them from whatever BLAS is
// installed, and Debian's OpenBLAS mistakes recent processors for old ones, four times slower.
#pragma once

#include <ATen/core/Tensor.h>

namespace landseam::sam {

// True where a product of these is part of a lesson on the CPU: gradients are wanted of one of them.
bool learns_on_cpu(const at::Tensor& a, const at::Tensor& b);

// at::linear: x [..., in], weight [out, in], bias [out] or undefined → [..., out].
at::Tensor linear_that_learns(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

// at::bmm, and with `b` as [batch, n, k] (transposed) on request: a [batch, m, k], b [batch, k, n] → [batch,
// m, n].
at::Tensor product_that_learns(const at::Tensor& a, const at::Tensor& b, bool b_transposed);

}  // namespace landseam::sam
