// Checkpoints for tests: the committed ones, and changed copies of their tensors' names and shapes.
#pragma once

#include "landseam/sam/checkpoint_file.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace landseam::sam::test {

inline std::string parity_path(const std::string& model, const std::string& file) {
    return std::string(LANDSEAM_TEST_DATA) + "/parity/" + model + "/" + file;
}

inline CheckpointFile open_parity_checkpoint(const std::string& model) {
    return CheckpointFile::open(parity_path(model, "weights.pth"));
}

// A safetensors file in memory, in which every value is zero.
class ShapesOnlyFile {
public:
    explicit ShapesOnlyFile(const CheckpointFile& file) {
        for (const TensorEntry& tensor : file.tensors())
            tensors[tensor.name] = {tensor.shape, tensor.dtype == DType::i64 ? "I64" : "F32"};
    }

    struct Tensor {
        std::vector<std::int64_t> shape;
        std::string type;
    };
    std::map<std::string, Tensor> tensors;
    std::string metadata;  // JSON members, for instance "\"a\":\"b\""

    // Valid until the next call.
    CheckpointFile file() {
        std::string header = "{\"__metadata__\":{" + metadata + "}";
        std::size_t at = 0;
        for (const auto& [name, tensor] : tensors) {
            std::size_t size = tensor.type == "I64" ? 8 : tensor.type == "F16" ? 2 : 4;
            std::string shape;
            for (const std::int64_t side : tensor.shape) {
                size *= static_cast<std::size_t>(side);
                shape += (shape.empty() ? "" : ",") + std::to_string(side);
            }
            header += ",\"" + name + "\":{\"dtype\":\"" + tensor.type + "\",\"shape\":[" + shape +
                      "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(at + size) + "]}";
            at += size;
        }
        header += "}";
        header.resize((header.size() + 7) / 8 * 8, ' ');
        bytes_.assign(8 + header.size() + at, '\0');
        for (int i = 0; i < 8; ++i)
            bytes_[static_cast<std::size_t>(i)] = static_cast<char>(header.size() >> (8 * i));
        std::memcpy(bytes_.data() + 8, header.data(), header.size());
        return CheckpointFile::from_memory(bytes_.data(), bytes_.size(), "changed.safetensors");
    }

private:
    std::vector<char> bytes_;
};

}  // namespace landseam::sam::test
