#include "landseam/sam/modules.h"

#include "sam/ops.h"

#include <cmath>
#include <tuple>
#include <utility>

namespace landseam::sam {

namespace {

// [B, n, C] → [B, heads, n, C / heads].
at::Tensor split_heads(const at::Tensor& x, int heads) {
    return x.reshape({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

// softmax(q · kᵀ / √(channels of a head)) · v, all [B, n, C] with the heads side by side in C.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int heads) {
    const at::Tensor queries = split_heads(q, heads), keys = split_heads(k, heads),
                     values = split_heads(v, heads);
    const double scale = 1 / std::sqrt(static_cast<double>(keys.size(3)));
    const at::Tensor scores = at::matmul(queries * scale, keys.transpose(-2, -1));
    return at::matmul(scores.softmax(-1), values).transpose(1, 2).flatten(2);
}

// One layer of the two-way transformer: tokens to themselves, tokens to image, tokens through the MLP, image
// to tokens. The positions are added again at every attention, to queries and keys and never to values.
std::pair<at::Tensor, at::Tensor> two_way(const TwoWayBlock& block, at::Tensor tokens, at::Tensor image,
                                          const at::Tensor& token_positions,
                                          const at::Tensor& image_positions) {
    if (block.first) {
        tokens = block.norm1(block.self_attn(tokens, tokens, tokens));
    } else {
        const at::Tensor placed = tokens + token_positions;
        tokens = block.norm1(tokens + block.self_attn(placed, placed, tokens));
    }
    const at::Tensor placed_image = image + image_positions;
    tokens =
        block.norm2(tokens + block.cross_attn_token_to_image(tokens + token_positions, placed_image, image));
    tokens = block.norm3(tokens + block.mlp(tokens));
    image =
        block.norm4(image + block.cross_attn_image_to_token(placed_image, tokens + token_positions, tokens));
    return {tokens, image};
}

}  // namespace

// Queries do not see each other: where all prompts look at the same keys, they are one long row of queries,
// and nothing has to be repeated for each prompt.
at::Tensor DecoderAttention::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const {
    const bool one_row = k.size(0) == 1 && q.size(0) > 1;
    const at::Tensor queries = q_proj(one_row ? q.reshape({1, -1, q.size(2)}) : q);
    const at::Tensor mixed = learns_on_cpu(queries, queries)
                                 ? attention_that_learns(queries, k_proj(k), v_proj(v), heads)
                                 : attend(queries, k_proj(k), v_proj(v), heads);
    const at::Tensor out = out_proj(mixed);
    return one_row ? out.view({q.size(0), q.size(1), -1}) : out;
}

MaskDecoder::Tokens MaskDecoder::decode_tokens(const at::Tensor& image, const at::Tensor& positions,
                                               const at::Tensor& sparse) const {
    const at::Tensor output_tokens = at::cat({iou_token, mask_tokens}).unsqueeze(0);
    const at::Tensor queries = at::cat({output_tokens.expand({sparse.size(0), -1, -1}), sparse}, 1);
    const at::Tensor image_positions = positions.flatten(2).transpose(1, 2);
    at::Tensor tokens = queries, pixels = image.flatten(2).transpose(1, 2);
    for (const TwoWayBlock& layer : layers)
        std::tie(tokens, pixels) = two_way(layer, tokens, pixels, queries, image_positions);
    tokens = norm_final_attn(tokens +
                             final_attn_token_to_image(tokens + queries, pixels + image_positions, pixels));
    return {iou_prediction_head(tokens.select(1, 0)), tokens.narrow(1, 1, mask_tokens.size(0)), pixels};
}

at::Tensor MaskDecoder::upscale(const at::Tensor& image) const {
    const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(image.size(1)))));
    const at::Tensor pixels = image.transpose(1, 2).reshape({image.size(0), -1, grid, grid});
    const at::Tensor twice = at::gelu(up_norm(at::conv_transpose2d(pixels, up_conv1, up_bias1, {2, 2})));
    return at::gelu(at::conv_transpose2d(twice, up_conv2, up_bias2, {2, 2}));
}

at::Tensor MaskDecoder::upscale_in_cells(const at::Tensor& image) const {
    // A transposed convolution with kernel and stride 2 is a linear layer to four pixels.
    const auto four = [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
        const at::Tensor rows = weight.permute({2, 3, 1, 0}).reshape({-1, weight.size(0)});
        return linear(x, rows, bias.repeat({4})).view({x.size(0), -1, weight.size(1)});
    };
    const at::Tensor twice = four(image, up_conv1, up_bias1);
    const at::Tensor normed =
        at::layer_norm(twice, up_norm.weight.sizes(), up_norm.weight, up_norm.bias, 1e-6);
    return gelu_activation(four(gelu_activation(normed), up_conv2, up_bias2));
}

at::Tensor cells_of(const at::Tensor& picture) {
    const std::int64_t grid = picture.size(1) / 4;
    return picture.view({-1, grid, 2, 2, grid, 2, 2})
        .permute({0, 1, 4, 2, 5, 3, 6})
        .reshape({picture.size(0), -1});
}

at::Tensor picture_of(const at::Tensor& cells) {
    const auto grid =
        static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(cells.size(1)) / 16)));
    return cells.view({-1, grid, grid, 2, 2, 2, 2})
        .permute({0, 1, 3, 5, 2, 4, 6})
        .reshape({-1, 4 * grid, 4 * grid});
}

at::Tensor MaskDecoder::mask_weights(const at::Tensor& tokens, int mask) const {
    return output_hypernetworks_mlps[static_cast<std::size_t>(mask)](tokens);
}

at::Tensor MaskDecoder::decode_masks(const Tokens& tokens) const {
    const at::Tensor upscaled = upscale(tokens.image);
    std::vector<at::Tensor> weights;
    for (int i = 0; i < static_cast<int>(output_hypernetworks_mlps.size()); ++i)
        weights.push_back(mask_weights(tokens.mask_tokens.select(1, i), i));
    const at::Tensor masks = at::matmul(at::stack(weights, 1), upscaled.flatten(2));
    return masks.view({masks.size(0), masks.size(1), upscaled.size(2), upscaled.size(3)});
}

}  // namespace landseam::sam
