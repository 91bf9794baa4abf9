#include "catalog/stac.h"

#include "landseam/core/error.h"

#include "support/shared_data.h"
#include "support/temporary_folder.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
    std::vector<Candidate> items;
    std::vector<LeftOut> left_out;
    DocumentLinks links;
};

Read read(const std::string& text) {
    Read result;
    std::istringstream stream(text);
    result.links = read_document(
        stream, "/c/doc.json", [&](Candidate c) { result.items.push_back(std::move(c)); },
        [&](LeftOut l) { result.left_out.push_back(std::move(l)); });
    return result;
}

std::string failure(const std::string& text) {
    try {
        read(text);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

const std::string item_1_1 =
    R"({"type": "Feature", "stac_version": "1.1.0", "id": "a", "collection": "c", "bbox": [1, 2, 3, 4],
  "geometry": null, "links": [{"rel": "self", "href": "https://h/a.json"}],
  "properties": {"datetime": "2020-12-14T18:02:31.4Z", "eo:cloud_cover": 1.2, "updated": "2021-01-01T00:00:00Z"},
  "assets": {"B04": {"href": "B04.tif", "type": "image/tiff", "roles": ["data"], "file:size": 77, "proj:shape": [20, 30],
     "bands": [{"name": "B04", "eo:common_name": "red", "eo:center_wavelength": 0.665}]}}})";

TEST(Stac, AnItemOfVersion11TellsAllThatIsKnown) {
    const Read got = read(item_1_1);
    ASSERT_EQ(got.items.size(), 1u);
    const Candidate& item = got.items.front();
    EXPECT_EQ(item.scene.id, "a");
    EXPECT_EQ(item.scene.collection, "c");
    EXPECT_EQ(item.scene.datetime, "2020-12-14T18:02:31Z");
    EXPECT_EQ(item.scene.description, "https://h/a.json");
    EXPECT_EQ(item.scene.box, (LonLatBox{1, 2, 3, 4}));
    ASSERT_EQ(item.offered.size(), 1u);
    const OfferedAsset& asset = item.offered.front();
    EXPECT_EQ(asset.asset.path, "/c/B04.tif");
    EXPECT_EQ(asset.bytes, 77);
    EXPECT_EQ(asset.width, 30);
    EXPECT_EQ(asset.height, 20);
    ASSERT_EQ(asset.asset.bands.size(), 1u);
    EXPECT_EQ(asset.asset.bands.front().common_name, "red");
    EXPECT_EQ(asset.asset.bands.front().wavelength_um, 0.665);
}

TEST(Stac, BandsAreReadAsEachVersionWritesThem) {
    const Read v1 = read(R"({"type":"Feature","stac_version":"1.0.0","id":"a","properties":{},"geometry":null,
      "assets":{"x":{"href":"x.tif","eo:bands":[{"name":"B8","common_name":"nir","center_wavelength":0.84}]}}})");
    EXPECT_EQ(v1.items.at(0).offered.at(0).asset.bands.at(0).common_name, "nir");
    // 0.6: the item lists its bands, assets have numbers of them.
    const Read v06 = read(
        R"({"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[[[5,6],[7,6],[7,9],[5,6]]]},
      "properties":{"datetime":"2017-08-31T16:27:40Z","eo:bands":[{"name":"b"},{"name":"r","common_name":"red"}]},
      "assets":{"x":{"href":"x.tif","eo:bands":[1, 9, "no"]}}})");
    ASSERT_EQ(v06.items.at(0).offered.at(0).asset.bands.size(), 1u);
    EXPECT_EQ(v06.items.at(0).offered.at(0).asset.bands.at(0).name, "r");
    EXPECT_EQ(v06.items.at(0).scene.box, (LonLatBox{5, 6, 7, 9}));
    const Read list = read(
        R"({"type":"Feature","id":7,"properties":{},"geometry":null,"assets":[{"name":"x","href":"x.tif"}]})");
    EXPECT_EQ(list.items.at(0).offered.at(0).key, "x");
    EXPECT_EQ(list.items.at(0).scene.id, "7");
}

