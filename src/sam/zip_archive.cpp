#include "sam/zip_archive.h"

#include "landseam/core/error.h"

#include "sam/little_endian.h"

#include <algorithm>
#include <array>

namespace landseam::sam {
namespace {

constexpr std::size_t end_record_size = 22;
constexpr std::size_t zip64_locator_size = 20;
constexpr std::size_t zip64_end_record_size = 56;
constexpr std::size_t central_header_size = 46;
constexpr std::size_t local_header_size = 30;
constexpr std::uint32_t end_record_mark = 0x06054b50;
constexpr std::uint32_t zip64_locator_mark = 0x07064b50;
constexpr std::uint32_t zip64_end_record_mark = 0x06064b50;
constexpr std::uint32_t central_header_mark = 0x02014b50;
constexpr std::uint32_t local_header_mark = 0x04034b50;

// A model of 600 tensors has a directory of some 100 kB.
constexpr std::uint64_t largest_directory = 16u << 20;

[[noreturn]] void fail(const ByteSource& source, const std::string& cause) {
    throw Error(source.name(), cause, "the file is damaged or cut short: download or copy it again");
}

struct Directory {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t records = 0;
};

// Records begin anywhere before their directory; the end record and its comment come last.
std::uint64_t find_end_record(const ByteSource& source) {
    const std::size_t longest_tail = end_record_size + 0xffff;
    const auto tail_size = static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), longest_tail));
    const std::vector<unsigned char> tail = source.read(source.size() - tail_size, tail_size);
    for (std::size_t left = end_record_size; left <= tail_size; ++left) {
        const unsigned char* p = tail.data() + tail_size - left;
        if (get_u32(p) == end_record_mark && get_u16(p + 20) == left - end_record_size)
            return source.size() - left;
    }
    fail(source, "is a zip archive without the directory that belongs at its end");
}

Directory find_directory(const ByteSource& source) {
    std::uint64_t end = find_end_record(source);
    const std::vector<unsigned char> record = source.read(end, end_record_size);
    bool one_disk = get_u16(&record[4]) == 0 && get_u16(&record[6]) == 0;
    Directory directory{get_u32(&record[16]), get_u32(&record[12]), get_u16(&record[10])};

    const bool has_zip64 =
        directory.begin == 0xffffffff || directory.size == 0xffffffff || directory.records == 0xffff;
    if (has_zip64 && end >= zip64_locator_size) {
        const std::vector<unsigned char> locator = source.read(end - zip64_locator_size, zip64_locator_size);
        if (get_u32(&locator[0]) == zip64_locator_mark) {
            end = get_u64(&locator[8]);
            if (!source.contains(end, zip64_end_record_size))
                fail(source, "has a zip directory outside the file");
            const std::vector<unsigned char> big = source.read(end, zip64_end_record_size);
            if (get_u32(&big[0]) != zip64_end_record_mark) fail(source, "has a broken zip64 directory");
            one_disk = get_u32(&big[16]) == 0 && get_u32(&big[20]) == 0;
            directory = {get_u64(&big[48]), get_u64(&big[40]), get_u64(&big[32])};
        }
    }
    if (!one_disk)
        throw Error(source.name(), "is one part of a zip archive in several files",
                    "join the parts into one file");
    if (!source.contains(directory.begin, directory.size) || directory.begin + directory.size > end)
        fail(source, "has a zip directory outside the file");
    if (directory.size > largest_directory)
        throw Error(source.name(), "has a zip directory of " + std::to_string(directory.size) + " bytes",
                    "a weights file has a small one: save the weights alone with "
                    "torch.save(model.state_dict(), path)");
    return directory;
}

struct CentralHeader {
    ZipRecord record;  // all but `begin`
    std::uint64_t local_header = 0;
    std::size_t length = 0;  // of the header in the directory
};

// Sizes and position that do not fit 32 bits stand in the extra field 1, in this order, and only those.
bool read_zip64_field(const unsigned char* extra, std::size_t size, std::array<std::uint64_t*, 3> values) {
    while (size >= 4) {
        const std::size_t id = get_u16(extra);
        const std::size_t length = get_u16(extra + 2);
        if (length > size - 4) return false;
        if (id == 1) {
            std::size_t at = 0;
            for (std::uint64_t* value : values) {
                if (*value != 0xffffffff) continue;
                if (length - at < 8) return false;
                *value = get_u64(extra + 4 + at);
                at += 8;
            }
            return true;
        }
        extra += 4 + length;
        size -= 4 + length;
    }
    return false;
}

