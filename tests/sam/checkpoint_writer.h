// Writes weights files byte by byte, right ones and wrong ones, for the tests and the fuzzers' seeds.
#pragma once

#include "sam/little_endian.h"
#include "sam/zip_archive.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace landseam::sam::test {

// The bytes of the values, as they lie in a storage.
template <class Number>
std::string bytes_of(const std::vector<Number>& values) {
    std::string bytes(values.size() * sizeof(Number), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

inline std::string u8(unsigned value) {
    return std::string(1, static_cast<char>(value));
}

// A pickle of protocol 2, opcode by opcode.
class PickleWriter {
public:
    PickleWriter() { raw("\x80\x02"); }

    PickleWriter& raw(const std::string& bytes) {
        bytes_ += bytes;
        return *this;
    }
    PickleWriter& text(const std::string& value) {
        return raw("X" + little_endian(static_cast<std::uint32_t>(value.size())) + value);
    }
    PickleWriter& integer(std::int64_t value) {
        if (value >= 0 && value < 256) return raw("K" + u8(static_cast<unsigned>(value)));
        return raw(u8(0x8a) + u8(8) + little_endian(value));
    }
    PickleWriter& integers(const std::vector<std::int64_t>& values) {
        raw("(");
        for (const std::int64_t value : values) integer(value);
        return raw("t");
    }
    PickleWriter& global(const std::string& module, const std::string& name) {
        return raw("c" + module + "\n" + name + "\n");
    }
    PickleWriter& ordered_dict() { return global("collections", "OrderedDict").raw(")R"); }

    // The persistent id of a storage.
    PickleWriter& storage(const std::string& storage_class, const std::string& key, std::int64_t count,
                          const std::string& location = "cpu") {
        raw("(").text("storage").global("torch", storage_class).text(key).text(location).integer(count);
        return raw("tQ");
    }
    PickleWriter& tensor(const std::string& storage_class, const std::string& key, std::int64_t count,
                         std::int64_t offset, const std::vector<std::int64_t>& shape,
                         const std::vector<std::int64_t>& strides, const std::string& location = "cpu") {
        global("torch._utils", "_rebuild_tensor_v2").raw("(").storage(storage_class, key, count, location);
        integer(offset).integers(shape).integers(strides).raw(u8(0x89));
        return ordered_dict().raw("tR");
    }

    std::string stop() const { return bytes_ + "."; }

private:
    std::string bytes_;
};

// What to write differently from torch.save.
struct ZipFaults {
    std::uint16_t method = 0;
    std::uint16_t flags = 0;
    std::uint32_t checksum_error = 0;
    std::uint64_t claimed_extra = 0;  // added to the sizes in the directory
    std::int64_t header_shift = 0;    // added to the position in the directory
};

class ZipWriter {
public:
    ZipWriter& add(const std::string& name, const std::string& data, const ZipFaults& faults = {}) {
        Record record{name, bytes_.size(), data.size(), crc32(data.data(), data.size()), faults};
        bytes_ += little_endian<std::uint32_t>(0x04034b50) + sizes_and_names(record, padding);
        bytes_ += name + std::string(padding, 'Z') + data;
        records_.push_back(record);
        return *this;
    }

    // `zip64`: sizes and positions in the 64-bit fields, as for files of more than 4 GB.
    std::string finish(bool zip64 = false) const {
        std::string directory;
        for (const Record& record : records_) directory += central_header(record, zip64);
        std::string file = bytes_ + directory;
        const std::uint64_t count = records_.size();
        if (zip64) {
            const std::uint64_t end = file.size();
            file += little_endian<std::uint32_t>(0x06064b50) + little_endian<std::uint64_t>(44) +
                    std::string("\x2d\0\x2d\0", 4) + std::string(8, '\0') + little_endian(count) +
                    little_endian(count) + little_endian<std::uint64_t>(directory.size()) +
                    little_endian<std::uint64_t>(bytes_.size());
            file += little_endian<std::uint32_t>(0x07064b50) + std::string(4, '\0') + little_endian(end) +
                    little_endian<std::uint32_t>(1);
        }
        const auto small = [&](std::uint64_t value) {
            return little_endian(zip64 ? 0xffffffffu : static_cast<std::uint32_t>(value));
        };
        const std::string counted = zip64 ? "\xff\xff" : little_endian(static_cast<std::uint16_t>(count));
        return file + little_endian<std::uint32_t>(0x06054b50) + std::string(4, '\0') + counted + counted +
               small(directory.size()) + small(bytes_.size()) + std::string(2, '\0');
    }

private:
    struct Record {
        std::string name;
        std::uint64_t begin, size;
        std::uint32_t checksum;
        ZipFaults faults;
    };
    static constexpr std::uint16_t padding = 5;  // torch pads with an extra field too

    static std::string sizes_and_names(const Record& r, std::uint16_t extra, bool zip64 = false) {
        const auto size = static_cast<std::uint32_t>(zip64 ? 0xffffffff : r.size + r.faults.claimed_extra);
        return std::string("\x14\0", 2) + little_endian(r.faults.flags) + little_endian(r.faults.method) +
               std::string(4, '\0') + little_endian(r.checksum + r.faults.checksum_error) +
               little_endian(size) + little_endian(size) +
               little_endian(static_cast<std::uint16_t>(r.name.size())) + little_endian(extra);
    }

    static std::string central_header(const Record& r, bool zip64) {
        const std::uint64_t size = r.size + r.faults.claimed_extra;
        const std::uint64_t begin = r.begin + static_cast<std::uint64_t>(r.faults.header_shift);
        std::string extra;
        if (zip64)
            extra = std::string("\x01\0\x18\0", 4) + little_endian(size) + little_endian(size) +
                    little_endian(begin);
        return little_endian<std::uint32_t>(0x02014b50) + std::string("\x14\0", 2) +
               sizes_and_names(r, static_cast<std::uint16_t>(extra.size()), zip64) + std::string(10, '\0') +
               little_endian(zip64 ? 0xffffffffu : static_cast<std::uint32_t>(begin)) + r.name + extra;
    }

    std::string bytes_;
    std::vector<Record> records_;
};

// An archive as torch.save makes it, with this pickle and these storages ("0", "1", ...).
inline std::string torch_file(const std::string& pickle, const std::vector<std::string>& storages,
                              bool zip64 = false) {
    ZipWriter zip;
    zip.add("archive/data.pkl", pickle);
    for (std::size_t i = 0; i < storages.size(); ++i)
        zip.add("archive/data/" + std::to_string(i), storages[i]);
    return zip.add("archive/version", "3\n").finish(zip64);
}

inline std::string safetensors_file(const std::string& header, const std::string& data) {
    return little_endian<std::uint64_t>(header.size()) + header + data;
}

}  // namespace landseam::sam::test
