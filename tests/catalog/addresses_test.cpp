#include "landseam/core/error.h"

#include "catalog/stac.h"
#include "support/temporary_folder.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::catalog {
namespace {

using testing::HasSubstr;

TEST(Addresses, RelativeOnesCountFromTheirDocument) {
    EXPECT_EQ(resolve_address("a.tif", "/data/c/item.json"), "/data/c/a.tif");
    EXPECT_EQ(resolve_address("./../a.tif", "/data/c/item.json"), "/data/a.tif");
    EXPECT_EQ(resolve_address("../../../../a.tif", "/data/c/item.json"), "/a.tif");
    EXPECT_EQ(resolve_address("/b/a.tif", "/data/c/item.json"), "/b/a.tif");
    EXPECT_EQ(resolve_address("file:///b/a.tif", "/data/c/item.json"), "/b/a.tif");
    const std::string web = "/vsicurl/https://host.org/data/c/item.json?token=x/y";
    EXPECT_EQ(resolve_address("../a.tif", web), "/vsicurl/https://host.org/data/a.tif");
    EXPECT_EQ(resolve_address("../../../../a.tif", web), "/vsicurl/https://host.org/a.tif");
    EXPECT_EQ(resolve_address("/a.tif", web), "/vsicurl/https://host.org/a.tif");
    EXPECT_EQ(resolve_address("a.tif?sig=1/../2", web), "/vsicurl/https://host.org/data/c/a.tif?sig=1/../2");
    EXPECT_EQ(resolve_address("../../a.tif", "/vsis3/bucket/item.json"), "/vsis3/bucket/a.tif");
}

TEST(Addresses, SchemesBecomeGdalsFileSystems) {
    EXPECT_EQ(resolve_address("http://h/a.tif", "/x.json"), "/vsicurl/http://h/a.tif");
    EXPECT_EQ(resolve_address("s3://bucket/k/a.tif", "/x.json"), "/vsis3/bucket/k/a.tif");
    EXPECT_EQ(resolve_address("gs://bucket/a.tif", "/x.json"), "/vsigs/bucket/a.tif");
    EXPECT_EQ(resolve_address("/vsizip/a.zip/a.tif", "/x.json"), "/vsizip/a.zip/a.tif");
}

TEST(Addresses, OfOneFolderMayHaveEscapes) {
    const test::TemporaryFolder folder;
    std::ofstream(folder / "a b.tif") << "x";
    std::ofstream(folder / "50%25.tif") << "x";
    EXPECT_EQ(resolve_address("a%20b.tif", folder / "item.json"), folder / "a b.tif");
    EXPECT_EQ(resolve_address("50%25.tif", folder / "item.json"),
              folder / "50%25.tif");  // it is there as it stands
}

TEST(Addresses, DocumentsOfOtherMachinesNameNoFilesOfThisOne) {
    const std::string web = "/vsicurl/https://host.org/item.json";
    for (const char* link : {"file:///etc/passwd", "/vsizip/etc.zip/x", "/vsimem/x", "/vsicurl//vsizip/x",
                             "/vsisubfile/0_10,/etc/passwd", "/vsicurl?url=file:///etc/passwd"})
        EXPECT_THROW(resolve_address(link, web), Error) << link;
    EXPECT_EQ(resolve_address("/etc/passwd", web), "/vsicurl/https://host.org/etc/passwd");
}

TEST(Addresses, WhatIsNoneIsRefused) {
    for (const char* link : {"", "<VRTDataset/>", "PG:dbname=x", "ftp://h/a.tif",
                             "data:image/png;base64,AAAA", "a\nb", "HDF5:x.h5://b"})
        EXPECT_THROW(resolve_address(link, "/x.json"), Error) << link;
    EXPECT_THROW(resolve_address(std::string(10000, 'a'), "/x.json"), Error);
}

}  // namespace
}  // namespace landseam::catalog
