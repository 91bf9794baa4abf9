#include "landseam/sam/model.h"

#include "landseam/core/error.h"
#include "landseam/sam/modules.h"

#include "sam/architecture.h"
#include "sam/cpu/image_encoder.h"
#include "sam/cpu/mask_decoder.h"
#include "sam/ops.h"

#include <cstddef>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/version.h>

namespace landseam::sam {

namespace {

at::Device find_device(const std::string& name) {
    if (name == "cpu") return at::kCPU;
    const std::string prefix = "cuda:";
    int index = 0;
    if (name != "cuda") {
        const std::string digits = name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : "";
        if (digits.empty() || digits.size() > 3 ||
            digits.find_first_not_of("0123456789") != std::string::npos)
            throw Error(name, "no device has this name", "use cpu, cuda or cuda:N", ErrorKind::usage);
        index = std::stoi(digits);
    }
    if (!at::hasCUDA())
        throw Error(name, "no GPU can be used: there is none, or this libtorch was built without CUDA",
                    "use the device cpu, or build landseam with a CUDA build of libtorch");
    const int devices = static_cast<int>(at::getNumGPUs());
    if (index >= devices)
        throw Error(name, "there are " + std::to_string(devices) + " GPUs",
                    "count them from 0, or use the device cpu");
    // fp32 is to mean fp32: cuDNN would take convolutions in 19 bits.
    at::globalContext().setAllowTF32CuDNN(false);
    return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

at::Tensor read_tensor(const CheckpointFile& file, const TensorEntry& entry, at::Device device,
                       at::ScalarType type) {
    std::vector<std::byte> bytes = file.read(entry);
    const at::Tensor as_stored = at::from_blob(bytes.data(), entry.shape, scalar_type(entry.dtype));
    return as_stored.to(at::TensorOptions().dtype(type).device(device), /*non_blocking=*/false,
                        /*copy=*/true);
}

// On a CPU the tensors stay fp32; the fast encoder makes its own of them.
at::ScalarType encoder_type(Precision precision, at::Device device) {
    if (precision == Precision::fp32 || device.is_cpu()) return at::kFloat;
    return precision == Precision::bf16 ? at::kBFloat16 : at::kHalf;
}

}  // namespace

Precision precision_named(const std::string& name) {
    if (name == "fp32") return Precision::fp32;
    if (name == "bf16") return Precision::bf16;
    if (name == "fp16") return Precision::fp16;
    throw Error(name, "no precision has this name", "use fp32, bf16 or fp16", ErrorKind::usage);
}

Sam load_weights(const CheckpointFile& file, const std::string& device, int image_size, Precision precision) {
    const ModelInfo info = describe_checkpoint(file, image_size);
    const at::Device place = find_device(device);
    if (precision == Precision::fp16 && place.is_cpu())
        throw Error("fp16", "a CPU does not compute with it", "use bf16 or fp32", ErrorKind::usage);
    std::map<std::string, at::Tensor> tensors;
    for (const ExpectedTensor& expected : expected_tensors(info)) {
        if (expected.counter) continue;
        const bool of_encoder = expected.name.rfind("image_encoder.", 0) == 0;
        tensors[expected.name] = read_tensor(file, *file.find(expected.name), place,
                                             of_encoder ? encoder_type(precision, place) : at::kFloat);
    }
    Sam model = build_sam(info, std::move(tensors));
    model.precision = precision;
    return model;
}

std::shared_ptr<const Sam> load_sam(const CheckpointFile& file, const std::string& device, int image_size,
                                    Precision precision) {
    auto model = std::make_shared<Sam>(load_weights(file, device, image_size, precision));
    use_fast_paths(*model);
    return model;
}

Sam moved_to(Sam model, const std::string& device) {
    const at::Device place = find_device(device);
    if (place == model.device()) return model;
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : model.tensors) tensors[name] = tensor.to(place);
    return build_sam(model.info, std::move(tensors));
}

at::Tensor embed(const Sam& model, const at::Tensor& picture, const ParallelFor& parallel_for) {
    if (!model.fast_encoder) return model.encode_image(picture);
    const at::Tensor embedding =
        at::empty({1, model.info.transformer_dim, model.info.grid, model.info.grid}, picture.options());
    (*model.fast_encoder)(picture.contiguous().data_ptr<float>(), embedding.data_ptr<float>(), parallel_for);
    return embedding;
}

void use_fast_paths(Sam& model) {
    if (!model.device().is_cpu()) return;
    model.fast_encoder = cpu::make_image_encoder(model);
    model.fast_decoder = std::make_shared<const cpu::MaskDecoder>(model);
}

const ModelInfo& model_info(const Sam& model) {
    return model.info;
}

std::string libtorch_version() {
    return "libtorch " TORCH_VERSION;
}

std::string device_names() {
    std::string names = "cpu";
    const int gpus = at::hasCUDA() ? static_cast<int>(at::getNumGPUs()) : 0;
    for (int i = 0; i < gpus; ++i) names += ", cuda:" + std::to_string(i);
    return names;
}

void use_one_thread_per_call() {
    at::set_num_threads(1);
    try {
        at::set_num_interop_threads(1);
    } catch (const c10::Error&) {
        // Once libtorch has started its pool the number is fixed; nothing here makes it start one.
    }
    // OpenBLAS keeps a thread pool of its own that libtorch does not know about.
    if (void* symbol = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
        reinterpret_cast<void (*)(int)>(symbol)(1);
}

}  // namespace landseam::sam
