#include "landseam/sam/memory.h"

#include <algorithm>

namespace landseam::sam {

namespace {

// All values are fp32.
constexpr std::int64_t value = sizeof(float);

// The picture as it came, resized and as fp32, normalised and padded.
std::int64_t input_memory(const ModelInfo& info) {
    return std::int64_t{3} * info.image_size * info.image_size * (2 + 2 * value);
}

// A block's widest moment: its input, the normalised input, queries, keys, values and what they attend to; or input,
// normalised input and output around the hidden layer.
std::int64_t block_memory(std::int64_t tokens, const ModelInfo::Stage& stage) {
    return tokens * std::max(6 * std::int64_t{stage.dim}, 3 * std::int64_t{stage.dim} + stage.mlp_dim) * value;
}

std::int64_t vit_memory(const ModelInfo& info) {
    return block_memory(std::int64_t{info.grid} * info.grid, info.stages.front());
}

// Stages work at a quarter of the picture's side, an eighth, and twice a sixteenth. Those of convolutions hold
// the hidden layer twice.
std::int64_t tiny_vit_memory(const ModelInfo& info) {
    const std::int64_t side = info.image_size;
    std::int64_t most = (side / 2) * (side / 2) * info.patch_embed_dim * 2 * value;
    for (std::size_t s = 0; s < info.stages.size(); ++s) {
        const std::int64_t reduced = side / std::min<std::int64_t>(16, 4 << s);
        const ModelInfo::Stage& stage = info.stages[s];
        const std::int64_t convolutions = reduced * reduced * (2 * std::int64_t{stage.mlp_dim} + stage.dim) * value;
        most = std::max(most, stage.heads == 0 ? convolutions : block_memory(reduced * reduced, stage));
    }
    return most;
}

}  // namespace

WorkingMemory working_memory(const ModelInfo& info, int prompts_at_once) {
    const std::int64_t pixels = std::int64_t{info.grid} * info.grid, dim = info.transformer_dim;
    const std::int64_t embedding = pixels * dim * value;
    const std::int64_t low_res = std::int64_t{info.low_res_size()} * info.low_res_size();
    WorkingMemory memory;
    memory.encoder = input_memory(info) + (info.encoder == "vit" ? vit_memory(info) : tiny_vit_memory(info));
    memory.picture = 2 * embedding + 3 * pixels * info.decoder_cross_dim * value;
    memory.decoder = prompts_at_once * (embedding + (info.mask_tokens - 1) * low_res * value);
    return memory;
}

}  // namespace landseam::sam
