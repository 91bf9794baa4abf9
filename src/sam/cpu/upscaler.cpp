#include "sam/cpu/upscaler.h"

#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <numeric>

namespace landseam::sam::cpu {

namespace {

// A transposed convolution with stride 2 and side 2 makes four pixels of each, every one by its own matrix:
// [in, out, 2, 2] → [4 · out × in].
at::Tensor by_new_pixel(const at::Tensor& weight) {
    return weight.permute({2, 3, 1, 0}).reshape({-1, weight.size(0)}).contiguous();
}

}  // namespace

Upscaler::Upscaler(const sam::MaskDecoder& decoder, const PictureBlocks& blocks, const float* shift)
    : blocks_(blocks),
      coarse_(static_cast<int>(decoder.up_conv1.size(1))),
      fine_(static_cast<int>(decoder.up_conv2.size(1))),
      weight1_(by_new_pixel(decoder.up_conv1)),
      norm_weight_(decoder.up_norm.weight.contiguous()),
      norm_shift_(decoder.up_norm.bias.contiguous()),
      weight2_(by_new_pixel(decoder.up_conv2)),
      bias2_(decoder.up_bias2.contiguous()) {
    const at::Tensor bias = decoder.up_bias1.contiguous();
    for (int i = 0; i < 4 * coarse_; ++i) {
        const float* const row = first_weight() + static_cast<std::ptrdiff_t>(i) * blocks_.channels;
        bias1_.push_back(std::inner_product(row, row + blocks_.channels, shift, bias.data_ptr<float>()[i % coarse_]));
    }
}

void Upscaler::operator()(const Planes& shared, const PromptPicture& own, const float* weights,
                          const std::vector<float*>& logits) const {
    const int masks = static_cast<int>(logits.size()), terms = own.terms;
    const int wide = blocks_.block_pixels(), channels = blocks_.channels;
    const DecoderKernels& kernel = kernels().decoder;
    const std::size_t coarse_values = static_cast<std::size_t>(coarse_) * wide,
                      fine_values = static_cast<std::size_t>(fine_) * wide;
    const Buffer first_of_spans = buffers_.take(std::size_t{4} * coarse_ * terms),
                 doubled = buffers_.take(4 * coarse_values), quadrupled = buffers_.take(4 * fine_values),
                 dotted = buffers_.take(static_cast<std::size_t>(masks) * wide);
    linear(first_weight(), 4 * coarse_, channels, own.spans, nullptr, terms, first_of_spans.get());
    const MatMul& first = matmul({4 * coarse_, wide, terms, terms, wide, wide});
    const MatMul& second = matmul({4 * fine_, wide, coarse_, coarse_, wide, wide});
    for (int block = 0; block < blocks_.count(); ++block) {
        const float* const pixels = own.pixels + static_cast<std::ptrdiff_t>(block) * (terms + 1) * wide;
        const float* const scale = pixels + static_cast<std::ptrdiff_t>(terms) * wide;
        first(first_of_spans.get(), pixels, doubled.get());
        for (int i = 0; i < 4; ++i) {
            float* const part = doubled.get() + i * coarse_values;
            kernel.norm_gelu(part, shared.block(block) + i * coarse_values, scale, &bias1_[i * coarse_],
                             norm_weight_.data_ptr<float>(), norm_shift_.data_ptr<float>(), 1e-6F, coarse_, wide);
            second(weight2_.data_ptr<float>(), part, quadrupled.get());
            for (int j = 0; j < 4; ++j) {
                kernel.gelu_dot(quadrupled.get() + j * fine_values, bias2_.data_ptr<float>(), weights, masks,
                                fine_, wide, dotted.get());
                scatter(dotted.get(), block, i / 2 * 2 + j / 2, i % 2 * 2 + j % 2, logits);
            }
        }
    }
}

// Logits of a block's pixels [masks × R] to row and column (0 … 3) of the 4 × 4 that each pixel becomes.
void Upscaler::scatter(const float* from, int block, int row, int column,
                       const std::vector<float*>& logits) const {
    const int wide = blocks_.block_pixels(), grid = blocks_.grid, side = 4 * grid;
    for (float* const mask : logits) {
        int y = block * wide / grid, x = block * wide % grid;
        for (int i = 0; i < blocks_.valid_pixels(block); ++i) {
            mask[static_cast<std::ptrdiff_t>(4 * y + row) * side + 4 * x + column] = from[i];
            if (++x == grid) {
                x = 0;
                ++y;
            }
        }
        from += wide;
    }
}

}  // namespace landseam::sam::cpu
