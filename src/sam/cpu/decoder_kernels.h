// Inner loops of the mask decoder. Pictures are kept in blocks [channels × pixels], so that what is computed
// over channels or tokens runs down the lanes of vectors. `pixels` is a multiple of 16.
#pragma once

namespace landseam::sam::cpu {

struct DecoderKernels {
    // sum[i] = a[i] + b[i]
    void (*add)(const float* a, const float* b, int count, float* sum);

    // Softmax over tokens, in place: s [tokens × heads × pixels] becomes exp(s + bias) over its sum over the
    // tokens. bias [tokens × heads] may be null.
    void (*softmax_over_tokens)(float* s, int tokens, int heads, int pixels, const float* bias);

    // Of each pixel, normalises a + b + bias over channels: to y, and with `positions` added to placed.
    // a, b, y, positions, placed [channels × pixels]; bias, weight, shift [channels]. y may be a.
    void (*residual_norm)(const float* a, const float* b, const float* bias, const float* weight,
                          const float* shift, float eps, const float* positions, int channels, int pixels,
                          float* y, float* placed);

    // One block of a softmax over all pixels, row by row: s [rows × pixels], of which the first `valid`
    // pixels are real, becomes exp(s − largest[row]), 0 behind them; largest [rows] and total [rows] are
    // brought up to date, and shrink [rows] is what everything summed so far must be multiplied by.
    void (*softmax_block)(float* s, int rows, int pixels, int valid, float* largest, float* total,
                          float* shrink);

    // m [rows × columns] *= factors, one a row.
    void (*scale_rows)(float* m, int rows, int columns, const float* factors);

    // Of each pixel, GELU of the normalised x + bias over channels, in place. x [channels × pixels].
    void (*norm_gelu)(float* x, const float* bias, const float* weight, const float* shift, float eps,
                      int channels, int pixels);

    // out[mask][pixel] = Σ over channels of weights[mask][channel] · GELU(x[channel][pixel] + bias[channel]).
    void (*gelu_dot)(const float* x, const float* bias, const float* weights, int masks, int channels,
                     int pixels, float* out);
};

}  // namespace landseam::sam::cpu
