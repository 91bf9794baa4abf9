#include "sam/cpu/tiny_vit_encoder.h"

#include "sam/cpu/kernels.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/full.h>

namespace landseam::sam::cpu {

namespace {

constexpr int kPixelsAtOnce = 256;  // through matrix products
constexpr int kRowsOfBottleneck = 16;
constexpr float kLowest = -3.4e38F, kNever = -1e30F;

std::size_t parts(int whole, int part) {
    return static_cast<std::size_t>((whole + part - 1) / part);
}

std::size_t area(int side) {
    return static_cast<std::size_t>(side) * side;
}

int half(int side) {
    return (side - 1) / 2 + 1;
}

// Calls body(first row, rows) for all rows of a map.
void over_rows(int side, int rows_at_once, const ParallelFor& parallel_for,
               const std::function<void(int, int)>& body) {
    parallel_for(parts(side, rows_at_once), [&](std::size_t chunk) {
        const int first = static_cast<int>(chunk) * rows_at_once;
        body(first, std::min(rows_at_once, side - first));
    });
}

Convolution3x3 convolution(const ConvBn& layer, Precision precision) {
    const Folded folded(layer);
    return {folded.weight, folded.bias, layer.stride, precision};
}

// For each head, pair of tokens |dy| · window + |dx| apart: [heads, tokens, padded], `kNever` in the padding.
at::Tensor pair_biases(const TinyVitAttention& attention, int padded) {
    const int window = attention.window, tokens = window * window;
    const at::Tensor by_distance = attention.attention_biases.contiguous();
    const at::Tensor pairs = at::full({attention.heads, tokens, padded}, kNever, by_distance.options());
    float* to = pairs.data_ptr<float>();
    for (int head = 0; head < attention.heads; ++head) {
        const float* const from = by_distance.data_ptr<float>() + std::ptrdiff_t{head} * tokens;
        for (int i = 0; i < tokens; ++i, to += padded)
            for (int j = 0; j < tokens; ++j)
                to[j] = from[std::abs(i / window - j / window) * window + std::abs(i % window - j % window)];
    }
    return pairs;
}

}  // namespace

Bottleneck::Bottleneck(const MbConv& block, Precision precision)
    : widen_(pointwise(block.conv1, precision)),
      each_(block.conv2),
      narrow_(pointwise(block.conv3, precision)),
      residual_(true) {}

Bottleneck::Bottleneck(const PatchMerging& merging, Precision precision)
    : widen_(pointwise(merging.conv1, precision)),
      each_(merging.conv2),
      narrow_(pointwise(merging.conv3, precision)),
      residual_(false) {}

void Bottleneck::operator()(const float* map, int side, float* result,
                            const ParallelFor& parallel_for) const {
    over_rows(result_side(side), kRowsOfBottleneck, parallel_for,
              [&](int first, int count) { rows(map, side, first, count, result); });
}

// Row after row, with the last three widened ones at hand.
void Bottleneck::rows(const float* map, int side, int first_row, int count, float* result) const {
    const std::size_t wide_row = static_cast<std::size_t>(side) * widen_.out();
    const Buffer ring = buffers_.take(3 * wide_row), convolved = buffers_.take(wide_row);
    const auto widened = [&](int y) { return y < 0 || y >= side ? nullptr : ring.get() + y % 3 * wide_row; };
    int made = std::max(first_row * each_.stride() - 1, 0);
    for (int row = first_row; row < first_row + count; ++row) {
        const int y = row * each_.stride();
        for (; made <= std::min(y + 1, side - 1); ++made)
            widen_(map + static_cast<std::size_t>(made) * side * widen_.in(), side, widened(made),
                   Activation::gelu);
        each_(widened(y - 1), widened(y), widened(y + 1), side, /*gelu=*/true, convolved.get());
        const int pixels = result_side(side);
        const std::size_t at = static_cast<std::size_t>(row) * pixels * narrow_.out();
        narrow_(convolved.get(), pixels, result + at);
        if (residual_) kernels().encoder.add_gelu(result + at, map + at, pixels * narrow_.out());
    }
}

WindowAttention::WindowAttention(const TinyVitAttention& attention, Precision precision)
    : heads_(attention.heads),
      window_(attention.window),
      norm_weight_(attention.norm.weight.contiguous()),
      norm_shift_(attention.norm.bias.contiguous()),
      eps_(static_cast<float>(attention.norm.eps)),
      qkv_(attention.qkv.weight, attention.qkv.bias, precision),
      proj_(attention.proj.weight, attention.proj.bias, precision),
      biases_(pair_biases(attention, padded_tokens())) {}

WindowAttention::Place WindowAttention::place(int side, int window) const {
    const int across = static_cast<int>(parts(side, window_));
    const int y = window / across * window_, x = window % across * window_;
    return {y, x, std::min(window_, side - y), std::min(window_, side - x)};
}

void WindowAttention::operator()(float* map, int side, int first_window, int count) const {
    const int channels = proj_.out(), rows = count * tokens();
    const std::size_t values = static_cast<std::size_t>(rows) * channels;
    const Buffer own = buffers_.take(values), normed = buffers_.take(values),
                 qkv = buffers_.take(std::size_t{3} * (rows + padded_tokens() - tokens()) * channels);
    // Calls body(values of the map, their place in `own`, how many) for each line of each window.
    const auto over_lines = [&](const auto& body) {
        for (int i = 0; i < count; ++i) {
            const Place at = place(side, first_window + i);
            for (int row = 0; row < at.height; ++row)
                body(map + (static_cast<std::size_t>(at.y + row) * side + at.x) * channels,
                     own.get() + (static_cast<std::size_t>(i) * tokens() + row * window_) * channels,
                     static_cast<std::size_t>(at.width) * channels);
        }
    };
    std::fill_n(own.get(), values, 0.0F);
    over_lines(
        [](const float* line, float* to, std::size_t line_values) { std::copy_n(line, line_values, to); });
    kernels().encoder.layer_norm_rows(own.get(), rows, channels, norm_weight_.data_ptr<float>(),
                                      norm_shift_.data_ptr<float>(), eps_, normed.get());
    qkv_(normed.get(), rows, qkv.get());
    // A window's keys are read up to a whole vector: of the next window, or zeros behind the last.
    std::fill_n(qkv.get() + 3 * values, std::size_t{3} * (padded_tokens() - tokens()) * channels, 0.0F);
    for (int i = 0; i < count; ++i) {
        const std::size_t begin = static_cast<std::size_t>(i) * tokens() * channels;
        attend(qkv.get() + 3 * begin, normed.get() + begin);
    }
    proj_(normed.get(), rows, own.get(), Activation::none, /*accumulate=*/true);
    over_lines([](float* line, const float* from, std::size_t line_values) {
        std::copy_n(from, line_values, line);
    });
}

// qkv [padded tokens][heads][3][head] → [tokens × C].
void WindowAttention::attend(const float* qkv, float* attended) const {
    const int channels = proj_.out(), head = channels / heads_, apart = 3 * channels,
              padded = padded_tokens();
    MatMulShape score{tokens(), padded, head, apart, apart, padded};
    score.b_transposed = true;
    const MatMul &scores_of = matmul(score),
                 &weigh = matmul({tokens(), head, padded, padded, apart, channels});
    const float scale = 1 / std::sqrt(static_cast<float>(head));
    const Buffer scores = buffers_.take(static_cast<std::size_t>(tokens()) * padded);
    const std::vector<float> no_row_terms(static_cast<std::size_t>(tokens()), 0.0F);
    std::vector<float> largest(no_row_terms.size()), total(no_row_terms.size()), shrink(no_row_terms.size());
    for (int h = 0; h < heads_; ++h, qkv += std::ptrdiff_t{3} * head) {
        std::fill(largest.begin(), largest.end(), kLowest);
        std::fill(total.begin(), total.end(), 0.0F);
        scores_of(qkv, qkv + head, scores.get());
        kernels().encoder.softmax_with_positions(
            scores.get(), tokens(), 1, padded, scale, no_row_terms.data(), 1,
            biases_.data_ptr<float>() + static_cast<std::size_t>(h) * tokens() * padded, largest.data(),
            total.data(), shrink.data());
        for (float& value : total) value = 1 / value;
        kernels().decoder.scale_rows(scores.get(), tokens(), padded, total.data());
        weigh(scores.get(), qkv + 2 * head, attended + std::ptrdiff_t{h} * head);
    }
}

TinyVitEncoder::Block::Block(const TinyVitBlock& block, Precision precision)
    : attention(block.attn, precision),
      local(block.local_conv),
      norm_weight(block.mlp_norm.weight.contiguous()),
      norm_shift(block.mlp_norm.bias.contiguous()),
      eps(static_cast<float>(block.mlp_norm.eps)),
      fc1(block.fc1.weight, block.fc1.bias, precision),
      fc2(block.fc2.weight, block.fc2.bias, precision) {}

TinyVitEncoder::TinyVitEncoder(const sam::TinyVitEncoder& encoder, const ModelInfo& info, Precision precision)
    : image_size_(info.image_size),
      patch1_(convolution(encoder.patch1, precision)),
      patch2_(convolution(encoder.patch2, precision)),
      neck_(encoder.neck, info.grid, precision) {
    for (const MbConv& block : encoder.conv_blocks) convolutions_.emplace_back(block, precision);
    for (const PatchMerging& merging : encoder.merges) merges_.emplace_back(merging, precision);
    for (const auto& stage : encoder.stages) {
        stages_.emplace_back();
        for (const TinyVitBlock& block : stage) stages_.back().emplace_back(block, precision);
    }
}

void TinyVitEncoder::operator()(const float* picture, float* embedding,
                                const ParallelFor& parallel_for) const {
    int side = half(half(image_size_));
    Buffer map = embed_patches(picture, parallel_for);
    const auto apply = [&](const Bottleneck& bottleneck) {
        const int result_side = bottleneck.result_side(side);
        const Buffer result = buffers_.take(area(result_side) * bottleneck.out());
        bottleneck(map.get(), side, result.get(), parallel_for);
        map = result;
        side = result_side;
    };
    for (const Bottleneck& block : convolutions_) apply(block);
    for (std::size_t i = 0; i < stages_.size(); ++i) {
        apply(merges_[i]);
        for (const Block& block : stages_[i]) map = through(block, map, side, parallel_for);
    }
    neck_(map.get(), embedding, parallel_for);
}

Buffer TinyVitEncoder::embed_patches(const float* picture, const ParallelFor& parallel_for) const {
    const int side = image_size_, side1 = half(side), side2 = half(side1);
    const auto bands = static_cast<std::size_t>(patch1_.in());
    const Buffer pixels = buffers_.take(area(side) * bands),
                 map1 = buffers_.take(area(side1) * patch1_.out()),
                 map2 = buffers_.take(area(side2) * patch2_.out());
    over_rows(side, 16, parallel_for, [&](int first, int rows) {
        for (std::size_t i = static_cast<std::size_t>(first) * side,
                         end = i + static_cast<std::size_t>(rows) * side;
             i < end; ++i)
            for (std::size_t c = 0; c < bands; ++c) pixels.get()[bands * i + c] = picture[c * area(side) + i];
    });
    const auto convolve = [&](const Convolution3x3& layer, const Buffer& from, int from_side, int to_side,
                              const Buffer& to, Activation activation) {
        over_rows(to_side, std::max(1, kPixelsAtOnce / to_side), parallel_for, [&](int first, int rows) {
            layer(from.get(), from_side, first, rows,
                  to.get() + static_cast<std::size_t>(first) * to_side * layer.out(), activation);
        });
    };
    convolve(patch1_, pixels, side, side1, map1, Activation::gelu);
    convolve(patch2_, map1, side1, side2, map2, Activation::none);
    return map2;
}

Buffer TinyVitEncoder::through(const Block& block, const Buffer& map, int side,
                               const ParallelFor& parallel_for) const {
    const int across = static_cast<int>(parts(side, block.attention.window())), windows = across * across,
              together = std::max(1, kPixelsAtOnce / static_cast<int>(area(block.attention.window())));
    parallel_for(parts(windows, together), [&](std::size_t group) {
        const int first = static_cast<int>(group) * together;
        block.attention(map.get(), side, first, std::min(together, windows - first));
    });
    const Buffer result = buffers_.take(area(side) * block.fc2.out());
    over_rows(side, std::max(1, kPixelsAtOnce / side), parallel_for,
              [&](int first, int rows) { finish_rows(block, map.get(), side, first, rows, result.get()); });
    return result;
}

// Local convolution and MLP.
void TinyVitEncoder::finish_rows(const Block& block, const float* map, int side, int first_row, int rows,
                                 float* result) const {
    const int channels = block.fc2.out(), pixels = rows * side;
    const std::size_t row_values = static_cast<std::size_t>(side) * channels;
    float* const own = result + first_row * row_values;
    const auto row_of = [&](int y) { return y < 0 || y >= side ? nullptr : map + y * row_values; };
    for (int y = first_row; y < first_row + rows; ++y)
        block.local(row_of(y - 1), row_of(y), row_of(y + 1), side, /*gelu=*/false, result + y * row_values);
    const Buffer normed = buffers_.take(rows * row_values),
                 hidden = buffers_.take(static_cast<std::size_t>(pixels) * block.fc1.out());
    kernels().encoder.layer_norm_rows(own, pixels, channels, block.norm_weight.data_ptr<float>(),
                                      block.norm_shift.data_ptr<float>(), block.eps, normed.get());
    block.fc1(normed.get(), pixels, hidden.get(), Activation::gelu);
    block.fc2(hidden.get(), pixels, own, Activation::none, /*accumulate=*/true);
}

}  // namespace landseam::sam::cpu
