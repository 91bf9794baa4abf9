#include "sam/training/state.h"

#include "landseam/core/error.h"
#include "landseam/sam/checkpoint_writer.h"

#include "sam/architecture.h"
#include "sam/pixel_statistics.h"

#include <charconv>
#include <cstring>
#include <map>
#include <sstream>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

namespace landseam::sam::training {

namespace {

// Keeps what a list of tensors to be written points to.
class TensorList {
public:
    void add(const std::string& name, const at::Tensor& tensor, bool half = false) {
        kept_.push_back(tensor.detach().to(at::kCPU, half ? at::kHalf : at::kFloat).contiguous());
        tensors.push_back(
            {name, half ? DType::f16 : DType::f32, kept_.back().sizes().vec(), kept_.back().data_ptr()});
    }
    // `values` must outlive the batch.
    void add_per_band(const std::string& name, const std::vector<float>& values) {
        tensors.push_back(
            {name, DType::f32, {static_cast<std::int64_t>(values.size()), 1, 1}, values.data()});
    }
    void add_counter(const std::string& name) {
        static const std::int64_t zero = 0;
        tensors.push_back({name, DType::i64, {}, &zero});
    }
    std::vector<TensorToWrite> tensors;

private:
    std::vector<at::Tensor> kept_;
};

bool is_safetensors(const std::string& path) {
    const std::string end = ".safetensors";
    return path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

struct Part {
    const char* prefix;
    std::vector<at::Tensor> Optimizer::*tensors;
};
constexpr Part kParts[] = {{"weight.", &Optimizer::weights},
                           {"average.", &Optimizer::averages},
                           {"first.", &Optimizer::first_moments},
                           {"second.", &Optimizer::second_moments}};

// What the weights are for beside the model's sizes; empty for a model that normalises as published ones.
std::string normalisation(const ModelInfo& info) {
    if (normalises_as_published(info)) return {};
    std::ostringstream text;
    text.precision(9);
    for (const auto* values : {&info.pixel_mean, &info.pixel_std})
        for (const float value : *values) text << value << ' ';
    return text.str();
}

[[noreturn]] void not_this_run(const std::string& path, const std::string& cause) {
    throw Error(path, cause,
                "remove the file to begin anew, or give the options of the run that it belongs to");
}

}  // namespace

void write_weights(const std::string& path, const ModelInfo& info,
                   const std::map<std::string, at::Tensor>& tensors, bool half) {
    TensorList batch;
    if (!normalises_as_published(info)) {
        batch.add_per_band(pixel_mean_key, info.pixel_mean);
        batch.add_per_band(pixel_std_key, info.pixel_std);
    }
    for (const ExpectedTensor& expected : expected_tensors(info))
        if (expected.counter)
            batch.add_counter(expected.name);
        else
            batch.add(expected.name, tensors.at(expected.name), half);
    const std::string names = joined_names(info.band_names);
    if (!names.empty())
        batch.tensors.push_back(
            {pixel_bands_key, DType::u8, {static_cast<std::int64_t>(names.size())}, names.data()});
    if (is_safetensors(path))
        write_safetensors(path, batch.tensors, {{"image_size", std::to_string(info.image_size)}});
    else
        write_torch_archive(path, batch.tensors);
}

void write_checkpoint(const std::string& path, const Learner& learner, const Optimizer& optimizer,
                      bool half) {
    std::map<std::string, at::Tensor> tensors = learner.model.tensors;
    for (std::size_t i = 0; i < learner.names.size(); ++i) tensors[learner.names[i]] = optimizer.averages[i];
    write_weights(path, learner.model.info, tensors, half);
}

void write_state(const std::string& path, const Learner& learner, const Optimizer& optimizer,
                 const Standing& standing) {
    TensorList batch;
    for (const Part& part : kParts)
        for (std::size_t i = 0; i < learner.names.size(); ++i)
            batch.add(part.prefix + learner.names[i], (optimizer.*part.tensors)[i]);
    std::ostringstream best;
    best.precision(17);
    best << standing.best;
    write_safetensors(path, batch.tensors,
                      {{"landseam", "training state"},
                       {"step", std::to_string(optimizer.steps())},
                       {"best", best.str()},
                       {"normalisation", normalisation(learner.model.info)},
                       {"validations_without_gain", std::to_string(standing.validations_without_gain)}});
}

Standing read_state(const std::string& path, const Learner& learner, Optimizer& optimizer) {
    const CheckpointFile file = CheckpointFile::open(path);
    const auto note = [&](const std::string& key) {
        const auto found = file.metadata().find(key);
        return found == file.metadata().end() ? std::string() : found->second;
    };
    if (note("landseam") != "training state") not_this_run(path, "is not the state of a training run");
    if (file.tensors().size() != std::size(kParts) * learner.names.size())
        not_this_run(path, "is the state of a run in which other parts of the model learn");
    if (note("normalisation") != normalisation(learner.model.info))
        not_this_run(path, "is the state of a run whose samples have bands of another mean or deviation");
    const at::NoGradGuard no_gradient;
    for (const Part& part : kParts)
        for (std::size_t i = 0; i < learner.names.size(); ++i) {
            const TensorEntry* entry = file.find(part.prefix + learner.names[i]);
            at::Tensor to = (optimizer.*part.tensors)[i].detach();
            if (!entry || entry->dtype != DType::f32 || at::IntArrayRef(entry->shape) != to.sizes())
                not_this_run(path, "is the state of a run with another model");
            std::vector<std::byte> bytes = file.read(*entry);
            to.copy_(at::from_blob(bytes.data(), entry->shape));
        }
    const std::string step = note("step"), rounds = note("validations_without_gain");
    std::int64_t steps = -1;
    Standing standing;
    std::from_chars(step.data(), step.data() + step.size(), steps);
    std::from_chars(rounds.data(), rounds.data() + rounds.size(), standing.validations_without_gain);
    standing.best = std::strtod(note("best").c_str(), nullptr);
    if (steps < 0) not_this_run(path, "does not tell its step");
    optimizer.set_steps(steps);
    return standing;
}

}  // namespace landseam::sam::training
