#pragma once

#include "sam/cpu/convolution.h"
#include "sam/cpu/image_encoder.h"
#include "sam/cpu/neck.h"

#include <vector>

namespace landseam::sam::cpu {

// Widen, 3 × 3 for each channel, narrow: what both TinyViT's first stage and its merging of patches are.
class Bottleneck {
public:
    explicit Bottleneck(const MbConv& block, Precision precision);
    explicit Bottleneck(const PatchMerging& merging, Precision precision);

    int result_side(int side) const { return each_.result_side(side); }
    int out() const { return narrow_.out(); }
    // Map [side² × in] → [result's side² × out].
    void operator()(const float* map, int side, float* result, const ParallelFor& parallel_for) const;

private:
    void rows(const float* map, int side, int first_row, int count, float* result) const;

    LinearLayer widen_;
    Depthwise3x3 each_;
    LinearLayer narrow_;
    bool residual_;  // and a GELU after it
    BufferPool buffers_;
};

// Attention within windows whose scores gain a learned bias.
class WindowAttention {
public:
    explicit WindowAttention(const TinyVitAttention& attention, Precision precision);

    int window() const { return window_; }
    // Adds to the map [side² × C] what windows number `first_window`… gain. Windows are cut row by row and
    // padded with zeros.
    void operator()(float* map, int side, int first_window, int count) const;

private:
    struct Place {
        int y, x, height, width;  // of a window's tokens that are not padding
    };
    Place place(int side, int window) const;
    int tokens() const { return window_ * window_; }
    int padded_tokens() const { return (tokens() + 15) / 16 * 16; }
    void attend(const float* qkv, float* attended) const;

    int heads_, window_;
    at::Tensor norm_weight_, norm_shift_;
    float eps_;
    LinearLayer qkv_, proj_;
    at::Tensor biases_;  // [heads, tokens, padded tokens], never for the padding
    BufferPool buffers_;
};

class TinyVitEncoder : public ImageEncoder {
public:
    TinyVitEncoder(const sam::TinyVitEncoder& encoder, const ModelInfo& info, Precision precision);
    void operator()(const float* picture, float* embedding, const ParallelFor& parallel_for) const override;

private:
    struct Block {
        Block(const TinyVitBlock& block, Precision precision);
        WindowAttention attention;
        Depthwise3x3 local;
        at::Tensor norm_weight, norm_shift;
        float eps;
        LinearLayer fc1, fc2;
    };
    Buffer embed_patches(const float* picture, const ParallelFor& parallel_for) const;
    Buffer through(const Block& block, const Buffer& map, int side, const ParallelFor& parallel_for) const;
    void finish_rows(const Block& block, const float* map, int side, int first_row, int rows,
                     float* result) const;

    int image_size_;
    Convolution3x3 patch1_, patch2_;
    std::vector<Bottleneck> convolutions_, merges_;
    std::vector<std::vector<Block>> stages_;
    Neck neck_;
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
