#include "sam/cpu/vit_attention.h"

#include "sam/cpu/kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/flip.h>

namespace landseam::sam::cpu {

namespace {

constexpr int kKeysAtOnce = 512;
constexpr float kLowest = -3.4e38F, kNever = -1e30F;

at::Tensor part(const at::Tensor& tensor, int first, int count) {
    return tensor.narrow(0, std::int64_t{first} * tensor.size(0) / 3, count * tensor.size(0) / 3);
}

}  // namespace

VitAttention::VitAttention(const sam::VitAttention& attention, int side, Precision precision)
    : q(part(attention.qkv.weight, 0, 1), part(attention.qkv.bias, 0, 1), precision),
      kv(part(attention.qkv.weight, 1, 2), part(attention.qkv.bias, 1, 2), precision),
      proj(attention.proj.weight, attention.proj.bias, precision),
      heads_(attention.heads),
      side_(side),
      rows_(at::flip(attention.rel_pos_h, {0}).contiguous()),
      columns_(at::flip(attention.rel_pos_w, {0}).contiguous()) {}

void VitAttention::keys_of_window(const float* normed, int rows, int width, float* keys) const {
    keys_of_rows(normed, 0, rows, width, keys);
    const int values = kv.out();
    for (int y = 0; y < side_; ++y)
        for (int x = y < rows ? width : 0; x < side_; ++x)
            std::copy_n(kv.bias(), values, keys + (static_cast<std::size_t>(y) * key_width() + x) * values);
    for (int y = rows; y < side_; ++y) clear_beyond_side(y, keys);
}

void VitAttention::keys_of_rows(const float* normed, int first, int rows, float* keys) const {
    keys_of_rows(normed, first, rows, side_, keys);
}

void VitAttention::keys_of_rows(const float* normed, int first, int rows, int width, float* keys) const {
    const std::size_t values = static_cast<std::size_t>(kv.out()), line = key_width() * values;
    if (width == key_width()) {
        kv(normed, rows * width, keys + first * line);
        return;
    }
    const Buffer compact = buffers_.take(rows * width * values);
    kv(normed, rows * width, compact.get());
    for (int y = 0; y < rows; ++y) {
        std::copy_n(compact.get() + y * width * values, width * values, keys + (first + y) * line);
        clear_beyond_side(first + y, keys);
    }
}

void VitAttention::clear_beyond_side(int row, float* keys) const {
    float* const line = keys + static_cast<std::size_t>(row) * key_width() * kv.out();
    std::fill(line + static_cast<std::size_t>(side_) * kv.out(),
              line + static_cast<std::size_t>(key_width()) * kv.out(), 0.0F);
}

// A query at (x, y) gains q · table[y − ky] from a key in row ky: of the table upside down, a run of `side`
// values.
void VitAttention::position_terms(const float* queries, int first, int count, int query_width, float* table,
                                  float* row_terms, float* column_terms) const {
    const int head = q.out() / heads_, span = 2 * side_ - 1;
    MatMulShape shape{count, span, head, q.out(), head, span};
    shape.b_transposed = true;
    const MatMul& product = matmul(shape);
    product(queries, rows_.data_ptr<float>(), table);
    for (int i = 0; i < count; ++i)
        std::copy_n(table + static_cast<std::size_t>(i) * span + side_ - 1 - (first + i) / query_width, side_,
                    row_terms + static_cast<std::size_t>(i) * side_);
    product(queries, columns_.data_ptr<float>(), table);
    for (int i = 0; i < count; ++i) {
        float* const to = column_terms + static_cast<std::size_t>(i) * key_width();
        std::copy_n(table + static_cast<std::size_t>(i) * span + side_ - 1 - (first + i) % query_width, side_,
                    to);
        std::fill(to + side_, to + key_width(), kNever);
    }
}

void VitAttention::operator()(const float* queries, int first, int count, int query_width, const float* keys,
                              int head_number, float* out) const {
    const int channels = q.out(), head = channels / heads_, apart = kv.out();
    const int rows_at_once = std::clamp(kKeysAtOnce / key_width(), 1, side_);
    const auto values = [&](int width) { return static_cast<std::size_t>(count) * ((width + 15) / 16 * 16); };
    const Buffer table = buffers_.take(values(2 * side_ - 1)), row_terms = buffers_.take(values(side_)),
                 column_terms = buffers_.take(values(key_width())),
                 scores = buffers_.take(values(rows_at_once * key_width())),
                 mixed = buffers_.take(values(head));
    std::vector<float> largest(count, kLowest), total(count, 0.0F), shrink(count);
    const float scale = 1 / std::sqrt(static_cast<float>(head));
    const std::size_t offset = static_cast<std::size_t>(head_number) * head;
    queries += offset;
    position_terms(queries, first, count, query_width, table.get(), row_terms.get(), column_terms.get());
    for (int y = 0; y < side_; y += rows_at_once) {
        const int rows = std::min(rows_at_once, side_ - y), tile = rows * key_width();
        const float* const tile_keys = keys + static_cast<std::size_t>(y) * key_width() * apart + offset;
        MatMulShape score{count, tile, head, channels, apart, tile};
        score.b_transposed = true;
        matmul(score)(queries, tile_keys, scores.get());
        kernels().encoder.softmax_with_positions(scores.get(), count, rows, key_width(), scale,
                                                 row_terms.get() + y, side_, column_terms.get(),
                                                 largest.data(), total.data(), shrink.data());
        if (y > 0) kernels().decoder.scale_rows(mixed.get(), count, head, shrink.data());
        MatMulShape weigh{count, head, tile, tile, apart, head};
        weigh.accumulate = y > 0;
        matmul(weigh)(scores.get(), tile_keys + channels, mixed.get());
    }
    for (int i = 0; i < count; ++i) {
        const float factor = 1 / total[static_cast<std::size_t>(i)];
        for (int d = 0; d < head; ++d)
            out[static_cast<std::size_t>(i) * channels + offset + d] =
                mixed.get()[static_cast<std::size_t>(i) * head + d] * factor;
    }
}

}  // namespace landseam::sam::cpu
