#include "sam/cpu/vit_encoder.h"

#include "sam/cpu/kernels.h"

#include <algorithm>
#include <utility>

namespace landseam::sam::cpu {

namespace {

constexpr int kRowsAtOnce =
    256;  // of tokens through matrix products: enough for full speed, few enough for cache
constexpr int kQueriesAtOnce = 128;  // of a head over the whole picture

void normalise(const float* x, int rows, const at::Tensor& weight, const at::Tensor& shift, float eps,
               float* y) {
    kernels().encoder.layer_norm_rows(x, rows, static_cast<int>(weight.size(0)), weight.data_ptr<float>(),
                                      shift.data_ptr<float>(), eps, y);
}

std::size_t parts(int whole, int part) {
    return static_cast<std::size_t>((whole + part - 1) / part);
}

}  // namespace

VitEncoder::Block::Block(const VitBlock& block, int grid, Precision precision)
    : norm1_weight(block.norm1.weight.contiguous()),
      norm1_shift(block.norm1.bias.contiguous()),
      norm2_weight(block.norm2.weight.contiguous()),
      norm2_shift(block.norm2.bias.contiguous()),
      eps(static_cast<float>(block.norm1.eps)),
      attention(block.attn, block.window > 0 ? block.window : grid, precision),
      lin1(block.lin1.weight, block.lin1.bias, precision),
      lin2(block.lin2.weight, block.lin2.bias, precision),
      windowed(block.window > 0) {}

VitEncoder::VitEncoder(const sam::VitEncoder& encoder, const ModelInfo& info, Precision precision)
    : grid_(info.grid),
      channels_(static_cast<int>(encoder.patch_weight.size(0))),
      patch_(info.patch_size),
      bands_(info.bands),
      patches_(encoder.patch_weight.flatten(1), encoder.patch_bias, precision),
      positions_(encoder.pos_embed.contiguous()),
      neck_(encoder.neck, info.grid, precision) {
    blocks_.reserve(encoder.blocks.size());
    for (const VitBlock& block : encoder.blocks) blocks_.emplace_back(block, grid_, precision);
}

void VitEncoder::operator()(const float* picture, float* embedding, const ParallelFor& parallel_for) const {
    const int count = grid_ * grid_;
    const Buffer tokens = buffers_.take(static_cast<std::size_t>(count) * channels_);
    parallel_for(parts(count, kRowsAtOnce), [&](std::size_t chunk) {
        const int first = static_cast<int>(chunk) * kRowsAtOnce;
        embed_patches(picture, first, std::min(kRowsAtOnce, count - first), tokens.get());
    });
    for (std::size_t i = 0; i < blocks_.size();) {
        if (!blocks_[i].windowed) {
            attend_everywhere(blocks_[i++], tokens.get(), parallel_for);
            continue;
        }
        // Windows know nothing of each other until the next block that looks at the whole picture.
        std::vector<const Block*> windowed;
        while (i < blocks_.size() && blocks_[i].windowed) windowed.push_back(&blocks_[i++]);
        const std::size_t windows = parts(grid_, windowed.front()->attention.side());
        parallel_for(windows * windows, [&](std::size_t window) {
            attend_in_window(windowed, static_cast<int>(window), tokens.get());
        });
    }
    neck_(tokens.get(), embedding, parallel_for);
}

void VitEncoder::embed_patches(const float* picture, int first, int count, float* tokens) const {
    const int side = grid_ * patch_, values = patches_.in();
    const Buffer pixels = buffers_.take(static_cast<std::size_t>(count) * values);
    float* to = pixels.get();
    for (int i = first; i < first + count; ++i) {
        const float* const corner =
            picture + (static_cast<std::size_t>(i / grid_) * side + i % grid_) * patch_;
        for (int c = 0; c < bands_; ++c)
            for (int y = 0; y < patch_; ++y, to += patch_)
                std::copy_n(corner + (static_cast<std::size_t>(c) * side + y) * side, patch_, to);
    }
    const std::size_t begin = static_cast<std::size_t>(first) * channels_;
    const float* const positions = positions_.data_ptr<float>() + begin;
    std::copy_n(positions, static_cast<std::size_t>(count) * channels_, tokens + begin);
    patches_(pixels.get(), count, tokens + begin, Activation::none, /*accumulate=*/true);
}

void VitEncoder::finish(const Block& block, const float* attended, int count, float* tokens) const {
    block.attention.proj(attended, count, tokens, Activation::none, /*accumulate=*/true);
    const Buffer normed = buffers_.take(static_cast<std::size_t>(count) * channels_),
                 hidden = buffers_.take(static_cast<std::size_t>(count) * block.lin1.out());
    normalise(tokens, count, block.norm2_weight, block.norm2_shift, block.eps, normed.get());
    block.lin1(normed.get(), count, hidden.get(), Activation::gelu);
    block.lin2(hidden.get(), count, tokens, Activation::none, /*accumulate=*/true);
}

// A window's tokens through several blocks, from the picture's tokens and back to them.
void VitEncoder::attend_in_window(const std::vector<const Block*>& blocks, int window, float* tokens) const {
    const int side = blocks.front()->attention.side(), across = static_cast<int>(parts(grid_, side));
    const int y = window / across * side, x = window % across * side;
    const int height = std::min(side, grid_ - y), width = std::min(side, grid_ - x), count = height * width;
    const auto take = [&](int values) { return buffers_.take(static_cast<std::size_t>(count) * values); };
    const Buffer own = take(channels_), normed = take(channels_), queries = take(channels_),
                 keys = buffers_.take(blocks.front()->attention.key_values());
    const auto line = [&](int row) {
        return tokens + (static_cast<std::size_t>(y + row) * grid_ + x) * channels_;
    };
    const std::size_t line_values = static_cast<std::size_t>(width) * channels_;
    for (int row = 0; row < height; ++row) std::copy_n(line(row), line_values, own.get() + row * line_values);
    for (const Block* block : blocks) {
        const VitAttention& attention = block->attention;
        normalise(own.get(), count, block->norm1_weight, block->norm1_shift, block->eps, normed.get());
        attention.q(normed.get(), count, queries.get());
        attention.keys_of_window(normed.get(), height, width, keys.get());
        for (int head = 0; head < attention.heads(); ++head)
            attention(queries.get(), 0, count, width, keys.get(), head, normed.get());
        finish(*block, normed.get(), count, own.get());
    }
    for (int row = 0; row < height; ++row) std::copy_n(own.get() + row * line_values, line_values, line(row));
}

void VitEncoder::attend_everywhere(const Block& block, float* tokens, const ParallelFor& parallel_for) const {
    const VitAttention& attention = block.attention;
    const int count = grid_ * grid_, lines = std::max(1, kRowsAtOnce / grid_);
    const std::size_t values = static_cast<std::size_t>(count) * channels_, chunks = parts(grid_, lines);
    const Buffer queries = buffers_.take(values), keys = buffers_.take(attention.key_values()),
                 attended = buffers_.take(values);
    // Whole rows of the grid at a time: [first token, number of tokens).
    const auto chunk_tokens = [&](std::size_t chunk) {
        const int first = static_cast<int>(chunk) * lines;
        return std::make_pair(first * grid_, std::min(lines, grid_ - first) * grid_);
    };
    parallel_for(chunks, [&](std::size_t chunk) {
        const auto [first, rows] = chunk_tokens(chunk);
        const std::size_t begin = static_cast<std::size_t>(first) * channels_;
        const Buffer normed = buffers_.take(static_cast<std::size_t>(rows) * channels_);
        normalise(tokens + begin, rows, block.norm1_weight, block.norm1_shift, block.eps, normed.get());
        attention.q(normed.get(), rows, queries.get() + begin);
        attention.keys_of_rows(normed.get(), first / grid_, rows / grid_, keys.get());
    });
    const std::size_t blocks = parts(count, kQueriesAtOnce);
    parallel_for(blocks * attention.heads(), [&](std::size_t task) {
        const int first = static_cast<int>(task % blocks) * kQueriesAtOnce;
        const std::size_t begin = static_cast<std::size_t>(first) * channels_;
        attention(queries.get() + begin, first, std::min(kQueriesAtOnce, count - first), grid_, keys.get(),
                  static_cast<int>(task / blocks), attended.get() + begin);
    });
    parallel_for(chunks, [&](std::size_t chunk) {
        const auto [first, rows] = chunk_tokens(chunk);
        const std::size_t begin = static_cast<std::size_t>(first) * channels_;
        finish(block, attended.get() + begin, rows, tokens + begin);
    });
}

}  // namespace landseam::sam::cpu
