#include "landseam/sam/modules.h"

#include "sam/ops.h"

#include <algorithm>
#include <cmath>

#include <torch/version.h>
#if TORCH_VERSION_MAJOR >= 2
#include <ATen/ops/scaled_dot_product_attention.h>
#endif

namespace landseam::sam {

namespace {

// Scores held at once: enough to keep matrix products large, few enough that a picture's attention (N × N for
// each head, gigabytes for the published models) never exists as a whole.
constexpr std::int64_t kScoresAtOnce = std::int64_t{1} << 22;

// The rows of a table [2 · side − 1, C] for every query and key position: [side, side, C], entry (q, k) being
// row q − k + side − 1.
at::Tensor relative_positions(const at::Tensor& table, std::int64_t side) {
    const at::Tensor index = at::arange(side, table.options().dtype(at::kLong));
    const at::Tensor rows = index.unsqueeze(1) - index.unsqueeze(0) + (side - 1);
    return table.index_select(0, rows.flatten()).view({side, side, table.size(1)});
}

// What queries [n, H · W, C] gain from a key's row: [n, H, W, H]; and from its column: [n, H, W, W].
at::Tensor row_terms(const at::Tensor& q, const at::Tensor& rel_pos_h, std::int64_t height,
                     std::int64_t width) {
    return at::einsum("nhwc,hkc->nhwk",
                      {q.reshape({-1, height, width, q.size(2)}), relative_positions(rel_pos_h, height)});
}
at::Tensor column_terms(const at::Tensor& q, const at::Tensor& rel_pos_w, std::int64_t height,
                        std::int64_t width) {
    return at::einsum("nhwc,wkc->nhwk",
                      {q.reshape({-1, height, width, q.size(2)}), relative_positions(rel_pos_w, width)});
}

// softmax(q · kᵀ / √(size of q)) · v, all [B, heads, tokens, …].
at::Tensor fused_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
#if TORCH_VERSION_MAJOR >= 2
    return at::scaled_dot_product_attention(q, k, v);
#else
    const at::Tensor scores = at::matmul(q / std::sqrt(static_cast<double>(q.size(3))), k.transpose(2, 3));
    return at::matmul(scores.softmax(-1), v);
#endif
}

}  // namespace

at::Tensor partition_windows(const at::Tensor& x, int side) {
    const std::int64_t batch = x.size(0), height = x.size(1), width = x.size(2), channels = x.size(3);
    const std::int64_t rows = (height + side - 1) / side, columns = (width + side - 1) / side;
    const at::Tensor padded =
        at::constant_pad_nd(x, {0, 0, 0, columns * side - width, 0, rows * side - height});
    return padded.reshape({batch, rows, side, columns, side, channels})
        .transpose(2, 3)
        .reshape({batch * rows * columns, side, side, channels});
}

at::Tensor join_windows(const at::Tensor& windows, int height, int width) {
    const std::int64_t side = windows.size(1), channels = windows.size(3);
    const std::int64_t rows = (height + side - 1) / side, columns = (width + side - 1) / side;
    return windows.reshape({-1, rows, columns, side, side, channels})
        .transpose(2, 3)
        .reshape({-1, rows * side, columns * side, channels})
        .narrow(1, 0, height)
        .narrow(2, 0, width);
}

at::Tensor VitAttention::operator()(const at::Tensor& x) const {
    const std::int64_t batch = x.size(0), height = x.size(1), width = x.size(2), tokens = height * width;
    const at::Tensor together = qkv(x).reshape({batch, tokens, 3 * x.size(3)});
    if (learns_on_cpu(together, together)) {
        const std::vector<at::Tensor> thirds = together.chunk(3, 2);
        return proj(attention_that_learns(thirds[0], thirds[1], thirds[2], heads,
                                          relative_positions(rel_pos_h, height),
                                          relative_positions(rel_pos_w, width))
                        .view(x.sizes()));
    }
    const at::Tensor parts =
        together.reshape({batch, tokens, 3, heads, x.size(3) / heads}).permute({2, 0, 3, 1, 4});
    const at::Tensor q = parts.select(0, 0), k = parts.select(0, 1), v = parts.select(0, 2);
    const at::Tensor mixed = x.is_cuda() ? fused(q, k, v, height, width) : in_blocks(q, k, v, height, width);
    return proj(mixed.transpose(1, 2).reshape(x.sizes()));
}

