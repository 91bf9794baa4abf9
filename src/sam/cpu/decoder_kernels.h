// Inner loops of the mask decoder. Pictures are kept in blocks [channels × pixels], so that what is computed
// over channels or tokens runs down the lanes of vectors. `pixels` is a multiple of 16.
#pragma once

namespace landseam::sam::cpu {

struct DecoderKernels {
    // sum[i] = a[i] + b[i]
    void (*add)(const float* a, const float* b, int count, float* sum);

    // Scores of tokens by pixels, x [tokens × heads × pixels], are x · scale + placed + bias, beside one more
    // token with a score of 0; their softmax over tokens, divided by scale, goes to out, which may be x,
    // without that of the one more. placed as x, bias [tokens × heads], scale [pixels]; each of them may be
    // null.
    void (*softmax_over_tokens)(const float* x, const float* placed, const float* scale, const float* bias,
                                int tokens, int heads, int pixels, float* out);

    // One block of a softmax over all pixels, row by row: the scores x · scale + placed, of which the first
    // `valid` of a row are real, become exp(score − largest[row]) · scale in x, 0 behind them. largest
    // [rows] and total [rows], of the exponentials alone, are brought up to date, and shrink [rows] is what
    // everything summed so far must be multiplied by. x, placed [rows × pixels], scale [pixels]; both of
    // placed and scale may be null.
    void (*softmax_block)(float* x, const float* placed, const float* scale, int rows, int pixels, int valid,
                          float* largest, float* total, float* shrink);

    // sums[pixel] += Σ over rows of a[row][pixel] · b[row][pixel]
    void (*add_dots)(const float* a, const float* b, int rows, int pixels, float* sums);

    // What scales a pixel after a norm over channels: scale becomes 1 / √(squares / channels + eps / scale²),
    // where squares · scale² is the sum of the pixel's squares.
    void (*norm_scale)(const float* squares, float eps, int channels, int pixels, float* scale);

    // m [rows × columns] *= factors, one a row.
    void (*scale_rows)(float* m, int rows, int columns, const float* factors);

    // Of each pixel, GELU of the normalised (x + more) · scale + bias over channels, to x. x, more [channels
    // × pixels], scale [pixels].
    void (*norm_gelu)(float* x, const float* more, const float* scale, const float* bias, const float* weight,
                      const float* shift, float eps, int channels, int pixels);

    // out[mask][pixel] = Σ over channels of weights[mask][channel] · GELU(x[channel][pixel] + bias[channel]).
    void (*gelu_dot)(const float* x, const float* bias, const float* weights, int masks, int channels,
                     int pixels, float* out);
};

}  // namespace landseam::sam::cpu
