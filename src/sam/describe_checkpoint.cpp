#include "landseam/core/error.h"
#include "landseam/sam/model.h"

#include "sam/architecture.h"
#include "sam/pixel_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace landseam::sam {

namespace {

const char* const kRemedy =
    "a Segment Anything checkpoint is needed: sam_vit_b, sam_vit_l, sam_vit_h, mobile_sam or one trained "
    "with landseam";
constexpr std::int64_t kLargestSide = 1 << 20;  // of any axis; keeps the arithmetic below within int
constexpr int kLargestDepth = 1000;

// Reads single sizes off the shapes of a file's tensors.
class Shapes {
public:
    explicit Shapes(const CheckpointFile& file) : file_(file) {}

    bool has(const std::string& key) const { return file_.find(key) != nullptr; }

    int size(const std::string& key, std::size_t axis, std::size_t rank) const {
        const TensorEntry* tensor = file_.find(key);
        if (!tensor) throw Error(file_.name(), "it has no tensor '" + key + "'", kRemedy);
        if (tensor->shape.size() != rank)
            fail(key, "has the shape " + shape_text(tensor->shape) + " where one of " + std::to_string(rank) +
                          " axes was expected");
        const std::int64_t size = tensor->shape[axis];
        if (size < 1 || size > kLargestSide)
            fail(key, "has the shape " + shape_text(tensor->shape) + ", which no model has");
        return static_cast<int>(size);
    }

    // How many of stem0suffix, stem1suffix, … there are before the first gap.
    int count(const std::string& stem, const std::string& suffix) const {
        int n = 0;
        while (n < kLargestDepth && has(stem + std::to_string(n) + suffix)) ++n;
        if (n == 0) throw Error(file_.name(), "it has no tensor '" + stem + "0" + suffix + "'", kRemedy);
        return n;
    }

