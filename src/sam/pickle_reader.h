// A reader of Python pickles (protocols 2 to 5) that only ever looks: it builds plain values, notes which
// tensors and storages a torch.save pickle describes, and refuses everything that Python would have to run
// code for. Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py; torch's use:
// torch/_utils.py.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landseam::sam {

enum class PickleKind : std::uint8_t {
    none,
    boolean,
    integer,
    real,
    string,  // UTF-8 or bytes
    tuple,
    list,
    dict,           // also OrderedDict; items are key, value, key, value, ...
    tensor,         // items are the arguments of torch._utils._rebuild_tensor_v2
    storage,        // items are the persistent id: ("storage", class, key, location, element count)
    storage_class,  // torch.FloatStorage and the like; text is the name without module
    callable,       // a function or class that is known; of no interest as a value
    opaque,  // a harmless value that is not looked into: a large integer, argparse.Namespace, a NumPy scalar
};

// 16 bytes; what it refers to lives in the Pickle, so that cycles, nesting and repetition cost nothing.
struct PickleValue {
    PickleKind kind = PickleKind::none;
    std::uint8_t detail = 0;   // which callable
    std::uint32_t length = 0;  // of a text
    std::int64_t number = 0;   // integer, boolean, position of a text, index of a container
};

class Pickle {
public:
    // Throws Error on behalf of `file`. A pickle has at most largest_pickle bytes.
    static Pickle parse(std::vector<unsigned char> bytes, const std::string& file);

    static constexpr std::size_t largest_pickle = 16u << 20;
    static constexpr std::size_t most_containers = 1u << 20;

    PickleValue root() const { return root_; }

    // Of a tuple, list, dict, tensor or storage; empty for others.
    const std::vector<PickleValue>& items(PickleValue value) const;

    // Of a string or storage_class; empty for others.
    std::string_view text(PickleValue value) const;

    std::size_t container_count() const { return containers_.size(); }

private:
    friend class PickleMachine;

    std::vector<unsigned char> bytes_;
    std::vector<std::vector<PickleValue>> containers_;
    PickleValue root_;
};

}  // namespace landseam::sam
