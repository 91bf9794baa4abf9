#include "landseam/core/error.h"
#include "landseam/sam/modules.h"
#include "landseam/sam/trainer.h"

#include "sam/architecture.h"
#include "sam/training/state.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace landseam::sam {

namespace {

bool are_alike(const ModelInfo& a, const ModelInfo& b) {
    const std::vector<ExpectedTensor> of_a = expected_tensors(a), of_b = expected_tensors(b);
    if (of_a.size() != of_b.size() || a.image_size != b.image_size) return false;
    for (std::size_t i = 0; i < of_a.size(); ++i)
        if (of_a[i].name != of_b[i].name || of_a[i].shape != of_b[i].shape) return false;
    return true;
}

bool see_alike(const ModelInfo& a, const ModelInfo& b) {
    return a.band_names == b.band_names && a.pixel_mean == b.pixel_mean && a.pixel_std == b.pixel_std;
}

}  // namespace

void write_mean(const std::vector<CheckpointFile>& checkpoints, const std::string& output, bool half) {
    if (checkpoints.size() < 2)
        throw Error("--mean", "takes at least two checkpoints", "name more, and last the file to write",
                    ErrorKind::usage);
    std::map<std::string, at::Tensor> sums;
    ModelInfo info;
    for (const CheckpointFile& file : checkpoints) {
        const Sam model = load_weights(file, "cpu", 0);
        if (sums.empty()) info = model.info;
        if (!are_alike(model.info, info))
            throw Error(file.name(),
                        "is " + model.info.summary() + " where '" + checkpoints.front().name() + "' is " +
                            info.summary() + ", or has other sizes inside",
                        "take checkpoints that were trained from one start");
        if (!see_alike(model.info, info))
            throw Error(
                file.name(),
                "is for other bands, or normalises them otherwise, than '" + checkpoints.front().name() + "'",
                "take checkpoints that were trained from one start");
        for (const auto& [name, tensor] : model.tensors) {
            const at::Tensor values = tensor.detach().to(at::kDouble);
            const auto [sum, is_new] = sums.emplace(name, values);
            if (!is_new) sum->second = sum->second + values;
        }
    }
    for (auto& [name, sum] : sums) sum = (sum / static_cast<double>(checkpoints.size())).to(at::kFloat);
    training::write_weights(output, info, sums, half);
}

}  // namespace landseam::sam