    [[noreturn]] void fail(const std::string& key, const std::string& what) const {
        throw Error(file_.name(), "the tensor '" + key + "' " + what, kRemedy);
    }

private:
    const CheckpointFile& file_;
};

// Off the first layer's weights.
int read_bands(const Shapes& shapes, const std::string& key) {
    const int bands = shapes.size(key, 1, 4);
    if (bands > most_bands)
        shapes.fail(key,
                    "takes " + std::to_string(bands) + " bands, more than " + std::to_string(most_bands));
    return bands;
}

void read_vit(ModelInfo& info, const Shapes& shapes) {
    const std::string encoder = "image_encoder.";
    ModelInfo::Stage stage;
    info.encoder = "vit";
    info.grid = shapes.size(encoder + "pos_embed", 1, 4);
    info.bands = read_bands(shapes, encoder + "patch_embed.proj.weight");
    info.patch_size = shapes.size(encoder + "patch_embed.proj.weight", 2, 4);
    if (std::int64_t{info.grid} * info.patch_size > kLargestSide)
        shapes.fail(encoder + "pos_embed", "makes the model's picture larger than any model takes");
    info.image_size = info.grid * info.patch_size;
    stage.dim = shapes.size(encoder + "pos_embed", 3, 4);
    stage.depth = shapes.count(encoder + "blocks.", ".norm1.weight");
    stage.mlp_dim = shapes.size(encoder + "blocks.0.mlp.lin1.weight", 0, 2);

    const int head_dim = shapes.size(encoder + "blocks.0.attn.rel_pos_h", 1, 2);
    if (stage.dim % head_dim != 0)
        shapes.fail(encoder + "blocks.0.attn.rel_pos_h", "has heads of " + std::to_string(head_dim) +
                                                             " channels, which do not divide the encoder's " +
                                                             std::to_string(stage.dim));
    stage.heads = stage.dim / head_dim;

    for (int i = 0; i < stage.depth; ++i) {
        const std::string key = encoder + "blocks." + std::to_string(i) + ".attn.rel_pos_h";
        const int reach = shapes.size(key, 0, 2);
        if (reach % 2 == 0)
            shapes.fail(key, "has " + std::to_string(reach) +
                                 " rows where an odd number (2 × side − 1) was expected");
        if (reach > 2 * info.grid - 1)
            shapes.fail(key, "has " + std::to_string(reach) + " rows, more than the " +
                                 std::to_string(2 * info.grid - 1) + " that the grid of 'pos_embed' has use for");
        if (reach == 2 * info.grid - 1)
            info.global_blocks.push_back(i);
        else if (stage.window == 0)
            stage.window = (reach + 1) / 2;
    }
    info.stages = {stage};
}

void read_tiny_vit(ModelInfo& info, const Shapes& shapes) {
    const std::string encoder = "image_encoder.";
    info.encoder = "tiny_vit";
    info.bands = read_bands(shapes, encoder + "patch_embed.seq.0.c.weight");
    info.patch_embed_dim = shapes.size(encoder + "patch_embed.seq.0.c.weight", 0, 4);
    info.patch_size = 4;  // two convolutions of stride 2
    const int stages = 1 + shapes.count(encoder + "layers.", ".downsample.conv1.c.weight");
    for (int s = 0; s < stages; ++s) {
        const std::string layer = encoder + "layers." + std::to_string(s);
        const std::string block = layer + ".blocks.0";
        ModelInfo::Stage stage;
        if (s == 0) {
            stage.depth = shapes.count(layer + ".blocks.", ".conv1.c.weight");
            stage.mlp_dim = shapes.size(block + ".conv1.c.weight", 0, 4);
            stage.dim = shapes.size(block + ".conv1.c.weight", 1, 4);
        } else {
            stage.depth = shapes.count(layer + ".blocks.", ".attn.attention_biases");
            stage.dim = shapes.size(block + ".attn.norm.weight", 0, 1);
            stage.heads = shapes.size(block + ".attn.attention_biases", 0, 2);
            const int offsets = shapes.size(block + ".attn.attention_biases", 1, 2);
            stage.window = static_cast<int>(std::lround(std::sqrt(offsets)));
            if (stage.window * stage.window != offsets)
                shapes.fail(block + ".attn.attention_biases",
                            "has " + std::to_string(offsets) + " columns where a square number was expected");
            if (stage.dim % stage.heads != 0)
                shapes.fail(block + ".attn.attention_biases", "has " + std::to_string(stage.heads) +
                                                                  " heads, which do not divide the stage's " +
                                                                  std::to_string(stage.dim) + " channels");
            stage.mlp_dim = shapes.size(block + ".mlp.fc1.weight", 0, 2);
            info.patch_size *= merge_stride(stage.dim);
            if (info.patch_size > 16) break;
        }
        info.stages.push_back(stage);
    }
    if (info.patch_size != 16)
        shapes.fail(encoder + "layers.0.downsample.conv1.c.weight",
                    "begins an encoder that does not shrink the picture 16 times, as Segment Anything's do");
}

int tiny_vit_image_size(const CheckpointFile& file, int requested) {
    int size = requested;
    if (size == 0) {
        const auto entry = file.metadata().find("image_size");
        if (entry == file.metadata().end()) return 1024;
        size = std::atoi(entry->second.c_str());
    }
    if (size < 16 || size > 16384 || size % 16 != 0)
        throw Error(file.name(),
                    "a picture size of " + std::to_string(size) + " pixels does not suit its encoder",
                    "give a multiple of 16 between 16 and 16384", ErrorKind::usage);
    return size;
}

void read_prompt_encoder_and_decoder(ModelInfo& info, const Shapes& shapes) {
    const std::string layer = "mask_decoder.transformer.layers.",
                      head = "mask_decoder.iou_prediction_head.layers.";
    info.transformer_dim = shapes.size("image_encoder.neck.0.weight", 0, 4);
    if (info.transformer_dim % (2 * info.decoder_heads) != 0)
        shapes.fail("image_encoder.neck.0.weight",
                    "has " + std::to_string(info.transformer_dim) +
                        " output channels where a multiple of 16 was expected");
    info.mask_channels = shapes.size("prompt_encoder.mask_downscaling.3.weight", 0, 4);
    info.decoder_depth = shapes.count(layer, ".norm1.weight");
    info.decoder_mlp_dim = shapes.size(layer + "0.mlp.lin1.weight", 0, 2);
    info.decoder_cross_dim = shapes.size(layer + "0.cross_attn_token_to_image.q_proj.weight", 0, 2);
    if (info.decoder_cross_dim % info.decoder_heads != 0)
        shapes.fail(layer + "0.cross_attn_token_to_image.q_proj.weight", "does not divide into 8 heads");
    info.mask_tokens = shapes.size("mask_decoder.mask_tokens.weight", 0, 2);
    if (info.mask_tokens < 2 || info.mask_tokens > kLargestDepth)
        shapes.fail("mask_decoder.mask_tokens.weight",
                    "has " + std::to_string(info.mask_tokens) +
                        " rows where one for a single mask and some for several "
                        "were expected");
    info.iou_head_depth = shapes.count(head, ".weight");
    info.iou_head_dim = shapes.size(head + "0.weight", 0, 2);
}

bool is_unused(const std::string& name) {
    return name.rfind("image_encoder.norm_head.", 0) == 0 || name.rfind("image_encoder.head.", 0) == 0;
}

// Every tensor the model needs is in the file with its shape, and no other. Returns how many values the model
// uses.
std::int64_t check_tensors(const CheckpointFile& file, const ModelInfo& info, const Shapes& shapes) {
    std::set<std::string> known{pixel_mean_key, pixel_std_key, pixel_bands_key};
    std::int64_t values = 0;
    for (const ExpectedTensor& expected : expected_tensors(info)) {
        known.insert(expected.name);
        const TensorEntry* found = file.find(expected.name);
        if (expected.counter) continue;
        if (!found) throw Error(file.name(), "it has no tensor '" + expected.name + "'", kRemedy);
        if (found->shape != expected.shape)
            shapes.fail(expected.name, "has the shape " + shape_text(found->shape) + " where " +
                                           shape_text(expected.shape) + " was expected");
        if (!is_float(found->dtype))
            shapes.fail(expected.name, "holds integers where numbers with a fraction belong");
        std::int64_t count = 1;
        for (const std::int64_t side : found->shape) count *= side;
        values += count;
    }
    for (const TensorEntry& tensor : file.tensors())
        if (known.count(tensor.name) == 0 && !is_unused(tensor.name))
            shapes.fail(tensor.name, "is no part of a Segment Anything model of this kind");
    return values;
}

}  // namespace

