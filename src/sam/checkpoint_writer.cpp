#include "landseam/sam/checkpoint_writer.h"

#include "landseam/core/error.h"

#include "sam/little_endian.h"
#include "sam/whole_file.h"
#include "sam/zip_archive.h"

#include <cerrno>
#include <cstring>

namespace landseam::sam {
namespace {

std::size_t byte_count(const TensorToWrite& tensor) {
    std::size_t count = element_size(tensor.dtype);
    for (const std::int64_t side : tensor.shape) count *= static_cast<std::size_t>(side);
    return count;
}

std::int64_t element_count(const TensorToWrite& tensor) {
    return static_cast<std::int64_t>(byte_count(tensor) / element_size(tensor.dtype));
}

void write(WholeFile& file, const std::string& bytes) {
    file.write(bytes.data(), bytes.size());
}

void keep(WholeFile& file, const std::string& path) {
    if (file.keep(/*durably=*/true)) return;
    const ErrorKind kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::passing : ErrorKind::failed;
    throw Error(path, std::string("cannot be written: ") + std::strerror(errno),
                "choose a folder that exists, may be written to and has room", kind);
}

// ---- safetensors ----

std::string json_text(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            result += std::string("\\u00") + digits[c >> 4] + digits[c & 15];
        } else {
            result += c;
        }
    }
    return result + "\"";
}

const char* safetensors_type(DType dtype) {
    switch (dtype) {
        case DType::f16:
            return "F16";
        case DType::bf16:
            return "BF16";
        case DType::f32:
            return "F32";
        case DType::f64:
            return "F64";
        case DType::u8:
            return "U8";
        case DType::i8:
            return "I8";
        case DType::i16:
            return "I16";
        case DType::i32:
            return "I32";
        case DType::i64:
            return "I64";
        case DType::boolean:
            return "BOOL";
    }
    return "";
}

std::string safetensors_header(const std::vector<TensorToWrite>& tensors,
                               const std::map<std::string, std::string>& metadata) {
    std::string json = "{";
    if (!metadata.empty()) {
        json += "\"__metadata__\":{";
        for (const auto& [key, value] : metadata)
            json += (json.back() == '{' ? "" : ",") + json_text(key) + ":" + json_text(value);
        json += "}";
    }
    std::size_t begin = 0;
    for (const TensorToWrite& tensor : tensors) {
        const std::size_t end = begin + byte_count(tensor);
        std::string shape;
        for (const std::int64_t side : tensor.shape)
            shape += (shape.empty() ? "" : ",") + std::to_string(side);
        json += (json.size() == 1 ? "" : ",") + json_text(tensor.name) + ":{\"dtype\":\"" +
                safetensors_type(tensor.dtype) + "\",\"shape\":[" + shape + "],\"data_offsets\":[" +
                std::to_string(begin) + "," + std::to_string(end) + "]}";
        begin = end;
    }
    json += "}";
    while (json.size() % 8 != 0) json += ' ';
    return little_endian<std::uint64_t>(json.size()) + json;
}

// ---- torch.save ----

const char* storage_class(DType dtype) {
    switch (dtype) {
        case DType::f16:
            return "HalfStorage";
        case DType::bf16:
            return "BFloat16Storage";
        case DType::f32:
            return "FloatStorage";
        case DType::f64:
            return "DoubleStorage";
        case DType::u8:
            return "ByteStorage";
        case DType::i8:
            return "CharStorage";
        case DType::i16:
            return "ShortStorage";
        case DType::i32:
            return "IntStorage";
        case DType::i64:
            return "LongStorage";
        case DType::boolean:
            return "BoolStorage";
    }
    return "";
}

// Pickle protocol 2: https://docs.python.org/3/library/pickletools.html.
std::string pickled(const std::string& text) {
    return "X" + little_endian(static_cast<std::uint32_t>(text.size())) + text;
}
std::string pickled(std::int64_t value) {
    if (value >= 0 && value < 256) return "K" + little_endian(static_cast<std::uint8_t>(value));
    return std::string("\x8a\x08") + little_endian(value);
}
std::string pickled(const std::vector<std::int64_t>& values) {
    std::string result = "(";
    for (const std::int64_t value : values) result += pickled(value);
    return result + "t";
}
std::string pickled_global(const std::string& module, const std::string& name) {
    return "c" + module + "\n" + name + "\n";
}
std::string pickled_ordered_dict() {
    return pickled_global("collections", "OrderedDict") + ")R";
}

// torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)
std::string pickled_tensor(const TensorToWrite& tensor, std::size_t storage) {
    std::vector<std::int64_t> strides(tensor.shape.size(), 1);
    for (std::size_t i = strides.size(); i > 1; --i) strides[i - 2] = strides[i - 1] * tensor.shape[i - 1];
    const std::string id = "(" + pickled(std::string("storage")) +
                           pickled_global("torch", storage_class(tensor.dtype)) +
                           pickled(std::to_string(storage)) + pickled(std::string("cpu")) +
                           pickled(element_count(tensor)) + "tQ";
    return pickled_global("torch._utils", "_rebuild_tensor_v2") + "(" + id + pickled(std::int64_t{0}) +
           pickled(tensor.shape) + pickled(strides) + "\x89" + pickled_ordered_dict() + "tR";
}

std::string pickled_state_dict(const std::vector<TensorToWrite>& tensors) {
    std::string pickle = "\x80\x02" + pickled_ordered_dict() + "(";
    for (std::size_t i = 0; i < tensors.size(); ++i)
        pickle += pickled(tensors[i].name) + pickled_tensor(tensors[i], i);
    return pickle + "u.";
}

// Records one after another, stored as they are, each beginning at a multiple of 64 as torch.save has them.
class ZipWriter {
public:
    explicit ZipWriter(WholeFile& file) : file_(file) {}

    void add(const std::string& name, const void* data, std::size_t size) {
        const Record record{name, at_, static_cast<std::uint32_t>(size), crc32(data, size)};
        const std::size_t unpadded = at_ + 30 + name.size() + 4;
        const auto padding = static_cast<std::uint16_t>((64 - unpadded % 64) % 64);
        put("PK\x03\x04" + sizes(record, static_cast<std::uint16_t>(padding + 4)) + name + "FB" +
            little_endian(padding) + std::string(padding, 'Z'));
        file_.write(data, size);
        at_ += size;
        records_.push_back(record);
    }

    void finish() {
        const std::size_t directory = at_;
        for (const Record& record : records_)
            put(std::string("PK\x01\x02\0\0", 6) + sizes(record, 0) + std::string(10, '\0') +
                little_endian(static_cast<std::uint32_t>(record.begin)) + record.name);
        const auto count = little_endian(static_cast<std::uint16_t>(records_.size()));
        put(std::string("PK\x05\x06\0\0\0\0", 8) + count + count +
            little_endian(static_cast<std::uint32_t>(at_ - directory)) +
            little_endian(static_cast<std::uint32_t>(directory)) + std::string(2, '\0'));
    }

    // A zip archive without 64-bit fields ends here.
    static constexpr std::size_t largest = 0xfff00000;

private:
    struct Record {
        std::string name;
        std::size_t begin;
        std::uint32_t size, checksum;
    };

    // From the version needed to the length of the extra field.
    static std::string sizes(const Record& record, std::uint16_t extra) {
        return std::string(10, '\0') + little_endian(record.checksum) + little_endian(record.size) +
               little_endian(record.size) + little_endian(static_cast<std::uint16_t>(record.name.size())) +
               little_endian(extra);
    }

    void put(const std::string& bytes) {
        file_.write(bytes.data(), bytes.size());
        at_ += bytes.size();
    }

    WholeFile& file_;
    std::size_t at_ = 0;
    std::vector<Record> records_;
};

}  // namespace

void write_safetensors(const std::string& path, const std::vector<TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    WholeFile file(path);
    write(file, safetensors_header(tensors, metadata));
    for (const TensorToWrite& tensor : tensors) file.write(tensor.data, byte_count(tensor));
    keep(file, path);
}

void write_torch_archive(const std::string& path, const std::vector<TensorToWrite>& tensors) {
    std::size_t total = 0;
    for (const TensorToWrite& tensor : tensors) total += byte_count(tensor) + 1024;
    if (total > ZipWriter::largest)
        throw Error(path, "a .pth file of more than 4 GB is not written", "write .safetensors instead");
    WholeFile file(path);
    ZipWriter zip(file);
    const std::string pickle = pickled_state_dict(tensors);
    zip.add("archive/data.pkl", pickle.data(), pickle.size());
    for (std::size_t i = 0; i < tensors.size(); ++i)
        zip.add("archive/data/" + std::to_string(i), tensors[i].data, byte_count(tensors[i]));
    zip.add("archive/version", "3\n", 2);
    zip.finish();
    keep(file, path);
}

}  // namespace landseam::sam
