// Inner loops of the image encoders. All matrices are row-major fp32.
#pragma once

namespace landseam::sam::cpu {

struct EncoderKernels {
    // Layer normalisation of each row of x [rows × width] into y, which may be x.
    void (*layer_norm_rows)(const float* x, int rows, int width, const float* weight, const float* bias,
                            float eps, float* y);
};

}  // namespace landseam::sam::cpu
