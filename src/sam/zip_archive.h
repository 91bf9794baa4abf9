// The directory of a zip archive (PKWARE APPNOTE 6.3, with zip64). torch.save stores its records
// uncompressed; others are listed here but cannot be read.
#pragma once

#include "sam/byte_source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::sam {

struct ZipRecord {
    std::string name;
    std::uint64_t begin = 0;  // of its bytes in the file
    std::uint64_t size = 0;
    std::uint32_t checksum = 0;  // CRC-32 of its bytes
    bool stored = true;          // neither compressed nor encrypted
};

class ZipArchive {
public:
    // Throws Error unless every record lies inside the file, none overlaps another, and no name appears
    // twice. Contents are not looked at.
    static ZipArchive read(const ByteSource& source);

    // Sorted by name.
    const std::vector<ZipRecord>& records() const { return records_; }

    // nullptr if there is no such record.
    const ZipRecord* find(const std::string& name) const;

private:
    std::vector<ZipRecord> records_;
};

// Throws Error if the record's bytes do not have its checksum. Holds a fixed small part of them at a time.
void verify_checksum(const ByteSource& source, const ZipRecord& record);

// CRC-32 as zip uses it, of `size` bytes that follow those with CRC-32 `before`.
std::uint32_t crc32(const void* data, std::size_t size, std::uint32_t before = 0);

}  // namespace landseam::sam
