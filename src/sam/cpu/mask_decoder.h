// The mask decoder on a CPU: the same function as sam::MaskDecoder (its oracle in tests), with a fifth of the
// multiplications and without anything of the size prompts × pixels × channels.
//
// What is saved, exactly: pixels are told by what all prompts have in common and by their attention to tokens
// (decoder_picture.h), so that scores and sums of values cost 7 tokens × 8 heads a pixel in place of 256
// channels. The bias of keys shifts all scores of a query alike and drops out of the softmax. Softmax over
// pixels runs along with the sums it weighs. Masks are upscaled only where they are asked for.
//
// A picture lies in blocks of pixels, [blocks][rows][pixels of a block], the last one padded.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/decoder_picture.h"
#include "sam/cpu/picture_blocks.h"
#include "sam/cpu/token_layers.h"
#include "sam/cpu/upscaler.h"

#include <vector>

namespace landseam::sam::cpu {

class MaskDecoder {
public:
    // Keeps the model's tensors; they must be fp32 on the CPU.
    explicit MaskDecoder(const Sam& model);
    MaskDecoder(const MaskDecoder&) = delete;
    MaskDecoder& operator=(const MaskDecoder&) = delete;

    // embedding [C, g, g], dense [C]: what is added to every pixel.
    DecoderPicture prepare(const float* embedding, const float* dense, const ParallelFor& parallel_for) const {
        return picture_maker_(embedding, dense, parallel_for);
    }

    // After the two-way transformer.
    struct Decoded {
        int prompts = 0;
        std::vector<float> iou_predictions;  // [prompts × masks]
        std::vector<float> mask_tokens;      // [prompts × masks × C]
        std::size_t picture_values = 0;      // of a prompt
        Buffer pictures;                     // [prompts][picture_values]
    };
    // sparse [prompts × points × C]: the prompts' own tokens.
    Decoded decode(const DecoderPicture& picture, const float* sparse, int prompts, int points) const;

    // Logits of one prompt's masks: `masks` are numbers of mask tokens, mask_tokens holds a row [C] for each;
    // `own`, of picture_values, is that prompt's part of Decoded::pictures. Mask i goes to logits[i] [4g × 4g].
    void masks(const DecoderPicture& picture, const float* own, std::size_t picture_values,
               const std::vector<int>& masks, const float* mask_tokens, const std::vector<float*>& logits) const;

    // Prompts that are best decoded together: more only take more memory.
    static constexpr int kPromptsAtOnce = 8;

private:
    struct Work;
    Work start(const float* sparse, int prompts, int points) const;
    void attend_among_tokens(const TwoWayLayer& layer, Work& work) const;
    void gather_first(const DecoderPicture& picture, Work& work) const;
    void finish_tokens(std::size_t layer, Work& work) const;
    void extend_spans(std::size_t layer, const std::vector<float>& queries, Work& work) const;
    void attend_to_picture(std::size_t layer, const DecoderPicture& picture, Work& work) const;
    void sweep(std::size_t layer, const DecoderPicture& picture, const std::vector<float>& queries,
               Work& work) const;
    void update_block(std::size_t layer, const float* shared_norm, int block, int prompt, Work& work) const;
    void gather_block(std::size_t layer, int block, int prompt, Work& work) const;
    std::vector<float> gain(std::size_t layer, Work& work) const;
    void multiply_heads(const std::vector<float>& tokens, const float* planes, float* products) const;
    void weigh_heads(const float* weights, const float* planes, int rows, float* sums) const;

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
    PictureMaker picture_maker_;
    BufferPool buffers_;
};

}  // namespace landseam::sam::cpu
