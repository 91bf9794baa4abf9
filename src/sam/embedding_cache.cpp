#include "landseam/sam/embedding_cache.h"

#include "landseam/core/error.h"
#include "landseam/sam/modules.h"
#include "landseam/sam/predictor.h"

#include "sam/embedding_file.h"
#include "sam/hash.h"
#include "sam/whole_file.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

namespace landseam::sam {
namespace {

std::string hexadecimal(const Fingerprint& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

EmbeddingHeader header_of(const Fingerprint& key, const ModelInfo& info) {
    return {key, static_cast<std::uint32_t>(info.transformer_dim), static_cast<std::uint32_t>(info.grid)};
}

// In one layout and on the model's device, whoever made the embedding: the decoder then does the same.
void set_rounded(SamPredictor& predictor, const std::vector<std::uint16_t>& values, PictureSize picture) {
    const std::int64_t dim = predictor.model().info.transformer_dim, grid = predictor.model().info.grid;
    const at::Tensor half = at::empty({1, dim, grid, grid}, at::TensorOptions().dtype(at::kHalf));
    std::memcpy(half.data_ptr(), values.data(), values.size() * sizeof values[0]);
    predictor.set_image_embedding(half.to(at::kFloat), picture);
}

// Bits of fp16; empty where a value has no place there.
std::vector<std::uint16_t> rounded(const at::Tensor& embedding) {
    const at::Tensor half = embedding.to(at::kCPU, at::kHalf).contiguous();
    std::vector<std::uint16_t> values(static_cast<std::size_t>(half.numel()));
    std::memcpy(values.data(), half.data_ptr(), values.size() * sizeof values[0]);
    constexpr std::uint16_t exponent = 0x7c00;  // all ones: infinite or not a number
    for (const std::uint16_t value : values)
        if ((value & exponent) == exponent) return {};
    return values;
}

}  // namespace

Fingerprint fingerprint(const Sam& model) {
    const ModelInfo& info = model.info;
    Hash hash;
    hash.add(info.encoder).add(info.image_size).add(info.patch_size).add(info.grid).add(info.patch_embed_dim);
    for (const ModelInfo::Stage& stage : info.stages)
        hash.add(stage.dim).add(stage.depth).add(stage.heads).add(stage.window).add(stage.mlp_dim);
    for (const int block : info.global_blocks) hash.add(block);
    for (const auto* statistics : {&info.pixel_mean, &info.pixel_std})
        hash.add(statistics->data(), statistics->size() * sizeof(float));
    hash.add(model.device().is_cuda()).add(static_cast<int>(model.precision));
    for (const auto& [name, tensor] : model.tensors) {
        const at::Tensor values = tensor.to(at::kCPU).contiguous();
        hash.add(name).add(values.dim());
        for (const std::int64_t size : values.sizes()) hash.add(size);
        hash.add(values.data_ptr(), values.nbytes());
    }
    return hash.digest();
}

EmbeddingCache::EmbeddingCache(std::string folder, const Fingerprint& model,
                               std::function<void(const std::string&)> warn)
    : folder_(std::move(folder)), model_(model), warn_(std::move(warn)) {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (!std::filesystem::is_directory(folder_, failure))
        throw Error(folder_, "is not a folder and cannot be made one", "give a folder to keep embeddings in");
    if (!can_write_into(folder_))
        throw Error(folder_, "no file can be written into this folder",
                    "check its permissions and the room on the disk, or give another folder");
}

Fingerprint EmbeddingCache::key(const ImageU8& rgb) const {
    return Hash()
        .add(embedding_format)
        .add(model_.data(), model_.size())
        .add(rgb.width)
        .add(rgb.height)
        .add(rgb.channels)
        .add(rgb.values.data(), rgb.values.size())
        .digest();
}

std::string EmbeddingCache::path(const Fingerprint& key) const {
    return folder_ + "/" + hexadecimal(key) + ".embedding";
}

bool EmbeddingCache::load(SamPredictor& predictor, const ImageU8& rgb) const {
    const Fingerprint own = key(rgb);
    const auto values = read_embedding(path(own), header_of(own, predictor.model().info));
    if (values.empty()) return false;
    set_rounded(predictor, values, {rgb.width, rgb.height});
    return true;
}

void EmbeddingCache::store(SamPredictor& predictor, const ImageU8& rgb) {
    const std::vector<std::uint16_t> values = rounded(predictor.image_embedding());
    if (values.empty()) return;
    set_rounded(predictor, values, predictor.picture_size());
    const Fingerprint own = key(rgb);
    if (write_embedding(path(own), header_of(own, predictor.model().info), values)) return;
    if (!warned_.exchange(true) && warn_)
        warn_("'" + folder_ + "': an embedding cannot be stored (disk full, or no longer writable); " +
              "the next run will have to make it again");
}

void EmbeddingCache::set_image(SamPredictor& predictor, const ImageU8& rgb,
                               const std::function<void()>& encode) {
    if (load(predictor, rgb)) {
        ++hits_;
        return;
    }
    if (encode)
        encode();
    else
        predictor.set_image(rgb);
    ++misses_;
    store(predictor, rgb);
}

}  // namespace landseam::sam
