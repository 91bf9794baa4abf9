#include "nominal_work.h"

#include <gtest/gtest.h>

namespace landseam::benchmarks {
namespace {

sam::ModelInfo decoder_of_published_models() {
    sam::ModelInfo info;
    info.image_size = 1024;
    info.patch_size = 16;
    info.grid = 64;
    info.transformer_dim = 256;
    info.decoder_depth = 2;
    info.decoder_mlp_dim = 2048;
    info.decoder_cross_dim = 128;
    info.mask_tokens = 4;
    return info;
}

// Expected are the counts of PyTorch's profiler (with_flops) on the reference, without additions and
// multiplications of single values. Those count the linear layers of tokens that pad attention windows, too.
double linear_layers_of_padding(int blocks, int grid, int padded_grid, double dim) {
    return 2.0 * blocks * (padded_grid * padded_grid - grid * grid) * 4 * dim * dim;
}

TEST(NominalWork, OfViTBIsWhatTheReferenceDoesButForPadding) {
    sam::ModelInfo info = decoder_of_published_models();
    info.encoder = "vit";
    info.stages = {{768, 12, 12, 14, 3072}};
    info.global_blocks = {2, 5, 8, 11};
    const double expected = 972.077e9 - linear_layers_of_padding(8, 64, 70, 768);
    EXPECT_NEAR(encoder_flop(info), expected, 0.001 * expected);
}

TEST(NominalWork, OfMobileSAMIsWhatTheReferenceDoesButForPadding) {
    sam::ModelInfo info = decoder_of_published_models();
    info.encoder = "tiny_vit";
    info.patch_embed_dim = 32;
    info.stages = {{64, 2, 0, 0, 256}, {128, 2, 4, 7, 512}, {160, 6, 5, 14, 640}, {320, 2, 10, 7, 1280}};
    const double expected = 77.537e9 - linear_layers_of_padding(2, 128, 133, 128) -
                            linear_layers_of_padding(6, 64, 70, 160) -
                            linear_layers_of_padding(2, 64, 70, 320);
    EXPECT_NEAR(encoder_flop(info), expected, 0.001 * expected);
}

// The profiler leaves out transposed convolutions: 256 to 64 channels at 64 x 64, 64 to 32 at 128 x 128.
TEST(NominalWork, OfThePublishedDecoderIsWhatTheReferenceDoesForAPrompt) {
    const double transposed = 2.0 * (4096 * 4 * 256 * 64 + 16384 * 4 * 64 * 32);
    const double expected = 2.8178e9 + transposed;
    EXPECT_NEAR(decoder_flop_per_prompt(decoder_of_published_models()), expected, 0.001 * expected);
}

TEST(NominalWork, GrowsWithTheLayersOfTheDecoder) {
    sam::ModelInfo info = decoder_of_published_models();
    const double two = decoder_flop_per_prompt(info);
    info.decoder_depth = 3;
    EXPECT_NEAR(decoder_flop_per_prompt(info) - two, 1.13e9, 0.02e9);  // four projections of 4096 pixels
}

}  // namespace
}  // namespace landseam::benchmarks
