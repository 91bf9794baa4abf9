#include "landseam/sam/modules.h"

#include "sam/ops.h"

namespace landseam::sam {

at::Tensor Linear::operator()(const at::Tensor& x) const {
    return linear(x, weight, bias);
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
    return at::layer_norm(x, weight.sizes(), weight, bias, eps);
}

at::Tensor LayerNorm2d::operator()(const at::Tensor& x) const {
    return channels_first(at::layer_norm(channels_last(x), weight.sizes(), weight, bias, 1e-6));
}

at::Tensor Mlp::operator()(const at::Tensor& x) const {
    at::Tensor y = x;
    for (std::size_t i = 0; i < layers.size(); ++i) y = layers[i](i == 0 ? y : at::relu(y));
    return y;
}

at::Tensor Neck::operator()(const at::Tensor& x) const {
    const at::Tensor reduced = norm1(convolve(x, reduce));
    return norm2(convolve(reduced, mix, {}, 1, 1));
}

}  // namespace landseam::sam
