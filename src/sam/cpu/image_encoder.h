// Image encoders on a CPU: the same functions as sam::VitEncoder and sam::TinyVitEncoder (their oracles in
// tests), with everything that lies between two matrix products done while it is in cache.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/sam/modules.h"

#include <memory>

namespace landseam::sam::cpu {

class ImageEncoder {
public:
    virtual ~ImageEncoder() = default;
    // Preprocessed picture [N, S, S] → embedding [C, g, g], dense. May be called from several threads at
    // once; the numbers do not depend on parallel_for.
    virtual void operator()(const float* picture, float* embedding,
                            const ParallelFor& parallel_for) const = 0;
};

// With the model's weights, which must be fp32 on the CPU, in its precision.
std::unique_ptr<const ImageEncoder> make_image_encoder(const Sam& model);

}  // namespace landseam::sam::cpu
