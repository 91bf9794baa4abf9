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
    return std::int64_t{info.bands} * info.image_size * info.image_size * (2 + 5 * kValue);
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
    std::int64_t values = pixels * info.bands + pixels / 4 * info.patch_embed_dim;
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

// What all prompts of a picture have in common: the embedding, once as it came and once through the first
// upscaling, and the projections of what each layer makes of it.
std::int64_t decoder_picture(const ModelInfo& info) {
    const std::int64_t width = info.decoder_cross_dim;
    std::int64_t rows = 2 * info.transformer_dim + 2 * width;
    for (int layer = 0; layer < info.decoder_depth; ++layer) rows += 3 * width + 1 + (layer + 1) * (width + 1);
    return rows * info.grid * info.grid * kValue;
}

// Each prompt's attention of pixels to tokens by the heads of all layers, and the tokens' side of it; and all
// its masks, which may be wanted.
std::int64_t decoder_prompt(const ModelInfo& info) {
    const std::int64_t tokens = 1 + info.mask_tokens + 2;  // the point and the padding point
    const std::int64_t images = tokens * info.decoder_heads, terms = images * info.decoder_depth;
    const std::int64_t picture = (terms + 1) * info.grid * info.grid + terms * info.transformer_dim;
    const std::int64_t products = images * 3 * (info.transformer_dim + terms) + terms * terms;
    const std::int64_t masks = std::int64_t{info.mask_tokens} * info.low_res_size() * info.low_res_size();
    return (picture + products + masks) * kValue;
}

}  // namespace

// Encoder and decoder each keep their buffers for the next picture, so what they hold adds up.
WorkingMemory working_memory(const ModelInfo& info, int points_per_batch) {
    const std::int64_t prompts = std::min(points_per_batch, cpu::MaskDecoder::kPromptsAtOnce);
    WorkingMemory memory;
    memory.picture = input_memory(info) + (info.encoder == "vit" ? vit_memory(info) : tiny_vit_memory(info));
    memory.picture += decoder_picture(info);
    memory.thread = encoder_piece(info) + prompts * decoder_prompt(info);
    return memory;
}

}  // namespace landseam::sam
