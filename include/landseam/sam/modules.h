// The parts of Segment Anything: structs of tensors and the functions that run them. Names follow the
// published modules, so that a checkpoint's keys say where each tensor goes. Everything is differentiable;
// nothing here turns gradients off. This header shows libtorch's tensors.
//
// Shapes: B pictures or prompts, C channels, g side of the image embedding in tokens, S = side of the model's
// picture, N its bands (3: red, green, blue). Sources: segment_anything/modeling,
// mobile_sam/modeling/tiny_vit_sam.py (Wu et al. 2022 for TinyViT).
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/model.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam {

namespace cpu {
class ImageEncoder;
class MaskDecoder;
}  // namespace cpu

// y = x · weightᵀ + bias over the last axis.
struct Linear {
    at::Tensor weight, bias;  // [out, in], [out]
    at::Tensor operator()(const at::Tensor& x) const;
};

// Layer normalisation over the last axis.
struct LayerNorm {
    at::Tensor weight, bias;
    double eps = 1e-5;
    at::Tensor operator()(const at::Tensor& x) const;
};

// Layer normalisation over the channels of [B, C, H, W].
struct LayerNorm2d {
    at::Tensor weight, bias;
    at::Tensor operator()(const at::Tensor& x) const;
};

// Linear layers with ReLU between them.
struct Mlp {
    std::vector<Linear> layers;
    at::Tensor operator()(const at::Tensor& x) const;
};

// 1×1 convolution, norm, 3×3 convolution, norm: encoder channels to the decoder's. Both encoders end in it.
struct Neck {
    at::Tensor reduce;  // [C, in, 1, 1]
    LayerNorm2d norm1;
    at::Tensor mix;  // [C, C, 3, 3]
    LayerNorm2d norm2;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, in, g, g] → [B, C, g, g]
};

// ---- ViT encoder (image_encoder.py) ----

// Attention over all tokens of a window (or the picture), with decomposed relative positions: the score of a
// query and a key gains q · rel_pos_h[dy] + q · rel_pos_w[dx].
struct VitAttention {
    Linear qkv, proj;
    at::Tensor rel_pos_h, rel_pos_w;  // [2·side − 1, head dim]
    int heads = 0;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, H, W, C] → the same

    // Both give [B, heads, H · W, head dim] of q, k and v of this shape, H and W being those of the grid. The
    // first takes the scores in row blocks; the second as a plain fused attention over longer vectors, as a
    // GPU has it, so that no score is ever in memory.
    at::Tensor in_blocks(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t height,
                         std::int64_t width) const;
    at::Tensor fused(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t height,
                     std::int64_t width) const;
};

struct VitBlock {
    LayerNorm norm1;
    VitAttention attn;
    LayerNorm norm2;
    Linear lin1, lin2;
    int window = 0;                                    // 0: the whole picture
    at::Tensor operator()(const at::Tensor& x) const;  // [B, H, W, C] → the same
};

struct VitEncoder {
    at::Tensor patch_weight, patch_bias;  // [C, N, p, p], [C]
    at::Tensor pos_embed;                 // [1, g, g, C]
    std::vector<VitBlock> blocks;
    Neck neck;
    at::Tensor operator()(const at::Tensor& picture) const;  // [B, N, S, S] → [B, C, g, g]
};

// Cuts [B, H, W, C] into windows [B · windows, side, side, C], row by row, padding with zeros to the right
// and below.
at::Tensor partition_windows(const at::Tensor& x, int side);
// Puts windows back together as [B, height, width, C], padding cut off.
at::Tensor join_windows(const at::Tensor& windows, int height, int width);

// ---- TinyViT encoder (tiny_vit_sam.py) ----

// A convolution without bias followed by batch normalisation with the stored statistics.
struct ConvBn {
    at::Tensor weight;                                         // [out, in / groups, k, k]
    at::Tensor bn_weight, bn_bias, running_mean, running_var;  // [out]
    int stride = 1, padding = 0, groups = 1;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, in, H, W] → [B, out, H / stride, W / stride]
};

