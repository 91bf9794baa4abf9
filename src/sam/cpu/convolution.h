// Convolutions over 3 × 3 pixels of maps [side × side × channels], padded with zeros.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/cpu/buffer_pool.h"
#include "sam/cpu/linear_layer.h"

namespace landseam::sam::cpu {

// A convolution with what batch normalisation does to it, as weight [out, in, k, k] and bias [out].
struct Folded {
    explicit Folded(const ConvBn& layer);
    at::Tensor weight, bias;
};

LinearLayer pointwise(const ConvBn& layer, Precision precision);

class Convolution3x3 {
public:
    // weight [out, in, 3, 3], bias [out] or undefined.
    Convolution3x3(const at::Tensor& weight, const at::Tensor& bias, int stride, Precision precision);

    int in() const { return by_tap_.in() / 9; }
    int out() const { return by_tap_.out(); }
    // Rows of the result [rows · result's side × out], of a map with this side.
    void operator()(const float* map, int side, int first_row, int rows, float* result,
                    Activation activation = Activation::none) const;

private:
    int stride_;
    LinearLayer by_tap_;
    BufferPool buffers_;
};

// Each channel on its own.
class Depthwise3x3 {
public:
    explicit Depthwise3x3(const ConvBn& layer);

    int stride() const { return stride_; }
    int result_side(int side) const { return (side - 1) / stride_ + 1; }
    // One row of the result from the three rows around it, null where there is none.
    void operator()(const float* above, const float* here, const float* below, int side, bool gelu,
                    float* result) const;

private:
    int stride_, channels_;
    at::Tensor weight_, bias_;  // [9, channels], [channels]
    at::Tensor zeros_;          // [channels]
};

}  // namespace landseam::sam::cpu
