#include "landseam/sam/modules.h"

#include "sam/ops.h"

#include <algorithm>
#include <cmath>

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
    const std::int64_t head_dim = x.size(3) / heads;
    const at::Tensor parts = qkv(x)
                                 .reshape({batch, tokens, 3, heads, head_dim})
                                 .permute({2, 0, 3, 1, 4})
                                 .reshape({3, batch * heads, tokens, head_dim});
    const at::Tensor q = parts.select(0, 0), k = parts.select(0, 1), v = parts.select(0, 2);

    const at::Tensor q_grid = q.view({-1, height, width, head_dim});
    const at::Tensor from_h = at::einsum("nhwc,hkc->nhwk", {q_grid, relative_positions(rel_pos_h, height)});
    const at::Tensor from_w = at::einsum("nhwc,wkc->nhwk", {q_grid, relative_positions(rel_pos_w, width)});

    const at::Tensor scaled_q = q / std::sqrt(static_cast<double>(head_dim));
    const std::int64_t rows_at_once =
        std::clamp<std::int64_t>(kScoresAtOnce / (batch * heads * width * tokens), 1, height);
    std::vector<at::Tensor> rows;
    for (std::int64_t y = 0; y < height; y += rows_at_once) {
        const std::int64_t n = std::min(rows_at_once, height - y);
        at::Tensor scores = at::bmm(scaled_q.narrow(1, y * width, n * width), k.transpose(1, 2));
        scores.view({-1, n, width, height, width})
            .add_(from_h.narrow(1, y, n).unsqueeze(-1))
            .add_(from_w.narrow(1, y, n).unsqueeze(-2));
        rows.push_back(at::bmm(scores.softmax(-1), v));
    }
    const at::Tensor mixed = at::cat(rows, 1).view({batch, heads, height, width, head_dim});
    return proj(mixed.permute({0, 2, 3, 1, 4}).reshape(x.sizes()));
}

at::Tensor VitBlock::operator()(const at::Tensor& x) const {
    const int height = static_cast<int>(x.size(1)), width = static_cast<int>(x.size(2));
    const at::Tensor normed = norm1(x);
    const at::Tensor attended =
        window > 0 ? join_windows(attn(partition_windows(normed, window)), height, width) : attn(normed);
    const at::Tensor y = x + attended;
    return y + lin2(at::gelu(lin1(norm2(y))));
}

at::Tensor VitEncoder::operator()(const at::Tensor& picture) const {
    const int patch = static_cast<int>(patch_weight.size(2));
    at::Tensor x = channels_last(convolve(picture, patch_weight, patch_bias, patch)) + pos_embed;
    for (const VitBlock& block : blocks) x = block(x);
    return neck(channels_first(x));
}

}  // namespace landseam::sam