// Inverted bottleneck: widen, 3×3 depthwise, narrow, residual.
struct MbConv {
    ConvBn conv1, conv2, conv3;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, C, H, W] → the same
};

struct PatchMerging {
    ConvBn conv1, conv2, conv3;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, C, H, W] → [B, C', H / stride, W / stride]
};

// Attention within a window whose scores gain a learned bias for each |dy|, |dx|.
struct TinyVitAttention {
    LayerNorm norm;
    Linear qkv, proj;
    at::Tensor attention_biases;  // [heads, window²]
    int heads = 0, window = 0;
    at::Tensor operator()(const at::Tensor& x) const;  // [windows, window², C] → the same
};

struct TinyVitBlock {
    TinyVitAttention attn;
    ConvBn local_conv;
    LayerNorm mlp_norm;
    Linear fc1, fc2;
    at::Tensor operator()(const at::Tensor& x) const;  // [B, C, H, W] → the same
};

struct TinyVitEncoder {
    ConvBn patch1, patch2;
    std::vector<MbConv> conv_blocks;                // the first stage
    std::vector<PatchMerging> merges;               // before each later stage
    std::vector<std::vector<TinyVitBlock>> stages;  // the later stages
    Neck neck;
    at::Tensor operator()(const at::Tensor& picture) const;  // [B, N, S, S] → [B, C, g, g]
};

// ---- Prompt encoder (prompt_encoder.py) ----

struct PromptEncoder {
    at::Tensor gaussian;  // [2, C / 2]
    at::Tensor
        point_embeddings[4];  // [1, C] each: beside the object, on it, box's upper left, box's lower right
    at::Tensor not_a_point_embed;  // [1, C]
    at::Tensor no_mask_embed;      // [1, C]
    at::Tensor mask_conv1, mask_bias1, mask_conv2, mask_bias2, mask_conv3, mask_bias3;
    LayerNorm2d mask_norm1, mask_norm2;
    int image_size = 0, grid = 0;

    // Points [B, n, 2] (x, y) and boxes [B, 4] (x0, y0, x1, y1) in the pixels of the model's picture, labels
    // [B, n] as in PointPrompts. Without boxes (undefined tensor) a padding point is added. Either may be
    // undefined. Returns [B, n (+ 1 or 2), C].
    at::Tensor sparse(const at::Tensor& points, const at::Tensor& labels, const at::Tensor& boxes) const;

    at::Tensor dense(const at::Tensor& masks) const;  // [B, 1, 4g, 4g] → [B, C, g, g]
    at::Tensor dense_without_mask() const;            // [1, C, 1, 1], the same for every token
    at::Tensor image_positions() const;               // [1, C, g, g]

    // Random Fourier features of coordinates in [0, 1]: [..., 2] → [..., C].
    at::Tensor positions(const at::Tensor& unit_coords) const;
};

// ---- Mask decoder (mask_decoder.py, transformer.py) ----

// Attention with its own projections for queries, keys and values.
struct DecoderAttention {
    Linear q_proj, k_proj, v_proj, out_proj;
    int heads = 8;
    // q [B, n, C], k and v [B, m, C] → [B, n, C]. Where either side has B = 1, it is shared by the others.
    at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const;
};

struct TwoWayBlock {
    DecoderAttention self_attn, cross_attn_token_to_image, cross_attn_image_to_token;
    LayerNorm norm1, norm2, norm3, norm4;
    Mlp mlp;
    bool first = false;  // the first layer's self attention has neither positions nor residual
};