at::Tensor VitAttention::in_blocks(const at::Tensor& q_heads, const at::Tensor& k_heads,
                                   const at::Tensor& v_heads, std::int64_t height, std::int64_t width) const {
    const at::Tensor q = q_heads.flatten(0, 1), k = k_heads.flatten(0, 1), v = v_heads.flatten(0, 1);
    const at::Tensor from_h = row_terms(q, rel_pos_h, height, width),
                     from_w = column_terms(q, rel_pos_w, height, width);
    const at::Tensor scaled_q = q / std::sqrt(static_cast<double>(q.size(2)));
    const std::int64_t rows_at_once =
        std::clamp<std::int64_t>(kScoresAtOnce / (q.size(0) * width * q.size(1)), 1, height);
    std::vector<at::Tensor> rows;
    for (std::int64_t y = 0; y < height; y += rows_at_once) {
        const std::int64_t n = std::min(rows_at_once, height - y);
        at::Tensor scores = at::bmm(scaled_q.narrow(1, y * width, n * width), k.transpose(1, 2));
        scores.view({-1, n, width, height, width})
            .add_(from_h.narrow(1, y, n).unsqueeze(-1))
            .add_(from_w.narrow(1, y, n).unsqueeze(-2));
        rows.push_back(at::bmm(scores.softmax(-1), v));
    }
    return at::cat(rows, 1).view(q_heads.sizes());
}

// A query's position terms are appended to it, and to each key a one for its row and a one for its column:
// their product then is the score with positions.
at::Tensor VitAttention::fused(const at::Tensor& q_heads, const at::Tensor& k_heads, const at::Tensor& v,
                               std::int64_t height, std::int64_t width) const {
    const std::int64_t batch = v.size(0), tokens = height * width, head_dim = v.size(3);
    const at::Tensor q = q_heads.flatten(0, 1);
    const at::Tensor from_h = row_terms(q, rel_pos_h, height, width).reshape({batch, heads, tokens, height});
    const at::Tensor from_w =
        column_terms(q, rel_pos_w, height, width).reshape({batch, heads, tokens, width});
    // Fused attention divides by the root of the longer vectors' size.
    const double undo = std::sqrt(static_cast<double>(head_dim + height + width));
    const at::Tensor queries = at::cat(
        {q_heads * (undo / std::sqrt(static_cast<double>(head_dim))), from_h * undo, from_w * undo}, 3);
    const at::Tensor rows = at::eye(height, v.options()).repeat_interleave(width, 0);
    const at::Tensor columns = at::eye(width, v.options()).repeat({height, 1});
    const at::Tensor marks = at::cat({rows, columns}, 1).expand({batch, heads, -1, -1});
    return fused_attention(queries, at::cat({k_heads, marks}, 3), v);
}

at::Tensor VitBlock::operator()(const at::Tensor& x) const {
    const int height = static_cast<int>(x.size(1)), width = static_cast<int>(x.size(2));
    const at::Tensor normed = norm1(x);
    const at::Tensor attended =
        window > 0 ? join_windows(attn(partition_windows(normed, window)), height, width) : attn(normed);
    const at::Tensor y = x + attended;
    return y + lin2(gelu_activation(lin1(norm2(y))));
}

at::Tensor VitEncoder::operator()(const at::Tensor& picture) const {
    const int patch = static_cast<int>(patch_weight.size(2));
    at::Tensor x = channels_last(convolve(picture, patch_weight, patch_bias, patch)) + pos_embed;
    for (const VitBlock& block : blocks) x = block(x);
    return neck(channels_first(x));
}

}  // namespace landseam::sam
