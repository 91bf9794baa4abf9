// Models of any size with random weights, large enough that attention and norms have something to do.
#pragma once

#include "landseam/sam/modules.h"

#include "sam/architecture.h"

#include <cmath>
#include <map>
#include <string>

#include <ATen/ATen.h>

namespace landseam::sam::test {

// A small ViT with a decoder as published ones have.
inline ModelInfo small_vit(int grid) {
    ModelInfo info;
    info.encoder = "vit";
    info.patch_size = 16;
    info.grid = grid;
    info.image_size = 16 * grid;
    info.stages = {{24, 2, 3, 4, 48}};
    info.global_blocks = {1};
    info.transformer_dim = 32;
    info.mask_channels = 8;
    info.decoder_depth = 2;
    info.decoder_mlp_dim = 40;
    info.decoder_cross_dim = 16;
    info.mask_tokens = 4;
    info.iou_head_dim = 24;
    info.iou_head_depth = 3;
    return info;
}

inline Sam random_model(const ModelInfo& info) {
    at::manual_seed(1);
    std::map<std::string, at::Tensor> tensors;
    for (const ExpectedTensor& expected : expected_tensors(info)) {
        if (expected.counter) continue;
        double inputs = 1;
        for (std::size_t i = 1; i < expected.shape.size(); ++i)
            inputs *= static_cast<double>(expected.shape[i]);
        const at::Tensor noise = at::randn(expected.shape);
        const bool variance = expected.name.find("running_var") != std::string::npos;
        const bool factor = expected.shape.size() == 1 && expected.name.find("weight") != std::string::npos;
        tensors[expected.name] = variance                     ? 0.5 + noise * noise
                                 : factor                     ? 1 + 0.2 * noise
                                 : expected.shape.size() == 1 ? 0.2 * noise
                                                              : noise * (1.5 / std::sqrt(inputs));
    }
    return build_sam(info, tensors);
}

}  // namespace landseam::sam::test