struct MaskDecoder {
    std::vector<TwoWayBlock> layers;
    DecoderAttention final_attn_token_to_image;
    LayerNorm norm_final_attn;
    at::Tensor iou_token, mask_tokens;                  // [1, C], [masks, C]
    at::Tensor up_conv1, up_bias1, up_conv2, up_bias2;  // output_upscaling.0 and .3
    LayerNorm2d up_norm;
    std::vector<Mlp> output_hypernetworks_mlps;  // one a mask token
    Mlp iou_prediction_head;

    struct Tokens {
        at::Tensor iou_predictions;  // [B, masks]
        at::Tensor mask_tokens;      // [B, masks, C]
        at::Tensor image;            // [B, g², C]
    };
    // The two-way transformer and the IoU head. image [1 or B, C, g, g] is embedding plus dense prompt,
    // positions [1, C, g, g], sparse [B, n, C]. An image shared by all prompts (1) stays shared until prompts
    // change it.
    Tokens decode_tokens(const at::Tensor& image, const at::Tensor& positions,
                         const at::Tensor& sparse) const;

    at::Tensor upscale(const at::Tensor& image) const;  // [B, g², C] → [B, C / 8, 4g, 4g]
    // The same values as [B, 16g², C / 8]: the sixteen of a token follow one another, and nothing has to be
    // moved about in memory. See cells_of().
    at::Tensor upscale_in_cells(const at::Tensor& image) const;
    // What mask token number `mask` weighs the channels of upscale() with: [K, C] → [K, C / 8].
    at::Tensor mask_weights(const at::Tensor& tokens, int mask) const;

    // All masks of all prompts, written as in the reference: [B, masks, 4g, 4g].
    at::Tensor decode_masks(const Tokens& tokens) const;
};

// A picture [B, 4g, 4g] in the order of MaskDecoder::upscale_in_cells, [B, 16g²], and back.
at::Tensor cells_of(const at::Tensor& picture);
at::Tensor picture_of(const at::Tensor& cells);

// ---- All together ----

struct Sam {
    ModelInfo info;
    Precision precision = Precision::fp32;  // of the image encoder
    std::map<std::string, at::Tensor>
        tensors;  // by the checkpoint's keys; the parts below hold the same tensors
    std::variant<VitEncoder, TinyVitEncoder> image_encoder;
    PromptEncoder prompt_encoder;
    MaskDecoder mask_decoder;
    at::Tensor image_positions;  // [1, C, g, g]

    // The same parts made for speed on a CPU, with the weights as they were when these were made.
    // SamPredictor takes them where they are there. Null until use_fast_paths().
    std::shared_ptr<const cpu::ImageEncoder> fast_encoder;
    std::shared_ptr<const cpu::MaskDecoder> fast_decoder;

    // Values 0…255 [B, N, h, w], h and w up to S → normalised and zero-padded to [B, N, S, S].
    at::Tensor preprocess(const at::Tensor& picture) const;
    at::Tensor encode_image(const at::Tensor& preprocessed) const;  // [B, N, S, S] → [B, C, g, g]
    at::Device device() const { return image_positions.device(); }
};

// A model of these sizes with these tensors, all of them on one device. Throws Error where one is missing or
// misshapen.
Sam build_sam(const ModelInfo& info, std::map<std::string, at::Tensor> tensors);

// load_sam without the fast parts, for a model whose weights are to change; all of them fp32 but the
// encoder's, which may have another precision on a GPU.
Sam load_weights(const CheckpointFile& file, const std::string& device, int image_size,
                 Precision precision = Precision::fp32);

// The model with its tensors on another device.
Sam moved_to(Sam model, const std::string& device);

// Preprocessed picture [1, N, S, S] → embedding [1, C, g, g], through the fast encoder where there is one;
// the numbers do not depend on parallel_for. Several pictures at once where there is none.
at::Tensor embed(const Sam& model, const at::Tensor& picture, const ParallelFor& parallel_for);

// Makes the fast parts of a model whose weights will not change. Does nothing for a model on another device.
void use_fast_paths(Sam& model);

}  // namespace landseam::sam
