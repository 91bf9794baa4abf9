#include "sam/cpu/convolution.h"

#include "sam/cpu/kernels.h"
#include "sam/ops.h"

#include <algorithm>

#include <ATen/ops/zeros.h>

namespace landseam::sam::cpu {

namespace {

// [out, in, 3, 3] → [out, 3 · 3 · in].
at::Tensor by_tap(const at::Tensor& weight) {
    return weight.permute({0, 2, 3, 1}).reshape({weight.size(0), -1});
}

}  // namespace

Folded::Folded(const ConvBn& layer) {
    const at::Tensor scale = layer.bn_weight / (layer.running_var + 1e-5).sqrt();
    weight = layer.weight * scale.view({-1, 1, 1, 1});
    bias = layer.bn_bias - layer.running_mean * scale;
}

LinearLayer pointwise(const ConvBn& layer, Precision precision) {
    const Folded folded(layer);
    return {folded.weight.flatten(1), folded.bias, precision};
}

Convolution3x3::Convolution3x3(const at::Tensor& weight, const at::Tensor& bias, int stride,
                               Precision precision)
    : stride_(stride), by_tap_(by_tap(weight), bias, precision) {}

void Convolution3x3::operator()(const float* map, int side, int first_row, int rows, float* result,
                                Activation activation) const {
    const int wide = (side - 1) / stride_ + 1, channels = in();
    const Buffer neighbours = buffers_.take(static_cast<std::size_t>(rows) * wide * by_tap_.in());
    float* to = neighbours.get();
    for (int pixel = 0; pixel < rows * wide; ++pixel) {
        const int y = (first_row + pixel / wide) * stride_ - 1, x = pixel % wide * stride_ - 1;
        const int before = x < 0 ? 1 : 0, inside = std::min(x + 3, side) - x - before,
                  after = 3 - before - inside;
        for (int from_y = y; from_y < y + 3; ++from_y) {
            if (from_y < 0 || from_y >= side) {
                to = std::fill_n(to, 3 * channels, 0.0F);
                continue;
            }
            to = std::fill_n(to, before * channels, 0.0F);
            to = std::copy_n(map + (static_cast<std::size_t>(from_y) * side + x + before) * channels,
                             inside * channels, to);
            to = std::fill_n(to, after * channels, 0.0F);
        }
    }
    by_tap_(neighbours.get(), rows * wide, result, activation);
}

Depthwise3x3::Depthwise3x3(const ConvBn& layer)
    : stride_(layer.stride), channels_(static_cast<int>(layer.weight.size(0))) {
    const Folded folded(layer);
    weight_ = folded.weight.flatten(1).t().contiguous();
    bias_ = folded.bias.contiguous();
    zeros_ = at::zeros({layer.weight.size(0)});
}

void Depthwise3x3::operator()(const float* above, const float* here, const float* below, int side, bool gelu,
                              float* result) const {
    const float* const rows[3] = {above, here, below};
    kernels().encoder.depthwise_row(rows, side, channels_, stride_, weight_.data_ptr<float>(),
                                    bias_.data_ptr<float>(), zeros_.data_ptr<float>(), gelu, result);
}

}  // namespace landseam::sam::cpu
