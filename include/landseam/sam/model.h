// What a checkpoint holds, and the model made of it. No libtorch in this header.
//
// Sources: Kirillov et al. 2023 (segment-anything, build_sam.py), Zhang et al. 2023 (MobileSAM,
// tiny_vit_sam.py).
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace landseam::sam {

// The sizes of a Segment Anything model. A ViT encoder has one stage, a TinyViT encoder four.
struct ModelInfo {
    struct Stage {
        int dim = 0;      // channels
        int depth = 0;    // blocks
        int heads = 0;    // attention heads; 0 where the blocks are convolutions
        int window = 0;   // side of the attention windows in tokens; 0 where there are none
        int mlp_dim = 0;  // hidden width of the blocks
    };

    std::string encoder;             // "vit" or "tiny_vit"
    int image_size = 0;              // side of the square picture the encoder takes, in pixels
    int bands = 3;                   // channels of that picture; three are red, green and blue
    int patch_size = 0;              // pixels a token of the image embedding, 16 in every published model
    int grid = 0;                    // side of the image embedding: image_size / patch_size
    std::vector<Stage> stages;       // from the picture towards the embedding
    std::vector<int> global_blocks;  // ViT: the blocks whose attention spans the picture
    int patch_embed_dim = 0;         // TinyViT: channels between the two convolutions of the patch embedding
    int transformer_dim = 0;         // channels of the image embedding, the prompts and the decoder
    int mask_channels = 0;           // prompt encoder: channels of a mask prompt before its last convolution
    int decoder_depth = 0;           // layers of the two-way transformer
    int decoder_heads = 8;           // not written into the weights: 8 in every published model
    int decoder_mlp_dim = 0;
    int decoder_cross_dim = 0;  // inner width of the decoder's cross attention
    int mask_tokens = 0;     // masks the decoder makes: one for unambiguous prompts and, after it, the others
    int iou_head_dim = 0;    // inner width of the head that predicts the IoU of each mask
    int iou_head_depth = 0;  // its layers
    std::int64_t parameters = 0;  // values in all tensors the model uses

    // What the encoder sees of a band is (value − mean) / deviation, values being 0 … 255.
    std::vector<float> pixel_mean{123.675f, 116.28f, 103.53f};
    std::vector<float> pixel_std{58.395f, 57.12f, 57.375f};
    std::vector<std::string> band_names;  // "red", "nir", …: those it was trained on; empty: not known

    int low_res_size() const { return 4 * grid; }  // side of the decoder's masks and of mask prompts

    // One line for people: "ViT-B, 1024 px, 93.7 M parameters", or "…, 1024 px, 10 bands, …".
    std::string summary() const;
};

// Reads the architecture off the tensors' names and shapes; of values, only what is told of bands (below).
// Throws Error, naming the tensor, the shape found and the shape expected, where a tensor is missing, has
// another shape, is not of a floating-point type or does not belong there, and for more than `most_bands` or
// means and deviations that no pixels have. `image_encoder.head.*` and `image_encoder.norm_head.*` (left over
// from TinyViT's pre-training) are accepted and not used.
//
// A ViT's picture size is written in its `pos_embed`. TinyViT's weights are the same for every picture size,
// so it is, in this order: `image_size` where it is not 0, the metadata entry "image_size" (safetensors),
// 1024. For a ViT an `image_size` other than the file's is an Error.
ModelInfo describe_checkpoint(const CheckpointFile& file, int image_size = 0);

// What a model needs to know of bands where they are not red, green and blue as SAM's, in three tensors of
// the checkpoint beside the weights: "pixel_mean" and "pixel_std" [bands, 1, 1], the names of the reference's
// own buffers, and "pixel_bands", u8, the bands' names with commas between (may be missing). A file has the
// first two or neither, and one whose first layer has other than three input channels has them.
constexpr int most_bands = 256;

// A model with its weights, on one device. Immutable once loaded; see modules.h for its parts.
struct Sam;

// What the image encoder computes with. The decoder always computes with fp32.
enum class Precision {
    fp32,
    bf16,  // approximate: weights and activations of matrix products with 8 bits, sums in fp32
    fp16,  // approximate, on a GPU only: with 11 bits
};

// Throws Error (usage) for a name that is none of "fp32", "bf16" and "fp16".
Precision precision_named(const std::string& name);

// Reads the weights and places them on `device` ("cpu", "cuda" or "cuda:N"). Throws Error as
// describe_checkpoint does, and where the device is not there or does not compute with this precision.
std::shared_ptr<const Sam> load_sam(const CheckpointFile& file, const std::string& device = "cpu",
                                    int image_size = 0, Precision precision = Precision::fp32);

const ModelInfo& model_info(const Sam& model);

// Tells libtorch, and OpenBLAS where it is the one in use, to compute on the calling thread only, so that a
// pool of threads each working on its own tile does not start more threads than there are cores. Call it
// once, before any model is used.
void use_one_thread_per_call();

// What `landseam info` tells: "libtorch 1.13.1", and the devices that load_sam takes here ("cpu, cuda:0").
std::string libtorch_version();
std::string device_names();

}  // namespace landseam::sam
