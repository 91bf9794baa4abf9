#include "sam/training/new_model.h"

#include "landseam/core/error.h"

#include "sam/architecture.h"
#include "sam/training/dice.h"

#include <cmath>
#include <map>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

namespace landseam::sam {

void NewModel::validate() const {
    const auto require = [](bool good, const std::string& option, int value, const std::string& rule) {
        if (!good) throw Error(option, std::to_string(value) + " does not fit", rule, ErrorKind::usage);
    };
    require(patch_size >= 2 && patch_size <= 64, "--patch-size", patch_size, "choose 2 to 64");
    require(image_size >= 4 * patch_size && image_size <= 4096 && image_size % patch_size == 0,
            "--image-size", image_size,
            "choose a multiple of the patch size, at least 4 of them and at most 4096 pixels");
    require(depth >= 1 && depth <= 64, "--depth", depth, "choose 1 to 64");
    require(heads >= 1 && dim % heads == 0, "--heads", heads, "choose a divisor of --dim");
    require(dim >= 8 && dim <= 2048, "--dim", dim, "choose 8 to 2048");
    // As wide as the picture, a window could not be told from a global block.
    require(window >= 2 && window < image_size / patch_size, "--window", window,
            "choose at least 2 tokens and fewer than the picture has along a side");
    require(transformer_dim >= 32 && transformer_dim <= 1024 && transformer_dim % 32 == 0, "--decoder-dim",
            transformer_dim, "choose a multiple of 32 up to 1024");
    require(decoder_mlp_dim >= 8 && decoder_mlp_dim <= 8192, "--decoder-mlp-dim", decoder_mlp_dim,
            "choose 8 to 8192");
    require(bands >= 1 && bands <= most_bands, "the samples' bands", bands,
            "pack 1 to " + std::to_string(most_bands));
}

namespace training {

namespace {

ModelInfo describe(const NewModel& sizes) {
    ModelInfo info;
    info.encoder = "vit";
    info.image_size = sizes.image_size;
    info.bands = sizes.bands;
    info.patch_size = sizes.patch_size;
    info.grid = sizes.image_size / sizes.patch_size;
    info.stages = {{sizes.dim, sizes.depth, sizes.heads, sizes.window, 4 * sizes.dim}};
    for (int block = 0; block < sizes.depth; ++block)
        if (block % 3 == 2 || block + 1 == sizes.depth) info.global_blocks.push_back(block);
    info.transformer_dim = sizes.transformer_dim;
    info.mask_channels = 16;
    info.decoder_depth = 2;
    info.decoder_mlp_dim = sizes.decoder_mlp_dim;
    info.decoder_cross_dim = sizes.transformer_dim / 2;
    info.mask_tokens = 4;
    info.iou_head_dim = sizes.transformer_dim;
    info.iou_head_depth = 3;
    return info;
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Inputs that one output is made of.
double fan_in(const std::vector<std::int64_t>& shape) {
    double count = 1;
    for (std::size_t axis = 1; axis < shape.size(); ++axis) count *= static_cast<double>(shape[axis]);
    return count;
}

class Drawer {
public:
    Drawer(const std::vector<ExpectedTensor>& tensors, std::uint64_t seed) : dice_(seed) {
        for (const ExpectedTensor& tensor : tensors) shapes_[tensor.name] = tensor.shape;
    }

    at::Tensor draw(const std::string& name, const std::vector<std::int64_t>& shape) {
        if (ends_with(name, "gaussian_matrix")) return normal(shape, 1);
        if (ends_with(name, "pos_embed")) return normal(shape, 0.02);
        if (name.find(".rel_pos_") != std::string::npos) return even(shape, 0);
        if (name.find("embed") != std::string::npos && name.find("patch_embed") == std::string::npos)
            return normal(shape, 1);  // of prompts
        if (ends_with(name, "_token.weight") || ends_with(name, "_tokens.weight")) return normal(shape, 1);
        if (ends_with(name, ".weight"))
            return shape.size() == 1 ? even(shape, 0) + 1 : even(shape, 1 / std::sqrt(fan_in(shape)));
        const std::vector<std::int64_t>& of = shapes_.at(name.substr(0, name.size() - 4) + "weight");
        return even(shape, of.size() == 1 ? 0 : 1 / std::sqrt(fan_in(of)));
    }

private:
    template <class Draw>
    at::Tensor fill(const std::vector<std::int64_t>& shape, const Draw& draw) {
        at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(at::kFloat));
        float* values = tensor.data_ptr<float>();
        for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(draw());
        return tensor;
    }
    at::Tensor normal(const std::vector<std::int64_t>& shape, double deviation) {
        return fill(shape, [&] { return deviation * dice_.normal(); });
    }
    at::Tensor even(const std::vector<std::int64_t>& shape, double limit) {
        return fill(shape, [&] { return dice_.between(-limit, limit); });
    }

    Dice dice_;
    std::map<std::string, std::vector<std::int64_t>> shapes_;
};

}  // namespace

Sam make_new_model(const NewModel& sizes, std::uint64_t seed) {
    sizes.validate();
    ModelInfo info = describe(sizes);
    const std::vector<ExpectedTensor> expected = expected_tensors(info);
    Drawer drawer(expected, seed);
    std::map<std::string, at::Tensor> tensors;
    for (const ExpectedTensor& tensor : expected) {
        tensors[tensor.name] = drawer.draw(tensor.name, tensor.shape);
        info.parameters += tensors[tensor.name].numel();
    }
    return build_sam(info, std::move(tensors));
}

}  // namespace training
}  // namespace landseam::sam
