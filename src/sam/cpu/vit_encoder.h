#pragma once

#include "sam/cpu/image_encoder.h"
#include "sam/cpu/neck.h"
#include "sam/cpu/vit_attention.h"

#include <vector>

namespace landseam::sam::cpu {

class VitEncoder : public ImageEncoder {
public:
    VitEncoder(const sam::VitEncoder& encoder, const ModelInfo& info, Precision precision);
    void operator()(const float* picture, float* embedding, const ParallelFor& parallel_for) const override;

private:
    struct Block {
        Block(const VitBlock& block, int grid, Precision precision);
        at::Tensor norm1_weight, norm1_shift, norm2_weight, norm2_shift;
        float eps;
        VitAttention attention;
        LinearLayer lin1, lin2;
        bool windowed;
    };

    void embed_patches(const float* picture, int first, int count, float* tokens) const;
    void attend_in_window(const std::vector<const Block*>& blocks, int window, float* tokens) const;
    void attend_everywhere(const Block& block, float* tokens, const ParallelFor& parallel_for) const;
    // What follows attention, for rows of tokens: [count × C] both.
    void finish(const Block& block, const float* attended, int count, float* tokens) const;

    int grid_, channels_, patch_, bands_;
    LinearLayer patches_;
    at::Tensor positions_;  // [g², C]
    std::vector<Block> blocks_;
    Neck neck_;
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
