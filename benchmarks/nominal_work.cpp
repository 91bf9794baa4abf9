#include "nominal_work.h"

namespace landseam::benchmarks {
namespace {

using Stage = sam::ModelInfo::Stage;

constexpr double per_multiplication = 2;  // with its addition

double squared(double x) {
    return x * x;
}

// Pairs of query and key in all windows of a grid × grid picture; window 0: one window holds everything.
double attention_pairs(int grid, int window) {
    if (window == 0) return squared(squared(grid));
    const int windows = (grid + window - 1) / window;
    return squared(windows) * squared(squared(window));
}

double neck(const sam::ModelInfo& info, int dim) {
    const double channels = info.transformer_dim;
    return squared(info.grid) * (dim * channels + 9 * channels * channels);
}

double vit(const sam::ModelInfo& info) {
    const Stage& stage = info.stages.front();
    const double tokens = squared(info.grid), dim = stage.dim;
    const int blocks = stage.depth, global_blocks = static_cast<int>(info.global_blocks.size());
    const double pairs = global_blocks * attention_pairs(info.grid, 0) +
                         (blocks - global_blocks) * attention_pairs(info.grid, stage.window);
    const double relative_positions =
        2 * tokens * dim * (global_blocks * info.grid + (blocks - global_blocks) * stage.window);
    return tokens * 3 * squared(info.patch_size) * dim +
           blocks * tokens * (4 * dim * dim + 2 * dim * stage.mlp_dim) + 2 * pairs * dim +
           relative_positions + neck(info, stage.dim);
}

// A block of TinyViT's first stage, which has convolutions only.
double convolution_block(double pixels, const Stage& stage) {
    const double dim = stage.dim, wide = stage.mlp_dim;
    return pixels * (2 * dim * wide + 9 * wide);
}

double attention_block(int grid, const Stage& stage) {
    const double pixels = squared(grid), dim = stage.dim;
    return pixels * (4 * dim * dim + 2 * dim * stage.mlp_dim + 9 * dim) +
           2 * attention_pairs(grid, stage.window) * dim;
}

double tiny_vit(const sam::ModelInfo& info) {
    const double first = info.patch_embed_dim;
    int grid = info.image_size / 4;
    double sum = squared(info.image_size / 2) * 9 * 3 * first +
                 squared(grid) * 9 * first * info.stages[0].dim +
                 info.stages[0].depth * convolution_block(squared(grid), info.stages[0]);
    for (std::size_t i = 1; i < info.stages.size(); ++i) {
        const Stage& stage = info.stages[i];
        const double before = squared(grid), dim = stage.dim;
        if (grid > info.grid) grid /= 2;  // later stages keep the size
        sum += before * info.stages[i - 1].dim * dim + squared(grid) * (9 * dim + dim * dim) +
               stage.depth * attention_block(grid, stage);
    }
    return sum + neck(info, info.stages.back().dim);
}

}  // namespace

double encoder_flop(const sam::ModelInfo& info) {
    return per_multiplication * (info.encoder == "vit" ? vit(info) : tiny_vit(info));
}

double decoder_flop_per_prompt(const sam::ModelInfo& info) {
    const double pixels = squared(info.grid), dim = info.transformer_dim, cross = info.decoder_cross_dim;
    const double tokens = 1 + info.mask_tokens + 2;  // the point and the padding point
    const double one_cross_attention = 2 * (pixels + tokens) * dim * cross + 2 * pixels * tokens * cross;
    const double layer = tokens * (4 * dim * dim + 2 * dim * info.decoder_mlp_dim) +
                         2 * tokens * tokens * dim + 2 * one_cross_attention;
    // Two transposed convolutions of 2 × 2 that double each side, to a quarter and an eighth of the channels.
    const double upscaling = pixels * 4 * dim * (dim / 4) + 4 * pixels * 4 * (dim / 4) * (dim / 8);
    const double masks = info.mask_tokens * (16 * pixels * dim / 8 + 2 * dim * dim + dim * dim / 8);
    return per_multiplication * (info.decoder_depth * layer + one_cross_attention + upscaling + masks);
}

}  // namespace landseam::benchmarks
