// The small models that the reference was run with, and its picture (tests/data/parity/README.md).
#pragma once

#include "landseam/core/image.h"
#include "landseam/sam/checkpoint_file.h"
#include "landseam/sam/model.h"
#include "landseam/sam/modules.h"

#include "support/ppm.h"

#include <map>
#include <memory>
#include <string>

#include <ATen/Functions.h>

namespace landseam::mask_generation {

inline std::string parity_file(const std::string& folder, const std::string& name) {
    return LANDSEAM_TEST_DATA "/parity/" + folder + "/" + name;
}

// `folder` is "vit", "tiny_vit" or "tiny_vit_without_biases", the second with its attention biases set to
// zero.
inline std::string folder_of_weights(const std::string& folder) {
    return folder == "tiny_vit_without_biases" ? "tiny_vit" : folder;
}

inline std::shared_ptr<const sam::Sam> load_parity_model(const std::string& folder) {
    const std::string weights = parity_file(folder_of_weights(folder), "weights.pth");
    std::shared_ptr<const sam::Sam> model = sam::load_sam(sam::CheckpointFile::open(weights), "cpu", 256);
    if (folder_of_weights(folder) == folder) return model;
    std::map<std::string, at::Tensor> tensors = model->tensors;
    for (auto& [name, tensor] : tensors)
        if (name.find("attention_biases") != std::string::npos) tensor = at::zeros_like(tensor);
    return std::make_shared<const sam::Sam>(sam::build_sam(model->info, tensors));
}

inline ImageU8 parity_picture(const std::string& folder) {
    return test::read_ppm(parity_file(folder_of_weights(folder), "image.ppm"));
}

}  // namespace landseam::mask_generation
