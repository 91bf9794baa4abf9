// How many floating-point operations the reference spends on a model's stages, to set a time against what the
// machine could do. A multiplication and an addition count as two. Only matrix products and convolutions
// count: norms, activations and resizes are left out.
#pragma once

#include "landseam/sam/model.h"

namespace landseam::benchmarks {

// One picture through the image encoder. Linear layers count real tokens; attention windows count the padding
// too, which the reference attends to.
double encoder_flop(const sam::ModelInfo& info);

// One prompt of one point through the mask decoder, all masks upscaled.
double decoder_flop_per_prompt(const sam::ModelInfo& info);

}  // namespace landseam::benchmarks
