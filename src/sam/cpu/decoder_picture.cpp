#include "sam/cpu/decoder_picture.h"

#include "sam/cpu/kernels.h"
#include "sam/cpu/matmul.h"

#include <algorithm>

namespace landseam::sam::cpu {

namespace {

// out[pixel] = Σ over channels of weights[channel] · x[channel][pixel]
void mix_channels(const float* x, const float* weights, int channels, int wide, float* out) {
    std::fill_n(out, wide, 0.0F);
    for (int c = 0; c < channels; ++c, x += wide)
        for (int i = 0; i < wide; ++i) out[i] += x[i] * weights[c];
}

// Γ
void weigh_channels(float* x, const float* weights, int channels, int wide) {
    for (int c = 0; c < channels; ++c, x += wide)
        for (int i = 0; i < wide; ++i) x[i] *= weights[c];
}

// M
void centre(float* x, int channels, int wide) {
    std::vector<float> mean(static_cast<std::size_t>(wide));
    const std::vector<float> shares(static_cast<std::size_t>(channels), 1.0F / static_cast<float>(channels));
    mix_channels(x, shares.data(), channels, wide, mean.data());
    for (int c = 0; c < channels; ++c, x += wide)
        for (int i = 0; i < wide; ++i) x[i] -= mean[i];
}

void sum_squares(const float* x, int channels, int wide, float* out) {
    std::fill_n(out, wide, 0.0F);
    for (int c = 0; c < channels; ++c, x += wide)
        for (int i = 0; i < wide; ++i) out[i] += x[i] * x[i];
}

}  // namespace

PictureMaker::PictureMaker(const PictureBlocks& blocks, const std::vector<TwoWayLayer>& layers,
                           const CrossAttention& last, const float* positions, const float* upscaling)
    : blocks_(blocks),
      layers_(layers),
      last_(last),
      upscaling_(upscaling),
      positions_(buffers_, blocks, blocks.channels) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const CrossAttention& attention = layers_[l].image_to_token;
        constants_.emplace_back(attention.out_bias(), attention.out_bias() + blocks_.channels);
        for (int c = 0; l > 0 && c < blocks_.channels; ++c)
            constants_[l][c] += layers_[l - 1].norm4.shift()[c];
        query_positions_.emplace_back(buffers_, blocks_, layers_[l].image_to_token.width());
        key_positions_.emplace_back(buffers_, blocks_, next(l).width());
    }
    const int wide = blocks_.block_pixels();
    for (int block = 0; block < blocks_.count(); ++block) {
        blocks_.cut_block(positions, nullptr, block, positions_.block(block));
        for (std::size_t l = 0; l < layers_.size(); ++l) {
            layers_[l].image_to_token.project_queries(positions_.block(block), wide,
                                                      query_positions_[l].block(block));
            next(l).project_keys(positions_.block(block), wide, key_positions_[l].block(block));
        }
    }
}

DecoderPicture PictureMaker::operator()(const float* embedding, const float* dense,
                                        const ParallelFor& parallel_for) const {
    const CrossAttention& first = layers_.front().token_to_image;
    DecoderPicture picture;
    picture.first_keys = Planes(buffers_, blocks_, first.width());
    picture.first_values = Planes(buffers_, blocks_, first.width());
    picture.upscaled = Planes(buffers_, blocks_, blocks_.channels);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const int width = layers_[l].image_to_token.width(), next_width = next(l).width();
        picture.layers.push_back({Planes(buffers_, blocks_, width),
                                  Planes(buffers_, blocks_, 1 + static_cast<int>(l + 1) * (width + 1)),
                                  Planes(buffers_, blocks_, next_width),
                                  Planes(buffers_, blocks_, next_width)});
    }
    parallel_for(static_cast<std::size_t>(blocks_.count()), [&](std::size_t number) {
        const int block = static_cast<int>(number);
        const Buffer pixels = buffers_.take(blocks_.block_values());
        blocks_.cut_block(embedding, dense, block, pixels.get());
        make_block(block, pixels.get(), picture);
    });
    return picture;
}

// y: a block of the embedding, which becomes Y of layer after layer.
void PictureMaker::make_block(int block, float* y, const DecoderPicture& picture) const {
    const CrossAttention& first = layers_.front().token_to_image;
    const int wide = blocks_.block_pixels(), channels = blocks_.channels;
    const Buffer placed = buffers_.take(blocks_.block_values());
    kernels().decoder.add(y, positions_.block(block), static_cast<int>(blocks_.block_values()), placed.get());
    first.project_keys(placed.get(), wide, picture.first_keys.block(block));
    first.project_values(y, wide, picture.first_values.block(block));
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const DecoderPicture::Layer& shared = picture.layers[l];
        layers_[l].image_to_token.project_queries(l == 0 ? placed.get() : y, wide,
                                                  shared.queries.block(block));
        centre(y, channels, wide);
        make_norm(l, y, shared.norm.block(block));
        weigh_channels(y, layers_[l].norm4.weight(), channels, wide);
        next(l).project_keys(y, wide, shared.keys.block(block));
        next(l).project_values(y, wide, shared.values.block(block));
    }
    matmul({channels, wide, channels, channels, wide, wide})(upscaling_, y, picture.upscaled.block(block));
}

// 2 V · M Y: of layer j, V is M Γ M … Γ M U by the time of this layer, and (A U) · y = U · (Aᵀ y).
void PictureMaker::make_norm(std::size_t layer, const float* centred, float* out) const {
    const int wide = blocks_.block_pixels(), channels = blocks_.channels;
    const int width = layers_[layer].image_to_token.width();
    sum_squares(centred, channels, wide, out);
    const Buffer turned = buffers_.take(blocks_.block_values());
    kernels().decoder.add(centred, centred, static_cast<int>(blocks_.block_values()), turned.get());
    for (std::size_t j = layer + 1; j-- > 0;) {
        float* const of_values = out + (1 + j * (width + 1)) * wide;
        layers_[j].image_to_token.project_outputs(turned.get(), wide, of_values);
        mix_channels(turned.get(), constants_[j].data(), channels, wide,
                     of_values + static_cast<std::ptrdiff_t>(width) * wide);
        if (j == 0) break;
        weigh_channels(turned.get(), layers_[j - 1].norm4.weight(), channels, wide);
        centre(turned.get(), channels, wide);
    }
}

}  // namespace landseam::sam::cpu
