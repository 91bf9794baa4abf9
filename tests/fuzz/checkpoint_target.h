// What the fuzzers feed: whole files, and the two parts in which hostile files hide most, so that checksums
// and structure around them do not stand in the way. The unit tests send the seeds through the same
// functions.
#pragma once

#include "landseam/core/error.h"
#include "landseam/sam/checkpoint_file.h"

#include "sam/checkpoint_writer.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace landseam::sam::fuzz {

// Opens the bytes and reads every tensor. Returns the number of bytes read, nothing if the file is refused; a
// refusal by anything but landseam::Error is a finding.
inline std::optional<std::size_t> read_file(const std::string& bytes) {
    try {
        const CheckpointFile file = CheckpointFile::from_memory(bytes.data(), bytes.size(), "fuzzed");
        std::size_t read = 0;
        constexpr std::size_t enough = 1 << 20;  // so that a run stays short
        for (const TensorEntry& entry : file.tensors())
            if (entry.byte_count() <= enough && read <= enough) read += file.read(entry).size();
        return read;
    } catch (const Error&) {
        return std::nullopt;
    }
}

// The bytes are the pickle of an archive with two storages of 64 bytes.
inline std::optional<std::size_t> read_pickle(const std::string& bytes) {
    return read_file(test::torch_file(bytes, {std::string(64, '\x01'), std::string(64, '\x02')}));
}

// The bytes are the header of a safetensors file with 64 bytes of data.
inline std::optional<std::size_t> read_safetensors_header(const std::string& bytes) {
    return read_file(test::safetensors_file(bytes, std::string(64, '\x03')));
}

// Of the seeds' folders.
inline std::optional<std::size_t> read_as(const std::string& kind, const std::string& bytes) {
    if (kind == "pickle") return read_pickle(bytes);
    if (kind == "safetensors") return read_safetensors_header(bytes);
    return read_file(bytes);
}

}  // namespace landseam::sam::fuzz
