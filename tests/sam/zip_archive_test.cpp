#include "sam/zip_archive.h"

#include "landseam/core/error.h"

#include "sam/checkpoint_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::ZipFaults;
using test::ZipWriter;
using ::testing::HasSubstr;

ZipArchive read(const std::string& bytes) {
    return ZipArchive::read(*ByteSource::memory(bytes.data(), bytes.size(), "a.zip"));
}

std::string error_of(const std::string& bytes) {
    try {
        read(bytes);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

std::string faulty(const ZipFaults& faults, bool zip64 = false) {
    return ZipWriter().add("first", "12345678").add("second", "abcdefgh", faults).finish(zip64);
}

TEST(ZipArchive, FindsRecordsBySortedNameAndTheirBytes) {
    const std::string bytes = ZipWriter().add("b", "second").add("a", "").add("c", "third").finish();
    const ZipArchive archive = read(bytes);
    ASSERT_EQ(archive.records().size(), 3u);
    EXPECT_EQ(archive.records()[0].name, "a");
    const ZipRecord* record = archive.find("c");
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(bytes.substr(record->begin, record->size), "third");
    EXPECT_EQ(archive.find("d"), nullptr);
}

TEST(ZipArchive, IsFoundBeforeAComment) {
    std::string bytes = ZipWriter().add("a", "text").finish();
    bytes[bytes.size() - 2] = 3;
    EXPECT_NE(read(bytes + "hey").find("a"), nullptr);
}

TEST(ZipArchive, ComputesTheStandardCheckValueOfCrc32) {
    EXPECT_EQ(crc32("123456789", 9), 0xcbf43926u);
    EXPECT_EQ(crc32("89", 2, crc32("1234567", 7)), 0xcbf43926u);
    EXPECT_EQ(crc32("", 0), 0u);
}

TEST(ZipArchive, NoticesChangedBytes) {
    std::string bytes = ZipWriter().add("a", "text").finish();
    const ZipArchive archive = read(bytes);
    const auto source = ByteSource::memory(bytes.data(), bytes.size(), "a.zip");
    EXPECT_NO_THROW(verify_checksum(*source, archive.records()[0]));
    bytes[archive.records()[0].begin] ^= 1;
    EXPECT_THROW(verify_checksum(*source, archive.records()[0]), Error);
}

TEST(ZipArchive, TellsCompressedAndEncryptedRecordsFromStoredOnes) {
    ZipFaults compressed, encrypted;
    compressed.method = 8;
    encrypted.flags = 1;
    for (const ZipFaults& faults : {compressed, encrypted}) {
        const ZipArchive archive = read(faulty(faults));
        EXPECT_TRUE(archive.find("first")->stored);
        EXPECT_FALSE(archive.find("second")->stored);
    }
}

TEST(ZipArchive, RefusesRecordsThatClaimMoreThanTheFileHolds) {
    for (const std::uint64_t claim :
         {std::uint64_t{1}, std::uint64_t{1} << 32, (std::uint64_t{1} << 63) - 8, ~std::uint64_t{0} - 60}) {
        ZipFaults faults;
        faults.claimed_extra = claim;
        EXPECT_THAT(error_of(faulty(faults, true)), HasSubstr("outside the file 'second'")) << claim;
    }
}

TEST(ZipArchive, RefusesRecordsWhoseHeaderIsElsewhere) {
    for (const std::int64_t shift : {std::int64_t{1}, std::int64_t{1000}, std::int64_t{1} << 62}) {
        ZipFaults faults;
        faults.header_shift = shift;
        EXPECT_THAT(error_of(faulty(faults, true)), HasSubstr("second")) << shift;
    }
}

TEST(ZipArchive, RefusesRecordsThatShareBytes) {
    ZipFaults same_place;
    same_place.header_shift = -48;  // the first record: 30 + 5 + 5 + 8 bytes before
    EXPECT_THAT(error_of(faulty(same_place)), HasSubstr("overlap"));
}

TEST(ZipArchive, RefusesNamesThatComeTwiceOrContainNul) {
    EXPECT_THAT(error_of(ZipWriter().add("a", "1").add("a", "2").finish()),
                HasSubstr("the record 'a' twice"));
    EXPECT_THAT(error_of(ZipWriter().add(std::string("a\0b", 3), "1").finish()),
                HasSubstr("NUL in its name 'a?b'"));
}

TEST(ZipArchive, RefusesAFileCutAnywhere) {
    for (const bool zip64 : {false, true}) {
        const std::string whole =
            ZipWriter().add("first", "12345678").add("second", "abcdefgh").finish(zip64);
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("a.zip")) << length;
    }
}

TEST(ZipArchive, RefusesDirectoriesWithWrongCounts) {
    std::string bytes = ZipWriter().add("first", "12345678").finish();
    bytes[bytes.size() - 12] = 2;  // the number of records
    EXPECT_THAT(error_of(bytes), HasSubstr("records missing"));
}

TEST(ZipArchive, RefusesPartsOfAnArchiveInSeveralFiles) {
    std::string bytes = ZipWriter().add("first", "12345678").finish();
    bytes[bytes.size() - 18] = 1;  // the number of this part
    EXPECT_THAT(error_of(bytes), HasSubstr("several files"));
}

}  // namespace
}  // namespace landseam::sam
