// What the checkpoint tests share: opening bytes as a file, and the message of the Error that opening or
// reading gives.
#pragma once

#include "landseam/core/error.h"
#include "landseam/sam/checkpoint_file.h"

#include "sam/checkpoint_writer.h"

#include <cstring>
#include <string>
#include <vector>

namespace landseam::sam::test {

inline CheckpointFile open_bytes(const std::string& bytes) {
    return CheckpointFile::from_memory(bytes.data(), bytes.size(), "weights.pth");
}

template <class Number>
std::vector<Number> values(const CheckpointFile& file, const std::string& key) {
    const TensorEntry* entry = file.find(key);
    if (!entry) return {};
    const std::vector<std::byte> bytes = file.read(*entry);
    std::vector<Number> result(bytes.size() / sizeof(Number));
    if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
}

// The message of the landseam::Error that opening the file or reading its tensors throws; empty if none does.
// Any other exception leaves the function and fails the test.
inline std::string error_of(const std::string& bytes) {
    try {
        const CheckpointFile file = open_bytes(bytes);
        for (const TensorEntry& entry : file.tensors()) file.read(entry);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

// A pickled dictionary with one tensor "weight" of two floats, and the storage it needs.
inline std::string one_tensor_pickle() {
    return PickleWriter().raw("}").text("weight").tensor("FloatStorage", "0", 2, 0, {2}, {1}).raw("s").stop();
}
inline std::string two_floats() {
    return bytes_of<float>({1.5f, -2.0f});
}

}  // namespace landseam::sam::test
