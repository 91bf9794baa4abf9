// What the pixels of a picture are to the decoder.
//
// A layer adds to every pixel what it gains from the tokens, Uᵀ p + b: p is the pixel's attention to each
// token and head, a row of U the token's value taken through the output projection. A norm follows. With M
// for taking away the mean over channels and Γ for the norm's weights, after layer l
//
//     keys = Γ M (keys of l − 1 + Uᵀ p + b) / σ + β.
//
// But for σ all of it is linear, so that after any layer, with one number ρ a pixel,
//
//     keys = ρ · (Y + Vᵀ φ) + β,
//
// where Y is the same for all prompts, made of the picture by Γ M of every layer so far; V [K × C] is of the
// prompt, made of U alike; φ [K] gathers p / ρ of every layer. Whatever is linear in the keys (scores, sums
// of values, the first upscaling) is taken of Y once for a picture and of V once for a prompt, and costs a
// pixel K multiplications in place of C. The sum of squares that σ comes from is one of Y, of both, and of V
// Vᵀ. So a prompt's picture is φ and ρ, and its keys are never made.
//
// A pixel's attention with each head adds up to one. So tokens are asked as contrasts, what one has more than
// the prompt's last: a layer has (tokens − 1) × heads of them in φ, and behind them 1 / ρ, whose row of V is
// what a pixel gains that attends to the last token alone, with all that is constant: b and the last layer's
// β. K is layers × ((tokens − 1) × heads + 1).
#pragma once

#include "landseam/core/parallel.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/picture_blocks.h"
#include "sam/cpu/token_layers.h"

#include <cstddef>
#include <vector>

namespace landseam::sam::cpu {

// Rows over a picture's pixels: [blocks][rows][pixels of a block].
class Planes {
public:
    Planes() = default;
    Planes(const BufferPool& buffers, const PictureBlocks& blocks, int rows)
        : block_values_(static_cast<std::size_t>(rows) * blocks.block_pixels()),
          values_(buffers.take(blocks.count() * block_values_)) {}
    float* block(int number) const { return values_.get() + number * block_values_; }

private:
    std::size_t block_values_ = 0;
    Buffer values_;
};

// What all prompts of a picture have in common.
struct DecoderPicture {
    Planes first_keys, first_values;  // [D] of the embedding, for the first layer's tokens
    struct Layer {
        Planes queries;  // [D] of Y before the layer; in the first layer with positions
        Planes norm;  // [1]: the squares of M Y; and for each layer up to this one [D + 1]: 2 M Y on the side
                      // of that layer's values, and its product with what is constant
        Planes keys, values;  // [D] of Y after the layer, for the attention of tokens that comes next
    };
    std::vector<Layer> layers;
    Planes upscaled;  // of Y after all layers: the first upscaling, [C]
};

class PictureMaker {
public:
    // `layers` and `last` must outlive this. positions: planes [C, g, g]; upscaling [C × C], for `upscaled`.
    PictureMaker(const PictureBlocks& blocks, const std::vector<TwoWayLayer>& layers,
                 const CrossAttention& last, const float* positions, const float* upscaling);

    // embedding [C, g, g], dense [C]: what is added to every pixel.
    DecoderPicture operator()(const float* embedding, const float* dense,
                              const ParallelFor& parallel_for) const;

    // What a layer's queries and the keys of the attention next to it owe to positions, [D].
    const Planes& query_positions(std::size_t layer) const { return query_positions_[layer]; }
    const Planes& key_positions(std::size_t layer) const { return key_positions_[layer]; }

    // The attention of tokens to the picture after a layer.
    const CrossAttention& next(std::size_t layer) const {
        return layer + 1 < layers_.size() ? layers_[layer + 1].token_to_image : last_;
    }
    // What is constant in what a layer adds: b and the last layer's β, [C].
    const std::vector<float>& constant(std::size_t layer) const { return constants_[layer]; }

private:
    void make_block(int block, float* y, const DecoderPicture& picture) const;
    void make_norm(std::size_t layer, const float* centred, float* out) const;

    PictureBlocks blocks_;
    const std::vector<TwoWayLayer>& layers_;
    const CrossAttention& last_;
    const float* upscaling_;
    std::vector<std::vector<float>> constants_;
    BufferPool buffers_;
    Planes positions_;  // [C]
    std::vector<Planes> query_positions_, key_positions_;
};

}  // namespace landseam::sam::cpu
