// The mask decoder on a CPU: the same function as sam::MaskDecoder (its oracle in tests), with a third of the
// multiplications and without anything of the size prompts × pixels × channels but each prompt's picture.
//
// What is saved, exactly: the first layer's projections of the picture are the same for all prompts.
// Attention between a few tokens and many pixels takes the pixels' projections to the tokens' side, q · (Wk
// x) = (Wkᵀ q) · x, and the values' likewise, Σ p (Wv x) = Wv (Σ p x); the bias of keys shifts all scores of
// a query alike and drops out of the softmax. What pixels gain from tokens is their attention times the
// tokens' values already taken through the output projection. Softmax over pixels runs along with the sums it
// weighs.
//
// A picture lies in blocks of pixels, [blocks][channels][pixels of a block], the last one padded.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/picture_blocks.h"
#include "sam/cpu/token_layers.h"
#include "sam/cpu/upscaler.h"

#include <vector>

namespace landseam::sam::cpu {

// What all prompts of a picture have in common.
struct DecoderPicture {
    Buffer pixels;       // [blocks][C][R]: embedding and dense prompt
    Buffer projections;  // [blocks][3][D][R]: the first layer's queries, keys and values, without bias
};

class MaskDecoder {
public:
    // Keeps the model's tensors; they must be fp32 on the CPU.
    explicit MaskDecoder(const Sam& model);

    // embedding [C, g, g], dense [C]: what is added to every pixel.
    DecoderPicture prepare(const float* embedding, const float* dense, const ParallelFor& parallel_for) const;

    // After the two-way transformer.
    struct Decoded {
        int prompts = 0;
        std::vector<float> iou_predictions;  // [prompts × masks]
        std::vector<float> mask_tokens;      // [prompts × masks × C]
        Buffer pixels;                       // [prompts][blocks][C][R]
    };
    // sparse [prompts × points × C]: the prompts' own tokens.
    Decoded decode(const DecoderPicture& picture, const float* sparse, int prompts, int points) const;

    // Logits of one prompt's masks: `masks` are numbers of mask tokens, mask_tokens holds a row [C] for each,
    // pixels are as in Decoded, of that prompt. Mask i goes to logits[i] [4g × 4g].
    void masks(const float* pixels, const std::vector<int>& masks, const float* mask_tokens,
               const std::vector<float*>& logits) const;

    // Prompts that are best decoded together: more only take more memory.
    static constexpr int kPromptsAtOnce = 8;
    std::size_t picture_values() const { return blocks_.values(); }

private:
    struct Work;
    Work start(const float* sparse, int prompts, int points) const;
    void attend_among_tokens(const TwoWayLayer& layer, Work& work) const;
    void finish_tokens(const TwoWayLayer& layer, Work& work) const;
    void attend_to_picture(std::size_t number, const CrossAttention& next, const DecoderPicture& picture,
                           Work& work) const;
    void gather_first(const DecoderPicture& picture, Work& work) const;
    void sweep(std::size_t layer, const DecoderPicture& picture, Work& work) const;
    void update_block(const TwoWayLayer& layer, int block, const float* before, float* scores,
                      const float* score_bias, int prompt, Work& work) const;
    void gather_block(int block, int prompt, Work& work) const;

    PictureBlocks blocks_;
    int heads_ = 0;
    std::vector<TwoWayLayer> layers_;
    CrossAttention final_;
    Norm final_norm_;
    std::vector<float> output_tokens_;  // IoU token and mask tokens
    int masks_ = 0;
    Head iou_head_;
    std::vector<Head> hypernetworks_;
    Upscaler upscaler_;
    BufferPool buffers_;
    Buffer positions_;  // [blocks][C][R]
};

}  // namespace landseam::sam::cpu
