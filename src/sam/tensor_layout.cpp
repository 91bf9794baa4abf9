#include "sam/tensor_layout.h"

#include <algorithm>
#include <cstring>

namespace landseam::sam {
namespace {

constexpr std::uint64_t largest = std::uint64_t{1} << 62;

// False if the result would exceed `largest`, as both operands must not.
bool multiply(std::uint64_t& value, std::uint64_t by) {
    if (by != 0 && value > largest / by) return false;
    value *= by;
    return true;
}

bool add(std::uint64_t& value, std::uint64_t more) {
    if (value > largest || more > largest - value) return false;
    value += more;
    return true;
}

// Index, from the first element, of the last one; the tensor has elements. False on overflow.
bool last_element(const TensorEntry& entry, std::uint64_t& last) {
    last = 0;
    for (std::size_t d = 0; d < entry.shape.size(); ++d) {
        auto step = static_cast<std::uint64_t>(entry.shape[d] - 1);
        if (!multiply(step, static_cast<std::uint64_t>(entry.strides[d])) || !add(last, step)) return false;
    }
    return true;
}

bool is_empty(const TensorEntry& entry) {
    return std::find(entry.shape.begin(), entry.shape.end(), 0) != entry.shape.end();
}

bool is_contiguous(const TensorEntry& entry) {
    std::int64_t expected = 1;
    for (std::size_t d = entry.shape.size(); d-- > 0;) {
        if (entry.shape[d] != 1 && entry.strides[d] != expected) return false;
        expected *= entry.shape[d];
    }
    return true;
}

// Copies one element after another, the last index running fastest. `from` is the tensor's first element.
void gather(const TensorEntry& entry, const std::byte* from, std::byte* to) {
    const std::size_t element = element_size(entry.dtype);
    const std::size_t rank = entry.shape.size();
    std::vector<std::int64_t> index(rank, 0);
    std::int64_t position = 0;
    for (std::int64_t left = entry.element_count(); left > 0; --left) {
        std::memcpy(to, from + static_cast<std::size_t>(position) * element, element);
        to += element;
        for (std::size_t d = rank; d-- > 0;) {
            if (++index[d] < entry.shape[d]) {
                position += entry.strides[d];
                break;
            }
            position -= (entry.shape[d] - 1) * entry.strides[d];
            index[d] = 0;
        }
    }
}

}  // namespace

std::size_t element_size(DType dtype) {
    switch (dtype) {
        case DType::u8:
        case DType::i8:
        case DType::boolean:
            return 1;
        case DType::f16:
        case DType::bf16:
        case DType::i16:
            return 2;
        case DType::f32:
        case DType::i32:
            return 4;
        case DType::f64:
        case DType::i64:
            return 8;
    }
    return 1;
}

const char* dtype_name(DType dtype) {
    constexpr const char* names[] = {"f16", "bf16", "f32", "f64", "u8", "i8", "i16", "i32", "i64", "bool"};
    return names[static_cast<int>(dtype)];
}

std::int64_t TensorEntry::element_count() const {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    return count;
}

std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size());
    std::uint64_t step = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
        strides[d] = static_cast<std::int64_t>(std::min(step, largest));
        if (!multiply(step, static_cast<std::uint64_t>(shape[d]))) step = largest;
    }
    return strides;
}

std::string layout_fault(const TensorEntry& entry) {
    if (entry.shape.size() > most_dimensions) return "has too many dimensions";
    if (entry.strides.size() != entry.shape.size()) return "has not as many strides as dimensions";
    std::uint64_t bytes = element_size(entry.dtype);
    for (std::size_t d = 0; d < entry.shape.size(); ++d) {
        if (entry.shape[d] < 0) return "has a negative size";
        if (entry.strides[d] < 0) return "has a negative stride";
        // Empty dimensions count as one, so that products over some of the dimensions cannot overflow either.
        const auto extent = static_cast<std::uint64_t>(std::max<std::int64_t>(entry.shape[d], 1));
        if (!multiply(bytes, extent)) return "claims an impossible size";
    }
    if (is_empty(entry)) return {};
    std::uint64_t end = 0;
    if (!last_element(entry, end) || !add(end, entry.first_element) || !add(end, 1) ||
        !multiply(end, element_size(entry.dtype)) || end > entry.storage_size)
        return "reaches beyond its storage";
    return {};
}

std::uint64_t span_bytes(const TensorEntry& entry) {
    std::uint64_t last = 0;
    if (is_empty(entry) || !last_element(entry, last)) return 0;
    return (last + 1) * element_size(entry.dtype);
}

std::vector<std::byte> read_values(const ByteSource& source, const TensorEntry& entry) {
    std::vector<std::byte> values(entry.byte_count());
    if (is_empty(entry)) return values;
    const std::uint64_t begin = entry.storage_begin + entry.first_element * element_size(entry.dtype);
    if (is_contiguous(entry)) {
        source.read(begin, values.size(), values.data());
    } else {
        const std::vector<unsigned char> span =
            source.read(begin, static_cast<std::size_t>(span_bytes(entry)));
        gather(entry, reinterpret_cast<const std::byte*>(span.data()), values.data());
    }
    // A byte other than 0 and 1 is not a value of bool.
    if (entry.dtype == DType::boolean)
        for (std::byte& value : values) value = std::byte{value != std::byte{0}};
    return values;
}

}  // namespace landseam::sam
