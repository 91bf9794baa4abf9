// All that the decoder is at work with for a group of prompts; of mask_decoder.cpp and decoder_sweep.cpp.
#pragma once

#include "sam/cpu/mask_decoder.h"

#include <algorithm>
#include <vector>

namespace landseam::sam::cpu {

// Rows are tokens: prompts × tokens. An image is what a token is to pixels by one of its heads; a prompt has
// tokens × heads of them, and a contrast less for each head. Names as in decoder_picture.h.
struct MaskDecoder::Work {
    int prompts = 0, tokens_of_prompt = 0, rows = 0, heads = 0, layers = 0;
    PictureBlocks blocks;
    std::vector<float> queries;  // [rows × C], the tokens as they came, which serve as their positions
    std::vector<float> tokens;   // [rows × C]
    Buffer pictures;  // [prompts]: pixels [blocks][K + 1][R], of which the last row is ρ; V [K × C]

    // Pixels ask tokens: of contrasts, of which there are tokens − 1 a prompt.
    std::vector<float> keys, key_bias;
    std::vector<std::vector<float>> values;       // of each layer, [prompts × (tokens − 1) × D]
    std::vector<std::vector<float>> last_values;  // of each layer, [prompts × (D + 1)], the last one 1
    Buffer key_images;                            // [prompts × (tokens − 1)][H][C]
    Buffer gained;                                // U, as key_images
    std::vector<float> last_gained;               // U's rows of 1 / ρ, [prompts × C]
    Buffer asking;                                // key images · Vᵀ, [prompts][contrasts × K]
    Buffer grams;  // [prompts][K × K]: V Vᵀ, twice below the layers' own blocks

    // Tokens ask pixels: the softmax so far, and what it weighs.
    Buffer query_images;             // [rows][H][C]
    Buffer asked;                    // query images · Vᵀ, [prompts][images × K]
    Buffer gathered;                 // Σ weight · φ, [prompts][images × K]
    std::vector<float> from_shared;  // Σ weight · values of Y, [rows × D]
    std::vector<float> largest, total, shrink;

    // Of the block at hand, [rows][H][R]: scores, what they owe to positions, what φ is multiplied with for
    // the squares, of each layer, and apart from it what 1 / ρ is, [prompts][R]; and [R] the squares.
    Buffer scores, placed;
    std::vector<Buffer> crossed, last_crossed;
    Buffer squares;

    int images() const { return tokens_of_prompt * heads; }
    int contrasts() const { return (tokens_of_prompt - 1) * heads; }
    int terms_of_layer() const { return contrasts() + 1; }
    int terms() const { return layers * terms_of_layer(); }  // K
    int contrasting_rows() const { return prompts * (tokens_of_prompt - 1); }
    std::size_t first_row(int prompt) const { return static_cast<std::size_t>(prompt) * images(); }
    std::size_t first_contrast(int prompt) const { return static_cast<std::size_t>(prompt) * contrasts(); }
    std::size_t pixel_values() const {
        return static_cast<std::size_t>(blocks.count()) * (terms() + 1) * blocks.block_pixels();
    }
    std::size_t picture_values() const {
        return pixel_values() + static_cast<std::size_t>(terms()) * blocks.channels;
    }
    float* span(int prompt) const { return pictures.get() + prompt * picture_values() + pixel_values(); }
    float* pixels(int prompt, int block) const {
        return pictures.get() + prompt * picture_values() +
               static_cast<std::size_t>(block) * (terms() + 1) * blocks.block_pixels();
    }
    float* scale(int prompt, int block) const {
        return pixels(prompt, block) + static_cast<std::size_t>(terms()) * blocks.block_pixels();
    }
    // Of [prompts][rows × K].
    float* of_prompt(const Buffer& buffer, int prompt, int rows_of_prompt) const {
        return buffer.get() + static_cast<std::size_t>(prompt) * rows_of_prompt * terms();
    }

    std::vector<float> placed_tokens() const {
        std::vector<float> sum = tokens;
        add_to(sum, queries);
        return sum;
    }
    void start_softmax() {
        largest.assign(static_cast<std::size_t>(rows) * heads, -3.4e38F);
        total.assign(largest.size(), 0.0F);
        shrink.assign(largest.size(), 0.0F);
    }
};

}  // namespace landseam::sam::cpu
