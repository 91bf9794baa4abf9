#include "landseam/sam/modules.h"

#include "sam/ops.h"

#include <cmath>

namespace landseam::sam {

namespace {

// The columns of attention_biases for every pair of tokens of a window, |dy| · side + |dx|: [side⁴],
// query-major.
at::Tensor bias_columns(int side, const at::TensorOptions& options) {
    const at::Tensor index = at::arange(side, options.dtype(at::kLong));
    const at::Tensor away =
        (index.unsqueeze(1) - index.unsqueeze(0)).abs();  // [side, side]: between two rows or two columns
    const at::Tensor dy = away.view({side, 1, side, 1}), dx = away.view({1, side, 1, side});
    return (dy * side + dx).flatten();
}

}  // namespace

// Batch normalisation with fixed statistics scales and shifts each channel, which the convolution can do
// itself.
at::Tensor ConvBn::operator()(const at::Tensor& x) const {
    const at::Tensor scale = bn_weight / (running_var + 1e-5).sqrt();
    return convolve(x, weight * scale.view({-1, 1, 1, 1}), bn_bias - running_mean * scale, stride, padding,
                    groups);
}

at::Tensor MbConv::operator()(const at::Tensor& x) const {
    const at::Tensor wide = gelu_activation(conv2(gelu_activation(conv1(x))));
    return gelu_activation(conv3(wide) + x);
}

at::Tensor PatchMerging::operator()(const at::Tensor& x) const {
    return conv3(gelu_activation(conv2(gelu_activation(conv1(x)))));
}

at::Tensor TinyVitAttention::operator()(const at::Tensor& x) const {
    const std::int64_t windows = x.size(0), tokens = x.size(1), head_dim = x.size(2) / heads;
    const at::Tensor parts =
        qkv(norm(x)).view({windows, tokens, heads, 3, head_dim}).permute({3, 0, 2, 1, 4});
    const at::Tensor q = parts.select(0, 0), k = parts.select(0, 1), v = parts.select(0, 2);
    const at::Tensor biases =
        attention_biases.index_select(1, bias_columns(window, attention_biases.options()))
            .view({heads, tokens, tokens});
    const at::Tensor scores = product_transposed(q / std::sqrt(static_cast<double>(head_dim)), k) + biases;
    const at::Tensor mixed = product(scores.softmax(-1), v);
    return proj(mixed.transpose(1, 2).reshape(x.sizes()));
}

at::Tensor TinyVitBlock::operator()(const at::Tensor& x) const {
    const int height = static_cast<int>(x.size(2)), width = static_cast<int>(x.size(3)), side = attn.window;
    const at::Tensor windows = partition_windows(channels_last(x), side);
    const at::Tensor attended = attn(windows.flatten(1, 2)).view(windows.sizes());
    const at::Tensor mixed = x + channels_first(join_windows(attended, height, width));
    const at::Tensor y = channels_last(local_conv(mixed));
    return channels_first(y + fc2(gelu_activation(fc1(mlp_norm(y)))));
}

at::Tensor TinyVitEncoder::operator()(const at::Tensor& picture) const {
    at::Tensor x = patch2(gelu_activation(patch1(picture)));
    for (const MbConv& block : conv_blocks) x = block(x);
    for (std::size_t i = 0; i < stages.size(); ++i) {
        x = merges[i](x);
        for (const TinyVitBlock& block : stages[i]) x = block(x);
    }
    return neck(x);
}

}  // namespace landseam::sam
