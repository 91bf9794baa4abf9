#include "landseam/core/error.h"
#include "landseam/sam/modules.h"

#include "sam/architecture.h"
#include "sam/ops.h"

#include <algorithm>

namespace landseam::sam {

namespace {

// Hands out tensors by key, and the layers made of several.
class Weights {
public:
    explicit Weights(const std::map<std::string, at::Tensor>& tensors) : tensors_(tensors) {}

    at::Tensor operator()(const std::string& key) const { return tensors_.at(key); }
    Linear linear(const std::string& name) const {
        return {tensors_.at(name + ".weight"), tensors_.at(name + ".bias")};
    }
    LayerNorm norm(const std::string& name, double eps = 1e-5) const {
        return {tensors_.at(name + ".weight"), tensors_.at(name + ".bias"), eps};
    }
    LayerNorm2d norm2d(const std::string& name) const {
        return {tensors_.at(name + ".weight"), tensors_.at(name + ".bias")};
    }
    ConvBn conv_bn(const std::string& name, int stride = 1) const {
        ConvBn layer{tensors_.at(name + ".c.weight"), tensors_.at(name + ".bn.weight"),
                     tensors_.at(name + ".bn.bias"), tensors_.at(name + ".bn.running_mean"),
                     tensors_.at(name + ".bn.running_var")};
        layer.stride = stride;
        layer.padding = static_cast<int>(layer.weight.size(2) / 2);
        return layer;
    }
    // 3×3, each channel on its own.
    ConvBn depthwise(const std::string& name, int stride = 1) const {
        ConvBn layer = conv_bn(name, stride);
        layer.groups = static_cast<int>(layer.weight.size(0));
        return layer;
    }
    Mlp mlp(const std::string& name, int depth) const {
        Mlp result;
        for (int i = 0; i < depth; ++i)
            result.layers.push_back(linear(name + ".layers." + std::to_string(i)));
        return result;
    }
    Neck neck() const {
        const std::string name = "image_encoder.neck.";
        return {tensors_.at(name + "0.weight"), norm2d(name + "1"), tensors_.at(name + "2.weight"),
                norm2d(name + "3")};
    }

private:
    const std::map<std::string, at::Tensor>& tensors_;
};

VitEncoder vit_encoder(const ModelInfo& info, const Weights& weights) {
    const ModelInfo::Stage& stage = info.stages.front();
    VitEncoder encoder;
    encoder.patch_weight = weights("image_encoder.patch_embed.proj.weight");
    encoder.patch_bias = weights("image_encoder.patch_embed.proj.bias");
    encoder.pos_embed = weights("image_encoder.pos_embed");
    for (int i = 0; i < stage.depth; ++i) {
        const std::string name = "image_encoder.blocks." + std::to_string(i);
        const bool global =
            std::find(info.global_blocks.begin(), info.global_blocks.end(), i) != info.global_blocks.end();
        VitBlock block;
        block.norm1 = weights.norm(name + ".norm1", 1e-6);
        block.attn = {weights.linear(name + ".attn.qkv"), weights.linear(name + ".attn.proj"),
                      weights(name + ".attn.rel_pos_h"), weights(name + ".attn.rel_pos_w"), stage.heads};
        block.norm2 = weights.norm(name + ".norm2", 1e-6);
        block.lin1 = weights.linear(name + ".mlp.lin1");
        block.lin2 = weights.linear(name + ".mlp.lin2");
        block.window = global ? 0 : stage.window;
        encoder.blocks.push_back(block);
    }
    encoder.neck = weights.neck();
    return encoder;
}

TinyVitBlock tiny_vit_block(const ModelInfo::Stage& stage, const Weights& weights, const std::string& name) {
    TinyVitBlock block;
    block.attn = {weights.norm(name + ".attn.norm"),
                  weights.linear(name + ".attn.qkv"),
                  weights.linear(name + ".attn.proj"),
                  weights(name + ".attn.attention_biases"),
                  stage.heads,
                  stage.window};
    block.local_conv = weights.depthwise(name + ".local_conv");
    block.mlp_norm = weights.norm(name + ".mlp.norm");
    block.fc1 = weights.linear(name + ".mlp.fc1");
    block.fc2 = weights.linear(name + ".mlp.fc2");
    return block;
}

TinyVitEncoder tiny_vit_encoder(const ModelInfo& info, const Weights& weights) {
    const std::string root = "image_encoder.";
    TinyVitEncoder encoder;
    encoder.patch1 = weights.conv_bn(root + "patch_embed.seq.0", 2);
    encoder.patch2 = weights.conv_bn(root + "patch_embed.seq.2", 2);
    for (std::size_t s = 0; s < info.stages.size(); ++s) {
        const ModelInfo::Stage& stage = info.stages[s];
        const std::string layer = root + "layers." + std::to_string(s);
        if (s > 0) encoder.stages.emplace_back();
        for (int i = 0; i < stage.depth; ++i) {
            const std::string block = layer + ".blocks." + std::to_string(i);
            if (s == 0)
                encoder.conv_blocks.push_back({weights.conv_bn(block + ".conv1"),
                                               weights.depthwise(block + ".conv2"),
                                               weights.conv_bn(block + ".conv3")});
            else
                encoder.stages.back().push_back(tiny_vit_block(stage, weights, block));
        }
        if (s + 1 < info.stages.size())
            encoder.merges.push_back(
                {weights.conv_bn(layer + ".downsample.conv1"),
                 weights.depthwise(layer + ".downsample.conv2", merge_stride(info.stages[s + 1].dim)),
                 weights.conv_bn(layer + ".downsample.conv3")});
    }
    encoder.neck = weights.neck();
    return encoder;
}

PromptEncoder prompt_encoder(const ModelInfo& info, const Weights& weights) {
    const std::string root = "prompt_encoder.";
    PromptEncoder encoder;
    encoder.gaussian = weights(root + "pe_layer.positional_encoding_gaussian_matrix");
    for (int i = 0; i < 4; ++i)
        encoder.point_embeddings[i] = weights(root + "point_embeddings." + std::to_string(i) + ".weight");
    encoder.not_a_point_embed = weights(root + "not_a_point_embed.weight");
    encoder.no_mask_embed = weights(root + "no_mask_embed.weight");
    encoder.mask_conv1 = weights(root + "mask_downscaling.0.weight");
    encoder.mask_bias1 = weights(root + "mask_downscaling.0.bias");
    encoder.mask_norm1 = weights.norm2d(root + "mask_downscaling.1");
    encoder.mask_conv2 = weights(root + "mask_downscaling.3.weight");
    encoder.mask_bias2 = weights(root + "mask_downscaling.3.bias");
    encoder.mask_norm2 = weights.norm2d(root + "mask_downscaling.4");
    encoder.mask_conv3 = weights(root + "mask_downscaling.6.weight");
    encoder.mask_bias3 = weights(root + "mask_downscaling.6.bias");
    encoder.image_size = info.image_size;
    encoder.grid = info.grid;
    return encoder;
}

DecoderAttention decoder_attention(const ModelInfo& info, const Weights& weights, const std::string& name) {
    return {weights.linear(name + ".q_proj"), weights.linear(name + ".k_proj"),
            weights.linear(name + ".v_proj"), weights.linear(name + ".out_proj"), info.decoder_heads};
}

MaskDecoder mask_decoder(const ModelInfo& info, const Weights& weights) {
    const std::string root = "mask_decoder.", transformer = root + "transformer.";
    MaskDecoder decoder;
    for (int i = 0; i < info.decoder_depth; ++i) {
        const std::string layer = transformer + "layers." + std::to_string(i);
        TwoWayBlock block;
        block.self_attn = decoder_attention(info, weights, layer + ".self_attn");
        block.cross_attn_token_to_image =
            decoder_attention(info, weights, layer + ".cross_attn_token_to_image");
        block.cross_attn_image_to_token =
            decoder_attention(info, weights, layer + ".cross_attn_image_to_token");
        block.norm1 = weights.norm(layer + ".norm1");
        block.norm2 = weights.norm(layer + ".norm2");
        block.norm3 = weights.norm(layer + ".norm3");
        block.norm4 = weights.norm(layer + ".norm4");
        block.mlp.layers = {weights.linear(layer + ".mlp.lin1"), weights.linear(layer + ".mlp.lin2")};
        block.first = i == 0;
        decoder.layers.push_back(block);
    }
    decoder.final_attn_token_to_image =
        decoder_attention(info, weights, transformer + "final_attn_token_to_image");
    decoder.norm_final_attn = weights.norm(transformer + "norm_final_attn");
    decoder.iou_token = weights(root + "iou_token.weight");
    decoder.mask_tokens = weights(root + "mask_tokens.weight");
    decoder.up_conv1 = weights(root + "output_upscaling.0.weight");
    decoder.up_bias1 = weights(root + "output_upscaling.0.bias");
    decoder.up_norm = weights.norm2d(root + "output_upscaling.1");
    decoder.up_conv2 = weights(root + "output_upscaling.3.weight");
    decoder.up_bias2 = weights(root + "output_upscaling.3.bias");
    for (int i = 0; i < info.mask_tokens; ++i)
        decoder.output_hypernetworks_mlps.push_back(
            weights.mlp(root + "output_hypernetworks_mlps." + std::to_string(i), 3));
    decoder.iou_prediction_head = weights.mlp(root + "iou_prediction_head", info.iou_head_depth);
    return decoder;
}

}  // namespace

Sam build_sam(const ModelInfo& info, std::map<std::string, at::Tensor> tensors) {
    for (const ExpectedTensor& expected : expected_tensors(info)) {
        const auto found = tensors.find(expected.name);
        if (expected.counter) continue;
        if (found == tensors.end()) throw Error(expected.name, "the model lacks this tensor");
        if (found->second.sizes() != at::IntArrayRef(expected.shape))
            throw Error(expected.name, "it has the shape " + shape_text(found->second.sizes().vec()) +
                                           " where " + shape_text(expected.shape) + " was expected");
    }
    Sam model;
    model.info = info;
    model.tensors = std::move(tensors);
    const Weights weights(model.tensors);
    if (info.encoder == "vit")
        model.image_encoder = vit_encoder(info, weights);
    else
        model.image_encoder = tiny_vit_encoder(info, weights);
    model.prompt_encoder = prompt_encoder(info, weights);
    model.mask_decoder = mask_decoder(info, weights);
    model.image_positions = model.prompt_encoder.image_positions();
    return model;
}

at::Tensor Sam::preprocess(const at::Tensor& picture) const {
    const auto per_band = [&](const std::vector<float>& values) {
        return at::tensor(values).view({1, info.bands, 1, 1}).to(picture.device());
    };
    return at::constant_pad_nd((picture - per_band(info.pixel_mean)) / per_band(info.pixel_std),
                               {0, info.image_size - picture.size(3), 0, info.image_size - picture.size(2)});
}

at::Tensor Sam::encode_image(const at::Tensor& preprocessed) const {
    const at::ScalarType type =
        std::visit([](const auto& encoder) { return encoder.neck.mix.scalar_type(); }, image_encoder);
    const at::Tensor picture = preprocessed.to(type);
    return std::visit([&](const auto& encoder) { return encoder(picture); }, image_encoder).to(at::kFloat);
}

}  // namespace landseam::sam
