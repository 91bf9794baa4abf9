// From a prompt's picture to its masks' logits, without the upscaled picture ever lying in memory as a whole.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/picture_blocks.h"

#include <vector>

namespace landseam::sam::cpu {

class Upscaler {
public:
    Upscaler(const sam::MaskDecoder& decoder, const PictureBlocks& blocks);

    int mask_channels() const { return fine_; }

    // pixels [blocks][C][R], weights [masks × C / 8] → logits [4g × 4g] of each mask.
    void operator()(const float* pixels, const float* weights, const std::vector<float*>& logits) const;

private:
    void scatter(const float* block_logits, int block, int row, int column,
                 const std::vector<float*>& logits) const;

    PictureBlocks blocks_;
    int coarse_, fine_;  // channels after the first and the second doubling: C / 4, C / 8
    at::Tensor weight1_, bias1_, norm_weight_, norm_shift_, weight2_, bias2_;
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
