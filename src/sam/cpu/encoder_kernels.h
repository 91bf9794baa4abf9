// Inner loops of the image encoders. All matrices are row-major fp32.
#pragma once

#include <cstdint>

namespace landseam::sam::cpu {

struct EncoderKernels {
    // Layer normalisation of each row of x [rows × width] into y, which may be x.
    void (*layer_norm_rows)(const float* x, int rows, int width, const float* weight, const float* bias,
                            float eps, float* y);

    // One tile of a softmax over keys that lie in a grid: s [rows × key_rows · key_width] becomes
    // exp(scale · s + row term + column term − largest). row_terms [rows × key_rows] are `row_terms_apart`
    // values from one row to the next, column_terms [rows × key_width]; key_width is a multiple of 16.
    // largest, total and shrink [rows] as in DecoderKernels::softmax_block.
    void (*softmax_with_positions)(float* s, int rows, int key_rows, int key_width, float scale,
                                   const float* row_terms, int row_terms_apart, const float* column_terms,
                                   float* largest, float* total, float* shrink);

    // One row of a 3 × 3 convolution in which each channel is on its own, of rows [width × channels] with
    // zeros left and right, null for a row of zeros: result [(width − 1) / stride + 1 × channels], and its
    // GELU if asked for. weight [9 × channels], bias and zeros [channels].
    void (*depthwise_row)(const float* const rows[3], int width, int channels, int stride,
                          const float* weight, const float* bias, const float* zeros, bool gelu,
                          float* result);

    // x = GELU(x + y)
    void (*add_gelu)(float* x, const float* y, int count);

    // Rounds to the nearest bf16, ties to even.
    void (*to_bf16)(const float* x, int count, std::uint16_t* rounded);
};

}  // namespace landseam::sam::cpu