TEST(Stac, ItemsThatMakeNoSenseAreLeftOutAndOthersStay) {
    const Read got = read(
        R"({"type":"FeatureCollection","features":[)" + item_1_1 +
        R"(, 5, "x", [], {}, {"id":"b"}, {"id":"c","properties":{}}, {"id":"d","properties":{},"assets":{}},
      {"id":"e","properties":{},"assets":{"a":{"href":"ftp://h/a.tif"}}}, {"id":"f","properties":{},"assets":{"a":5,"b":{"href":"b.tif"}}},
      {"id":"g","properties":[],"assets":{}}, {"id":null,"properties":{},"assets":{}}]})");
    std::vector<std::string> kept, left;
    for (const Candidate& item : got.items) kept.push_back(item.scene.id);
    for (const LeftOut& scene : got.left_out) left.push_back(scene.id);
    EXPECT_THAT(kept, ElementsAre("a", "f"));
    EXPECT_THAT(left, ElementsAre("", "b", "c", "d", "e", "g", ""));
    EXPECT_THAT(got.left_out.at(4).detail, HasSubstr("protocol"));
}

TEST(Stac, OddMembersAreNoReasonToRefuseAnItem) {
    const Read got =
        read(R"({"type":"Feature","id":"a","bbox":[1,"x",3,4],"collection":5,"links":[7,{"rel":3}],
      "geometry":{"coordinates":[[1000,5]]},"properties":{"datetime":7,"deprecated":"yes","proj:shape":[-1,1e30],"version":[]},
      "assets":{"x":{"href":"x.tif","roles":"data","bands":{"a":1},"file:size":-4,"type":5}}})");
    ASSERT_EQ(got.items.size(), 1u);
    EXPECT_FALSE(got.items.front().scene.box);
    EXPECT_EQ(got.items.front().scene.datetime, "");
    EXPECT_EQ(got.items.front().offered.front().width, 0);
    EXPECT_FALSE(got.items.front().offered.front().bytes);
}

TEST(Stac, WhatIsNotStacIsRefused) {
    EXPECT_THAT(failure("<html></html>"), HasSubstr("is not JSON"));
    EXPECT_THAT(failure(""), HasSubstr("is not JSON"));
    EXPECT_THAT(failure("[1, 2]"), HasSubstr("is not STAC"));
    EXPECT_THAT(failure(R"({"a": 1})"), HasSubstr("is not STAC"));
    EXPECT_THAT(failure(R"({"type": "Catalog", "stac_version": "2.0.0", "links": []})"),
                HasSubstr("not known"));
    EXPECT_THAT(failure(R"({"a": ")"
                        "\xff"
                        R"("})"),
                HasSubstr("is not JSON"));
    EXPECT_THAT(failure(R"({"type":"Catalog","links":)" + std::string(100000, '[')), HasSubstr("deep"));
    EXPECT_THAT(failure(R"({"type":"Catalog","links":[{"rel":"child","href":"ftp://h/x.json"}]})"),
                HasSubstr("cannot be followed"));
}

TEST(Stac, ASavedSearchTellsOfPagesThatItCannotFollow) {
    const Read got = read(
        R"({"type":"FeatureCollection","features":[],"links":[{"rel":"next","method":"POST","href":"https://h/s"},
      {"rel":"next","href":"page2.json"}]})");
    EXPECT_THAT(got.links.note, HasSubstr("POST"));
    EXPECT_THAT(got.links.children, ElementsAre("/c/page2.json"));
}

