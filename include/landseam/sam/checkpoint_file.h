// Weights files as they are published: which tensors a file holds, and their values. Nothing in a file is
// ever executed.
//
// Read are the zip archives that torch.save has written since PyTorch 1.6 (.pth, .pt) and .safetensors; the
// content decides which it is, never the name. Formats:
// https://pytorch.org/docs/stable/notes/serialization.html,
// https://github.com/huggingface/safetensors#format. Everything is checked against the file's size before it
// is believed, so memory use follows what the file really holds, whatever it claims.
//
// Every failure is a landseam::Error that names the file, the cause and the remedy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace landseam::sam {

enum class DType { f16, bf16, f32, f64, u8, i8, i16, i32, i64, boolean };

// Bytes of one element.
std::size_t element_size(DType dtype);

// "f32", "bool", ...
const char* dtype_name(DType dtype);

// One tensor of a file: everything about it but its values.
struct TensorEntry {
    std::string name;  // its key, e.g. "image_encoder.pos_embed"
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;    // empty: a scalar
    std::vector<std::int64_t> strides;  // in elements, as many as `shape` has; never negative
    std::uint64_t first_element = 0;    // index of element [0, 0, ...] in its storage
    std::uint64_t storage_begin = 0;    // byte position in the file of the storage, which tensors may share
    std::uint64_t storage_size = 0;     // bytes

    std::int64_t element_count() const;
    std::size_t byte_count() const { return static_cast<std::size_t>(element_count()) * element_size(dtype); }
};

// A weights file, opened and understood; tensors are read when asked for. Copies share the open file, and all
// members may be called from several threads at once.
//
// Which dictionary of a .pth is the model: at the top, if a key "model", "state_dict", "model_state_dict",
// "ema", "model_ema", "ema_state_dict", "module", "net" or "network" (tried in this order) leads to a
// dictionary with tensors, directly or through another such key, it is that one; otherwise the dictionary
// itself if it holds tensors; otherwise its only member that is a dictionary of tensors. What lies beside it
// (epoch, optimizer, arguments) is left out, as are the model's members that are no tensors. Prefixes that
// training tools put before all keys ("module.", "_orig_mod.", "model.") are taken off.
class CheckpointFile {
public:
    static CheckpointFile open(const std::string& path);

    // `data` must outlive the result and its copies; `name` stands for the file in messages.
    static CheckpointFile from_memory(const void* data, std::size_t size, const std::string& name);

    // The path or name it was opened with.
    const std::string& name() const;

    // At least one, in the file's order, no name twice.
    const std::vector<TensorEntry>& tensors() const;

    // nullptr if there is no such tensor.
    const TensorEntry* find(const std::string& key) const;

    // The values: contiguous, row-major, native byte order, booleans 0 or 1; `entry.byte_count()` bytes. The
    // tensors of one file together never have more than 4 times the file's size + 16 MiB, else it is refused
    // when opened.
    std::vector<std::byte> read(const TensorEntry& entry) const;

    // safetensors' __metadata__; empty for other formats.
    const std::map<std::string, std::string>& metadata() const;

private:
    struct State;
    explicit CheckpointFile(std::shared_ptr<const State> state) : state_(std::move(state)) {}

    std::shared_ptr<const State> state_;
};

}  // namespace landseam::sam
