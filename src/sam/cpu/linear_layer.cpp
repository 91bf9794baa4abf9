#include "sam/cpu/linear_layer.h"

#include "sam/cpu/kernels.h"

#include <vector>

namespace landseam::sam::cpu {

LinearLayer::LinearLayer(const at::Tensor& weight, const at::Tensor& bias, Precision precision)
    : weight_((precision == Precision::bf16 ? weight.to(at::kBFloat16) : weight).contiguous()),
      bias_(bias.defined() ? bias.contiguous() : bias),
      in_(static_cast<int>(weight.size(1))),
      out_(static_cast<int>(weight.size(0))),
      bf16_(precision == Precision::bf16) {}

void LinearLayer::operator()(const float* x, int rows, float* y, Activation activation,
                             bool accumulate) const {
    MatMulShape shape{rows, out_, in_, in_, in_, out_};
    shape.b_transposed = true;
    shape.bias = bias_.defined();
    shape.activation = activation;
    shape.accumulate = accumulate;
    shape.bf16 = bf16_;
    const MatMul& product = matmul(shape);
    if (!bf16_) {
        product(x, weight_.data_ptr<float>(), y, bias());
        return;
    }
    thread_local std::vector<std::uint16_t> rounded;
    rounded.resize(static_cast<std::size_t>(rows) * in_);
    kernels().encoder.to_bf16(x, rows * in_, rounded.data());
    product(rounded.data(), static_cast<const std::uint16_t*>(weight_.data_ptr()), y, bias());
}

}  // namespace landseam::sam::cpu