TEST(Stac, DamagedDocumentsAreReadOrRefusedAndNothingElse) {
    const std::string collection =
        R"({"type":"FeatureCollection","links":[{"rel":"next","href":"b.json"}],"features":[)" + item_1_1 +
        "]}";
    unsigned random = 1;
    const auto next = [&random](std::size_t below) {
        random = random * 1664525u + 1013904223u;
        return static_cast<std::size_t>(random >> 8) % below;
    };
    int refused = 0;
    const std::string tokens[] = {"[",  "]",    "{",    "}", "null", "1e308",
                                  "-1", "\"\"", "true", ":", ",",    "\\u0000"};
    for (int round = 0; round < 3000; ++round) {
        std::string text = collection;
        for (std::size_t change = next(4) + 1; change > 0; --change) {
            const std::size_t at = next(text.size());
            const std::string& token = tokens[next(std::size(tokens))];
            switch (next(3)) {
                case 0:
                    text[at] = static_cast<char>(next(256));
                    break;
                case 1:
                    text.erase(at, next(20));
                    break;
                default:
                    text.insert(at, token);
            }
            if (text.empty()) text = " ";
        }
        try {
            read(text);
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
    // Values of other kinds in every place.
    for (std::size_t at = collection.find(':'); at != std::string::npos; at = collection.find(':', at + 1))
        for (const char* value : {"null", "5", "[]", "{}", "\"x\"", "[[[]]]"}) {
            std::size_t end = at + 1;
            int depth = 0;
            for (;
                 end < collection.size() &&
                 (depth > 0 || (collection[end] != ',' && collection[end] != '}' && collection[end] != ']'));
                 ++end) {
                depth += collection[end] == '{' || collection[end] == '[';
                depth -= collection[end] == '}' || collection[end] == ']';
            }
            try {
                read(collection.substr(0, at + 1) + value + collection.substr(end));
            } catch (const Error&) {
            }
        }
}

class Walk : public testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
    }
    std::string walk(const std::string& name) {
        const auto progress = silent_progress();
        StacWalk walk([&](Candidate c) { found_ += c.scene.id + " "; }, [&](LeftOut) {}, *progress);
        walk.read(folder_ / name);
        documents_ = walk.documents();
        return found_;
    }
    std::string item(const std::string& id) const {
        return R"({"type":"Feature","id":")" + id +
               R"(","properties":{},"geometry":null,"assets":{"x":{"href":"x.tif"}}})";
    }
    test::TemporaryFolder folder_;
    std::string found_;
    std::int64_t documents_ = 0;
};

TEST_F(Walk, FollowsLinksInTheirOrderAndCirclesOnce) {
    write(
        "catalog.json",
        R"({"type":"Catalog","id":"r","stac_version":"1.0.0","links":[{"rel":"self","href":"https://nowhere.invalid/c.json"},
      {"rel":"child","href":"./sub/collection.json"},{"rel":"item","href":"b.json"},{"rel":"child","href":"catalog.json"},
      {"rel":"item","href":"sub/../b.json"}]})");
    write("sub/collection.json", R"({"type":"Collection","id":"s","stac_version":"1.0.0","extent":{},"links":[
      {"rel":"parent","href":"../catalog.json"},{"rel":"child","href":"../catalog.json"},{"rel":"item","href":"a.json"}]})");
    write("sub/a.json", item("a"));
    write("b.json", item("b"));
    EXPECT_EQ(walk("catalog.json"), "a b ");
    EXPECT_EQ(documents_, 4);
}

TEST_F(Walk, EndsWhereAChainOfCatalogsIsTooLong) {
    for (int i = 0; i < 40; ++i)
        write("c" + std::to_string(i) + ".json",
              R"({"type":"Catalog","id":"r","stac_version":"1.0.0","links":[{"rel":"child","href":"c)" +
                  std::to_string(i + 1) + R"(.json"}]})");
    EXPECT_THROW(walk("c0.json"), Error);
}

TEST_F(Walk, ALinkToNowhereIsAnErrorForScenesWouldBeMissing) {
    write(
        "catalog.json",
        R"({"type":"Catalog","id":"r","stac_version":"1.0.0","links":[{"rel":"item","href":"gone.json"}]})");
    EXPECT_THROW(walk("catalog.json"), Error);
}

}  // namespace
}  // namespace landseam::catalog
