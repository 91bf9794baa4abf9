#include "output/gdal_session.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::output {
namespace {

using ::testing::HasSubstr;

// There is room again by the time that these are told.
TEST(WriteError, IsPassingWhereTheReasonTellsOfAFullDisk) {
    const std::string path = std::filesystem::temp_directory_path() / "town.gpkg";
    for (const char* reason :
         {"the end: sqlite3_exec(COMMIT) failed: database or disk is full",
          "feature 7: could not extend file \"base/16384/16411\": No space left on device"}) {
        const Error error = write_error(path, reason);
        EXPECT_EQ(error.kind(), ErrorKind::passing) << reason;
        EXPECT_THAT(error.what(), HasSubstr("the disk is full; free some space"));
    }
}

TEST(WriteError, IsLastingOtherwise) {
    const Error error =
        write_error(std::filesystem::temp_directory_path() / "town.gpkg", "the layer: no such driver");
    EXPECT_NE(error.kind(), ErrorKind::passing);
    EXPECT_THAT(error.what(), HasSubstr("cannot be written: the layer: no such driver"));
}

}  // namespace
}  // namespace landseam::output
