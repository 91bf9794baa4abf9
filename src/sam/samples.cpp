#include "landseam/sam/samples.h"

#include "landseam/core/error.h"
#include "landseam/sam/checkpoint_file.h"
#include "landseam/sam/checkpoint_writer.h"

#include "sam/pixel_statistics.h"

#include <algorithm>
#include <cstring>
#include <sstream>

namespace landseam::sam {
namespace {

const char* const kRemedy = "pack it again with 'landseam train --pack'";

template <class Number>
std::vector<Number> values(const CheckpointFile& file, const TensorEntry& entry) {
    const std::vector<std::byte> bytes = file.read(entry);
    std::vector<Number> result(bytes.size() / sizeof(Number));
    if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
}

const TensorEntry& tensor(const CheckpointFile& file, const std::string& key, DType dtype, std::size_t axes) {
    const TensorEntry* entry = file.find(key);
    if (!entry || entry->dtype != dtype || entry->shape.size() != axes)
        throw Error(file.name(), "has no tensor '" + key + "' as packed samples have it", kRemedy);
    for (const std::int64_t side : entry->shape)
        if (side < 1 || side > 1 << 20)
            throw Error(file.name(), "its tensor '" + key + "' has a size that no picture has", kRemedy);
    return *entry;
}

std::string metadata(const CheckpointFile& file, const std::string& key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
}

}  // namespace

void Sample::validate(const std::string& name) const {
    const auto fail = [&](const std::string& cause) { throw Error(name, cause, kRemedy); };
    if (width < 1 || height < 1) fail("is a sample without pixels");
    const std::size_t area = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    if (bands.empty() || pixels.size() != bands.size() * area)
        fail("does not have as many pixel values as its size and bands call for");
    if (valid.size() != area) fail("does not say of each pixel whether it is valid");
    if (levels.empty()) fail("has no level of objects");
    for (const SampleLevel& level : levels) {
        if (level.ids.size() != area)
            fail("its level '" + level.name + "' has another size than the picture");
        if (std::any_of(level.ids.begin(), level.ids.end(),
                        [](std::int32_t id) { return id < SampleLevel::unknown; }))
            fail("its level '" + level.name + "' has ids below -1");
    }
}

void write_sample(const std::string& path, const Sample& sample) {
    sample.validate(path);
    std::ostringstream gsd;
    gsd << sample.gsd_m;
    std::map<std::string, std::string> notes = {
        {"landseam", "samples"}, {"gsd", gsd.str()}, {"bands", joined_names(sample.bands)}};
    std::vector<TensorToWrite> tensors = {
        {"image",
         DType::u8,
         {static_cast<std::int64_t>(sample.bands.size()), sample.height, sample.width},
         sample.pixels.data()},
        {"valid", DType::u8, {sample.height, sample.width}, sample.valid.data()}};
    for (std::size_t i = 0; i < sample.levels.size(); ++i) {
        const std::string key = "labels." + std::to_string(i);
        notes[key] = sample.levels[i].name;
        tensors.push_back({key, DType::i32, {sample.height, sample.width}, sample.levels[i].ids.data()});
    }
    // The widest type first: safetensors wants values aligned.
    std::stable_partition(tensors.begin(), tensors.end(),
                          [](const TensorToWrite& tensor) { return tensor.dtype == DType::i32; });
    write_safetensors(path, tensors, notes);
}

Sample read_sample(const std::string& path) {
    const CheckpointFile file = CheckpointFile::open(path);
    if (metadata(file, "landseam") != "samples")
        throw Error(path, "does not hold training samples",
                    "pack pictures and labels with 'landseam train --pack'");
    const TensorEntry& image = tensor(file, "image", DType::u8, 3);
    Sample sample;
    sample.height = static_cast<int>(image.shape[1]);
    sample.width = static_cast<int>(image.shape[2]);
    sample.gsd_m = std::max(0.0, std::strtod(metadata(file, "gsd").c_str(), nullptr));
    sample.bands = split_names(metadata(file, "bands"));
    sample.bands.resize(static_cast<std::size_t>(image.shape[0]));
    sample.pixels = values<std::uint8_t>(file, image);
    sample.valid = values<std::uint8_t>(file, tensor(file, "valid", DType::u8, 2));
    for (int i = 0; file.find("labels." + std::to_string(i)); ++i) {
        const std::string key = "labels." + std::to_string(i);
        sample.levels.push_back(
            {metadata(file, key), values<std::int32_t>(file, tensor(file, key, DType::i32, 2))});
    }
    sample.validate(path);
    return sample;
}

}  // namespace landseam::sam
