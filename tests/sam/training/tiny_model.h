// The sizes of a model that a test can train in no time.
#pragma once

#include "landseam/sam/trainer.h"

namespace landseam::test {

inline sam::NewModel tiny_model() {
    sam::NewModel sizes;
    sizes.image_size = 64;
    sizes.dim = 16;
    sizes.depth = 2;
    sizes.heads = 2;
    sizes.window = 4;
    sizes.transformer_dim = 32;
    sizes.decoder_mlp_dim = 32;
    return sizes;
}

}  // namespace landseam::test
