#include "sam/architecture.h"

#include <algorithm>

namespace landseam::sam {

namespace {

// Collects tensors by the kinds of layer they belong to.
class TensorList {
public:
    void add(const std::string& name, std::vector<std::int64_t> shape) {
        list_.push_back({name, std::move(shape)});
    }
    void linear(const std::string& name, int in, int out) {
        add(name + ".weight", {out, in});
        add(name + ".bias", {out});
    }
    void norm(const std::string& name, int dim) {
        add(name + ".weight", {dim});
        add(name + ".bias", {dim});
    }
    void conv(const std::string& name, std::vector<std::int64_t> shape, std::int64_t bias) {
        add(name + ".weight", std::move(shape));
        add(name + ".bias", {bias});
    }
    void conv_bn(const std::string& name, int in_per_group, int out, int side) {
        add(name + ".c.weight", {out, in_per_group, side, side});
        norm(name + ".bn", out);
        add(name + ".bn.running_mean", {out});
        add(name + ".bn.running_var", {out});
        list_.push_back({name + ".bn.num_batches_tracked", {}, true});
    }
    void mlp(const std::string& name, int in, int hidden, int out, int depth) {
        for (int i = 0; i < depth; ++i)
            linear(name + ".layers." + std::to_string(i), i == 0 ? in : hidden,
                   i == depth - 1 ? out : hidden);
    }
    std::vector<ExpectedTensor> take() { return std::move(list_); }

private:
    std::vector<ExpectedTensor> list_;
};

void neck(TensorList& list, const ModelInfo& info) {
    const int dim = info.transformer_dim;
    list.add("image_encoder.neck.0.weight", {dim, info.stages.back().dim, 1, 1});
    list.norm("image_encoder.neck.1", dim);
    list.add("image_encoder.neck.2.weight", {dim, dim, 3, 3});
    list.norm("image_encoder.neck.3", dim);
}

void vit_encoder(TensorList& list, const ModelInfo& info) {
    const ModelInfo::Stage& stage = info.stages.front();
    const int dim = stage.dim;
    list.add("image_encoder.pos_embed", {1, info.grid, info.grid, dim});
    list.conv("image_encoder.patch_embed.proj", {dim, info.bands, info.patch_size, info.patch_size}, dim);
    for (int i = 0; i < stage.depth; ++i) {
        const bool global =
            std::find(info.global_blocks.begin(), info.global_blocks.end(), i) != info.global_blocks.end();
        const int reach = 2 * (global ? info.grid : stage.window) - 1;
        const std::string block = "image_encoder.blocks." + std::to_string(i);
        list.norm(block + ".norm1", dim);
        list.add(block + ".attn.rel_pos_h", {reach, dim / stage.heads});
        list.add(block + ".attn.rel_pos_w", {reach, dim / stage.heads});
        list.linear(block + ".attn.qkv", dim, 3 * dim);
        list.linear(block + ".attn.proj", dim, dim);
        list.norm(block + ".norm2", dim);
        list.linear(block + ".mlp.lin1", dim, stage.mlp_dim);
        list.linear(block + ".mlp.lin2", stage.mlp_dim, dim);
    }
}

void tiny_vit_encoder(TensorList& list, const ModelInfo& info) {
    const std::string encoder = "image_encoder.";
    list.conv_bn(encoder + "patch_embed.seq.0", info.bands, info.patch_embed_dim, 3);
    list.conv_bn(encoder + "patch_embed.seq.2", info.patch_embed_dim, info.stages.front().dim, 3);
    for (std::size_t s = 0; s < info.stages.size(); ++s) {
        const ModelInfo::Stage& stage = info.stages[s];
        const int dim = stage.dim;
        const std::string layer = encoder + "layers." + std::to_string(s);
        for (int i = 0; i < stage.depth; ++i) {
            const std::string block = layer + ".blocks." + std::to_string(i);
            if (s == 0) {
                list.conv_bn(block + ".conv1", dim, stage.mlp_dim, 1);
                list.conv_bn(block + ".conv2", 1, stage.mlp_dim, 3);
                list.conv_bn(block + ".conv3", stage.mlp_dim, dim, 1);
                continue;
            }
            list.add(block + ".attn.attention_biases",
                     {stage.heads, std::int64_t{stage.window} * stage.window});
            list.norm(block + ".attn.norm", dim);
            list.linear(block + ".attn.qkv", dim, 3 * dim);
            list.linear(block + ".attn.proj", dim, dim);
            list.norm(block + ".mlp.norm", dim);
            list.linear(block + ".mlp.fc1", dim, stage.mlp_dim);
            list.linear(block + ".mlp.fc2", stage.mlp_dim, dim);
            list.conv_bn(block + ".local_conv", 1, dim, 3);
        }
        if (s + 1 < info.stages.size()) {
            const int next = info.stages[s + 1].dim;
            list.conv_bn(layer + ".downsample.conv1", dim, next, 1);
            list.conv_bn(layer + ".downsample.conv2", 1, next, 3);
            list.conv_bn(layer + ".downsample.conv3", next, next, 1);
        }
    }
}

void prompt_encoder(TensorList& list, const ModelInfo& info) {
    const int dim = info.transformer_dim, wide = info.mask_channels, narrow = wide / 4;
    const std::string encoder = "prompt_encoder.";
    list.add(encoder + "pe_layer.positional_encoding_gaussian_matrix", {2, dim / 2});
    for (int i = 0; i < 4; ++i)
        list.add(encoder + "point_embeddings." + std::to_string(i) + ".weight", {1, dim});
    list.add(encoder + "not_a_point_embed.weight", {1, dim});
    list.conv(encoder + "mask_downscaling.0", {narrow, 1, 2, 2}, narrow);
    list.norm(encoder + "mask_downscaling.1", narrow);
    list.conv(encoder + "mask_downscaling.3", {wide, narrow, 2, 2}, wide);
    list.norm(encoder + "mask_downscaling.4", wide);
    list.conv(encoder + "mask_downscaling.6", {dim, wide, 1, 1}, dim);
    list.add(encoder + "no_mask_embed.weight", {1, dim});
}

void decoder_attention(TensorList& list, const std::string& name, int dim, int inner) {
    list.linear(name + ".q_proj", dim, inner);
    list.linear(name + ".k_proj", dim, inner);
    list.linear(name + ".v_proj", dim, inner);
    list.linear(name + ".out_proj", inner, dim);
}

void mask_decoder(TensorList& list, const ModelInfo& info) {
    const int dim = info.transformer_dim, cross = info.decoder_cross_dim;
    const std::string transformer = "mask_decoder.transformer.";
    for (int i = 0; i < info.decoder_depth; ++i) {
        const std::string layer = transformer + "layers." + std::to_string(i);
        decoder_attention(list, layer + ".self_attn", dim, dim);
        list.norm(layer + ".norm1", dim);
        decoder_attention(list, layer + ".cross_attn_token_to_image", dim, cross);
        list.norm(layer + ".norm2", dim);
        list.linear(layer + ".mlp.lin1", dim, info.decoder_mlp_dim);
        list.linear(layer + ".mlp.lin2", info.decoder_mlp_dim, dim);
        list.norm(layer + ".norm3", dim);
        list.norm(layer + ".norm4", dim);
        decoder_attention(list, layer + ".cross_attn_image_to_token", dim, cross);
    }
    decoder_attention(list, transformer + "final_attn_token_to_image", dim, cross);
    list.norm(transformer + "norm_final_attn", dim);

    const std::string decoder = "mask_decoder.";
    list.add(decoder + "iou_token.weight", {1, dim});
    list.add(decoder + "mask_tokens.weight", {info.mask_tokens, dim});
    list.conv(decoder + "output_upscaling.0", {dim, dim / 4, 2, 2}, dim / 4);
    list.norm(decoder + "output_upscaling.1", dim / 4);
    list.conv(decoder + "output_upscaling.3", {dim / 4, dim / 8, 2, 2}, dim / 8);
    for (int i = 0; i < info.mask_tokens; ++i)
        list.mlp(decoder + "output_hypernetworks_mlps." + std::to_string(i), dim, dim, dim / 8, 3);
    list.mlp(decoder + "iou_prediction_head", dim, info.iou_head_dim, info.mask_tokens, info.iou_head_depth);
}

}  // namespace

std::vector<ExpectedTensor> expected_tensors(const ModelInfo& info) {
    TensorList list;
    if (info.encoder == "vit")
        vit_encoder(list, info);
    else
        tiny_vit_encoder(list, info);
    neck(list, info);
    prompt_encoder(list, info);
    mask_decoder(list, info);
    return list.take();
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

}  // namespace landseam::sam
