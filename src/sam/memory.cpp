#include "landseam/sam/memory.h"

#include "sam/cpu/mask_decoder.h"

#include <algorithm>

namespace landseam::sam {

namespace {

// All values are fp32.
constexpr std::int64_t kValue = sizeof(float);

// The picture as it came and resized; and as fp32, by channels, twice on its way to be normalised, and
// padded.
std::int64_t input_memory(const ModelInfo& info) {
    return std::int64_t{3} * info.image_size * info.image_size * (2 + 5 * kValue);
}

// The tokens, and where all of them are attended to: queries, keys, values and what was attended.
std::int64_t vit_memory(const ModelInfo& info) {
    return std::int64_t{5} * info.grid * info.grid * info.stages.front().dim * kValue;
}

// The picture by pixels, the half-sized map of the patch embedding, and before and after each block the maps
// of the stages, at a quarter of the picture's side, an eighth, and twice a sixteenth; all kept for the next
// picture.
std::int64_t tiny_vit_memory(const ModelInfo& info) {
    const std::int64_t pixels = std::int64_t{info.image_size} * info.image_size;
    std::int64_t values = pixels * 3 + pixels / 4 * info.patch_embed_dim;
    for (std::size_t s = 0; s < info.stages.size(); ++s) {
        const std::int64_t shrunk = std::min<std::int64_t>(16, std::int64_t{4} << s);
        values += 2 * pixels / (shrunk * shrunk) * info.stages[s].dim;
    }
    return values * kValue;
}

// 256 tokens on their way through a block of the encoder, or a window of them, or three rows of a map of
// TinyViT.
std::int64_t encoder_piece(const ModelInfo& info) {
    std::int64_t most = 0;
    for (const ModelInfo::Stage& stage : info.stages) {
        const std::int64_t tokens = std::max({std::int64_t{256}, std::int64_t{stage.window} * stage.window,
                                              std::int64_t{stage.heads == 0 ? info.image_size : 0}});
        most = std::max(most, tokens * (5 * std::int64_t{stage.dim} + stage.mlp_dim) * kValue);
    }
    return most;
}

}  // namespace

// Encoder and decoder each keep their buffers for the next picture, so what they hold adds up.
WorkingMemory working_memory(const ModelInfo& info, int points_per_batch) {
    const std::int64_t pixels = std::int64_t{info.grid} * info.grid;
    const std::int64_t embedding = pixels * info.transformer_dim * kValue;
    const std::int64_t low_res_mask = std::int64_t{info.low_res_size()} * info.low_res_size() * kValue;
    const std::int64_t prompts = std::min(points_per_batch, cpu::MaskDecoder::kPromptsAtOnce);
    WorkingMemory memory;
    memory.picture = input_memory(info) + (info.encoder == "vit" ? vit_memory(info) : tiny_vit_memory(info));
    // The embedding twice, as it came and in the decoder's layout; and the first layer's queries, keys and
    // values.
    memory.picture += 2 * embedding + 3 * pixels * info.decoder_cross_dim * kValue;
    // Each prompt changes a picture of its own, and all its masks may be wanted.
    memory.thread = encoder_piece(info) + prompts * (embedding + info.mask_tokens * low_res_mask);
    return memory;
}

}  // namespace landseam::sam
