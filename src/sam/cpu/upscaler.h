// From a prompt's picture to its masks' logits, without the upscaled picture ever lying in memory as a whole.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/decoder_picture.h"
#include "sam/cpu/picture_blocks.h"

#include <vector>

namespace landseam::sam::cpu {

// A prompt's picture after the last layer: ρ · (Y + Vᵀ φ) + β, see decoder_picture.h.
struct PromptPicture {
    const float* pixels;  // [blocks][K + 1][R]: φ, ρ
    const float* spans;   // V [K × C]
    int terms;            // K
};

class Upscaler {
public:
    // shift [C]: β.
    Upscaler(const sam::MaskDecoder& decoder, const PictureBlocks& blocks, const float* shift);

    // The first doubling, [C × C]: four new pixels of C / 4 channels each of a pixel's channels.
    const float* first_weight() const { return weight1_.data_ptr<float>(); }

    // shared: Y through the first doubling. weights [masks × C / 8] → logits [4g × 4g] of each mask.
    void operator()(const Planes& shared, const PromptPicture& own, const float* weights,
                    const std::vector<float*>& logits) const;

private:
    void scatter(const float* block_logits, int block, int row, int column,
                 const std::vector<float*>& logits) const;

    PictureBlocks blocks_;
    int coarse_, fine_;  // channels after the first and the second doubling: C / 4, C / 8
    at::Tensor weight1_, norm_weight_, norm_shift_, weight2_, bias2_;
    std::vector<float> bias1_;  // [4 · C / 4]: of β and the first doubling
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