CentralHeader read_central_header(const ByteSource& source, const unsigned char* p, std::size_t left) {
    if (left < central_header_size || get_u32(p) != central_header_mark)
        fail(source, "has a broken zip directory");
    const std::size_t name_size = get_u16(p + 28);
    const std::size_t extra_size = get_u16(p + 30);
    CentralHeader header;
    header.length = central_header_size + name_size + extra_size + get_u16(p + 32);
    if (header.length > left) fail(source, "has a broken zip directory");

    header.record.name.assign(reinterpret_cast<const char*>(p) + central_header_size, name_size);
    const std::string shown = "'" + printable(header.record.name) + "'";
    if (header.record.name.find('\0') != std::string::npos)
        fail(source, "has a record with NUL in its name " + shown);
    const bool encrypted = get_u16(p + 8) & 1;
    header.record.stored = get_u16(p + 10) == 0 && !encrypted;
    header.record.checksum = get_u32(p + 16);
    header.record.size = get_u32(p + 20);
    std::uint64_t unpacked_size = get_u32(p + 24);
    header.local_header = get_u32(p + 42);
    const bool needs_zip64 =
        unpacked_size == 0xffffffff || header.record.size == 0xffffffff || header.local_header == 0xffffffff;
    if (needs_zip64 && !read_zip64_field(p + central_header_size + name_size, extra_size,
                                         {&unpacked_size, &header.record.size, &header.local_header}))
        fail(source, "has a broken zip64 record " + shown);
    if (header.record.stored && unpacked_size != header.record.size)
        fail(source, "has a record with two sizes " + shown);
    return header;
}

// The local header has lengths of its own for name and extra field (torch pads the latter to align the data).
std::uint64_t data_begin(const ByteSource& source, const CentralHeader& header, std::uint64_t limit) {
    const std::string shown = "'" + printable(header.record.name) + "'";
    if (!source.contains(header.local_header, local_header_size))
        fail(source, "has a record outside the file " + shown);
    unsigned char local[local_header_size];
    source.read(header.local_header, sizeof local, local);
    if (get_u32(local) != local_header_mark) fail(source, "has a record without header " + shown);
    const std::uint64_t begin =
        header.local_header + local_header_size + get_u16(local + 26) + get_u16(local + 28);
    if (begin > limit || header.record.size > limit - begin)
        fail(source, "has a record outside the file " + shown);
    return begin;
}

}  // namespace

ZipArchive ZipArchive::read(const ByteSource& source) {
    const Directory directory = find_directory(source);
    const std::vector<unsigned char> bytes =
        source.read(directory.begin, static_cast<std::size_t>(directory.size));

    ZipArchive archive;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;  // header and data of each record
    for (std::size_t at = 0; at < bytes.size();) {
        CentralHeader header = read_central_header(source, bytes.data() + at, bytes.size() - at);
        header.record.begin = data_begin(source, header, directory.begin);
        extents.emplace_back(header.local_header, header.record.begin + header.record.size);
        at += header.length;
        archive.records_.push_back(std::move(header.record));
    }
    if (archive.records_.size() != directory.records)
        fail(source, "has a zip directory with records missing");

    // Records that share bytes would let a small file claim to be a large one.
    std::sort(extents.begin(), extents.end());
    for (std::size_t i = 1; i < extents.size(); ++i)
        if (extents[i].first < extents[i - 1].second) fail(source, "has zip records that overlap");

    auto by_name = [](const ZipRecord& a, const ZipRecord& b) { return a.name < b.name; };
    std::sort(archive.records_.begin(), archive.records_.end(), by_name);
    for (std::size_t i = 1; i < archive.records_.size(); ++i)
        if (archive.records_[i].name == archive.records_[i - 1].name)
            fail(source, "has the record '" + printable(archive.records_[i].name) + "' twice");
    return archive;
}

const ZipRecord* ZipArchive::find(const std::string& name) const {
    const auto it =
        std::lower_bound(records_.begin(), records_.end(), name,
                         [](const ZipRecord& record, const std::string& n) { return record.name < n; });
    return it != records_.end() && it->name == name ? &*it : nullptr;
}

void verify_checksum(const ByteSource& source, const ZipRecord& record) {
    std::vector<unsigned char> piece(
        static_cast<std::size_t>(std::min<std::uint64_t>(record.size, 1u << 18)));
    std::uint32_t checksum = 0;
    for (std::uint64_t done = 0; done < record.size;) {
        const auto length =
            static_cast<std::size_t>(std::min<std::uint64_t>(record.size - done, piece.size()));
        source.read(record.begin + done, length, piece.data());
        checksum = crc32(piece.data(), length, checksum);
        done += length;
    }
    if (checksum != record.checksum)
        fail(source, "has a record '" + printable(record.name) + "' that does not match its checksum");
}

namespace {

// tables[k][b]: what the byte b does to the remainder when k more bytes follow it ("slicing by 8").
std::array<std::array<std::uint32_t, 256>, 8> make_crc_tables() {
    std::array<std::array<std::uint32_t, 256>, 8> tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t remainder = byte;
        for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320u : 0u);
        tables[0][byte] = remainder;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t byte = 0; byte < 256; ++byte)
            tables[k][byte] = tables[k - 1][byte] >> 8 ^ tables[0][tables[k - 1][byte] & 0xff];
    return tables;
}

}  // namespace

std::uint32_t crc32(const void* data, std::size_t size, std::uint32_t before) {
    static const auto tables = make_crc_tables();
    const auto* p = static_cast<const unsigned char*>(data);
    std::uint32_t remainder = ~before;
    for (; size >= 8; size -= 8, p += 8) {
        const std::uint32_t low = remainder ^ get_u32(p);
        const std::uint32_t high = get_u32(p + 4);
        remainder = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
                    tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
                    tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
    for (; size > 0; --size, ++p) remainder = remainder >> 8 ^ tables[0][(remainder ^ *p) & 0xff];
    return ~remainder;
}

}  // namespace landseam::sam