ModelInfo describe_checkpoint(const CheckpointFile& file, int image_size) {
    const Shapes shapes(file);
    ModelInfo info;
    if (shapes.has("image_encoder.pos_embed")) {
        read_vit(info, shapes);
        if (image_size != 0 && image_size != info.image_size)
            throw Error(file.name(),
                        "its encoder takes pictures of " + std::to_string(info.image_size) + " pixels, not " +
                            std::to_string(image_size),
                        "leave the picture size out", ErrorKind::usage);
    } else if (shapes.has("image_encoder.patch_embed.seq.0.c.weight")) {
        read_tiny_vit(info, shapes);
        info.image_size = tiny_vit_image_size(file, image_size);
        info.grid = info.image_size / info.patch_size;
    } else {
        throw Error(
            file.name(),
            "it has neither 'image_encoder.pos_embed' (ViT) nor 'image_encoder.patch_embed.seq.0.c.weight' "
            "(TinyViT)",
            kRemedy);
    }
    read_prompt_encoder_and_decoder(info, shapes);
    read_pixel_statistics(file, info);
    info.parameters = check_tensors(file, info, shapes);
    return info;
}

std::string ModelInfo::summary() const {
    std::string name = encoder == "vit" ? "ViT" : "TinyViT";
    const int dim = stages.empty() ? 0 : stages.back().dim;
    if (encoder == "vit") {
        const int depth = stages.empty() ? 0 : stages.front().depth;
        if (dim == 768 && depth == 12)
            name = "ViT-B";
        else if (dim == 1024 && depth == 24)
            name = "ViT-L";
        else if (dim == 1280 && depth == 32)
            name = "ViT-H";
        else
            name += " " + std::to_string(dim) + " × " + std::to_string(depth);
    } else {
        for (std::size_t i = 0; i < stages.size(); ++i)
            name += (i ? "/" : " ") + std::to_string(stages[i].dim);
    }
    name += ", " + std::to_string(image_size) + " px";
    if (bands != 3) name += ", " + std::to_string(bands) + (bands == 1 ? " band" : " bands");
    char size[64];
    std::snprintf(size, sizeof size, ", %.1f M parameters", 1e-6 * static_cast<double>(parameters));
    return name + size;
}

}  // namespace landseam::sam
