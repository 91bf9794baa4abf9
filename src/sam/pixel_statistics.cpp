#include "sam/pixel_statistics.h"

#include "landseam/core/error.h"

#include "sam/architecture.h"
#include "sam/ops.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>

namespace landseam::sam {

namespace {

const char* const kRemedy =
    "train it anew with 'landseam train', which writes what a model needs to know of its bands";
constexpr float kSmallestDeviation = 1e-3f, kLargestValue = 1e6f;  // pixels have values 0 … 255
constexpr std::size_t kLongestName = 64;                           // bytes

[[noreturn]] void fail(const CheckpointFile& file, const char* key, const std::string& what) {
    throw Error(file.name(), "the tensor '" + std::string(key) + "' " + what, kRemedy);
}

std::vector<float> read_per_band(const CheckpointFile& file, const char* key, int bands, float least) {
    const TensorEntry& entry = *file.find(key);
    const std::vector<std::int64_t> shape{bands, 1, 1};
    if (entry.shape != shape)
        fail(file, key,
             "has the shape " + shape_text(entry.shape) + " where " + shape_text(shape) + " was expected");
    if (!is_float(entry.dtype)) fail(file, key, "holds integers where numbers with a fraction belong");
    std::vector<std::byte> bytes = file.read(entry);
    const at::Tensor values =
        at::from_blob(bytes.data(), {bands}, scalar_type(entry.dtype)).to(at::kFloat).contiguous();
    const float* const first = values.data_ptr<float>();
    const std::vector<float> result(first, first + bands);
    for (const float value : result)
        if (!(value >= least && value <= kLargestValue))
            fail(file, key, "holds " + std::to_string(value) + ", which pixels of 0 to 255 do not have");
    return result;
}

std::vector<std::string> read_names(const CheckpointFile& file, int bands) {
    const TensorEntry* entry = file.find(pixel_bands_key);
    if (!entry) return {};
    if (entry->dtype != DType::u8 || entry->shape.size() != 1 ||
        entry->byte_count() > static_cast<std::size_t>(bands) * (kLongestName + 1))
        fail(file, pixel_bands_key, "is not a list of names in bytes");
    const std::vector<std::byte> bytes = file.read(*entry);
    std::string text;
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
    std::vector<std::string> names = split_names(text);
    if (!are_band_names(names, bands))
        fail(file, pixel_bands_key, "does not name " + std::to_string(bands) + " bands");
    return names;
}

}  // namespace

void read_pixel_statistics(const CheckpointFile& file, ModelInfo& info) {
    const bool mean = file.find(pixel_mean_key) != nullptr, deviation = file.find(pixel_std_key) != nullptr;
    if (mean != deviation || (!mean && info.bands != 3))
        throw Error(file.name(),
                    "its first layer takes " + std::to_string(info.bands) + " bands, and it has no tensor '" +
                        (mean ? pixel_std_key : pixel_mean_key) + "' that tells how to normalise them",
                    kRemedy);
    if (mean) {
        info.pixel_mean = read_per_band(file, pixel_mean_key, info.bands, -kLargestValue);
        info.pixel_std = read_per_band(file, pixel_std_key, info.bands, kSmallestDeviation);
    }
    info.band_names = read_names(file, info.bands);
}

bool normalises_as_published(const ModelInfo& info) {
    const ModelInfo published;
    return info.pixel_mean == published.pixel_mean && info.pixel_std == published.pixel_std;
}

bool are_band_names(const std::vector<std::string>& names, int count) {
    return names.size() == static_cast<std::size_t>(count) &&
           std::all_of(names.begin(), names.end(), [](const std::string& name) {
               return !name.empty() && name.size() <= kLongestName &&
                      std::all_of(name.begin(), name.end(),
                                  [](unsigned char c) { return c >= 0x20 && c != 0x7f && c != ','; });
           });
}

std::string joined_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

std::vector<std::string> split_names(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream stream(text);
    for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
    return names;
}

}  // namespace landseam::sam
