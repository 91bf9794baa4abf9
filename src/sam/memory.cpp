#include "landseam/sam/memory.h"

#include "sam/cpu/mask_decoder.h"

#include <algorithm>

namespace landseam::sam {

namespace {

// All values are fp32.
constexpr std::int64_t kValue = sizeof(float);

// Token arrays [tokens × dim] that an attention block holds at its widest moment, and what the heap keeps of
// those before: its input and the normalised input, both as a picture and in windows; queries, keys and
// values as they come, and once more by heads; scores and their softmax in row blocks; the terms for
// positions. Measured with ViT-B: 25.
constexpr std::int64_t kBlockArrays = 26;

// The picture as it came, resized, as fp32, and normalised and padded.
std::int64_t input_memory(const ModelInfo& info) {
    return std::int64_t{3} * info.image_size * info.image_size * (2 + 2 * kValue);
}

// Of blocks with attention on side × side tokens, which windows pad to whole ones.
std::int64_t attention_memory(std::int64_t side, const ModelInfo::Stage& stage) {
    const std::int64_t window = std::max(stage.window, 1);
    const std::int64_t padded = (side + window - 1) / window * window;
    return padded * padded * stage.dim * kBlockArrays * kValue;
}

// Of convolutions on side × side pixels: their input and four times the hidden layer, before and after each
// activation; and what the heap of each thread keeps besides. Measured with MobileSAM: 4 to 5 times in all.
std::int64_t convolution_memory(std::int64_t side, const ModelInfo::Stage& stage) {
    return side * side * (5 * std::int64_t{stage.mlp_dim} + stage.dim) * kValue;
}

std::int64_t encoder_memory(const ModelInfo& info) {
    if (info.encoder == "vit") return attention_memory(info.grid, info.stages.front());
    // TinyViT works at a quarter of the picture's side, an eighth, and twice a sixteenth.
    std::int64_t most = 0;
    for (std::size_t s = 0; s < info.stages.size(); ++s) {
        const std::int64_t side = info.image_size / std::min<std::int64_t>(16, std::int64_t{4} << s);
        const bool convolutions = info.stages[s].heads == 0;
        most = std::max(most, convolutions ? convolution_memory(side, info.stages[s])
                                           : attention_memory(side, info.stages[s]));
    }
    return most;
}

}  // namespace

WorkingMemory working_memory(const ModelInfo& info, int points_per_batch) {
    const std::int64_t pixels = std::int64_t{info.grid} * info.grid;
    const std::int64_t embedding = pixels * info.transformer_dim * kValue;
    const std::int64_t low_res_mask = std::int64_t{info.low_res_size()} * info.low_res_size() * kValue;
    const std::int64_t prompts = std::min(points_per_batch, cpu::MaskDecoder::kPromptsAtOnce);
    WorkingMemory memory;
    memory.encoder = input_memory(info) + encoder_memory(info);
    // The embedding twice, as it came and in the decoder's layout; and the first layer's queries, keys and
    // values.
    memory.picture = 2 * embedding + 3 * pixels * info.decoder_cross_dim * kValue;
    // Each prompt changes a picture of its own, and all its masks may be wanted.
    memory.decoder = prompts * (embedding + info.mask_tokens * low_res_mask);
    return memory;
}

}  // namespace landseam::sam
