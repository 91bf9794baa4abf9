#include "sam/cpu/neck.h"

#include "sam/cpu/kernels.h"

#include <algorithm>

namespace landseam::sam::cpu {

namespace {

constexpr int kRowsAtOnce = 256;
constexpr float kEps = 1e-6F;

}  // namespace

Neck::Neck(const sam::Neck& neck, int grid, Precision precision)
    : grid_(grid),
      reduce_(neck.reduce.flatten(1), {}, precision),
      mix_(neck.mix, {}, 1, precision),
      norm1_weight_(neck.norm1.weight.contiguous()),
      norm1_shift_(neck.norm1.bias.contiguous()),
      norm2_weight_(neck.norm2.weight.contiguous()),
      norm2_shift_(neck.norm2.bias.contiguous()) {}

void Neck::operator()(const float* tokens, float* embedding, const ParallelFor& parallel_for) const {
    const int channels = reduce_.out(), grid_rows = std::max(1, kRowsAtOnce / grid_);
    const std::size_t chunks = (static_cast<std::size_t>(grid_) + grid_rows - 1) / grid_rows;
    const Buffer reduced = buffers_.take(static_cast<std::size_t>(grid_) * grid_ * channels);
    parallel_for(chunks, [&](std::size_t chunk) {
        const int first = static_cast<int>(chunk) * grid_rows,
                  rows = std::min(grid_rows, grid_ - first) * grid_;
        float* const out = reduced.get() + static_cast<std::size_t>(first) * grid_ * channels;
        reduce_(tokens + static_cast<std::size_t>(first) * grid_ * reduce_.in(), rows, out);
        kernels().encoder.layer_norm_rows(out, rows, channels, norm1_weight_.data_ptr<float>(),
                                          norm1_shift_.data_ptr<float>(), kEps, out);
    });
    parallel_for(chunks, [&](std::size_t chunk) {
        const int first = static_cast<int>(chunk) * grid_rows;
        mix_rows(reduced.get(), first, std::min(grid_rows, grid_ - first), embedding);
    });
}

// The second convolution of some rows of the grid, its norm, and the way to planes.
void Neck::mix_rows(const float* reduced, int first_row, int rows, float* embedding) const {
    const int channels = reduce_.out(), tokens = rows * grid_;
    const Buffer mixed = buffers_.take(static_cast<std::size_t>(tokens) * channels);
    mix_(reduced, grid_, first_row, rows, mixed.get());
    kernels().encoder.layer_norm_rows(mixed.get(), tokens, channels, norm2_weight_.data_ptr<float>(),
                                      norm2_shift_.data_ptr<float>(), kEps, mixed.get());
    for (int c = 0; c < channels; ++c) {
        float* const plane = embedding + (static_cast<std::size_t>(c) * grid_ + first_row) * grid_;
        for (int token = 0; token < tokens; ++token)
            plane[token] = mixed.get()[static_cast<std::size_t>(token) * channels + c];
    }
}

}  // namespace landseam::sam::cpu
