#include "landseam/pipeline/tile_masks_file.h"

#include "landseam/core/error.h"

#include "support/temporary_folder.h"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

using test::TemporaryFolder;
using testing::HasSubstr;

const std::string header =
    R"({"width": 30, "height": 20, "crs": "EPSG:32632", "geotransform": [500000, 2, 0, 4200000, 0, -2]})";

TileMask tile_mask(RunMask mask, double predicted_iou, std::vector<double> attributes = {}) {
    TileMask result;
    result.segmentation = std::move(mask);
    result.predicted_iou = predicted_iou;
    result.stability_score = 0.1 + 0.2;
    result.attributes = std::move(attributes);
    return result;
}

class TileMasksFiles : public testing::Test {
protected:
    std::string write(const std::string& text) {
        std::ofstream(path_, std::ios::binary) << text;
        return path_;
    }
    std::string refusal(const std::string& text) {
        try {
            TileMasksFile(write(text), 2);
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }

    TemporaryFolder folder_;
    const std::string path_ = folder_.file("tiles.jsonl");
};

TEST_F(TileMasksFiles, GiveBackWhatWasWrittenToTheBit) {
    const TileMasksHeader written{30, 20, GeoTransform{{1.0 / 3, 2, 0, 4, 0, -2}}, "EPSG:4326", 6};
    const RunMask ring = set_difference(RunMask::from_box({2, 3, 9, 7}), RunMask::from_box({4, 5, 2, 2}));
    const std::vector<std::string> names{"class", "score"};
    const std::string text =
        header_line(written) + "\n" +
        tile_line({5, 0, 16, 20}, {tile_mask(RunMask::from_box({0, 0, 16, 20}), 1.0 / 3)}, names) + "\n\n" +
        tile_line({0, 0, 16, 20}, {tile_mask(ring, 0.7, {2, 1.0 / 7}), tile_mask({}, 0)}, names);
    const TileMasksFile file(write(text), 2);
    EXPECT_EQ(file.header().width, 30);
    EXPECT_EQ(file.header().height, 20);
    EXPECT_EQ(file.header().geo_transform->c, written.geo_transform->c);
    EXPECT_EQ(file.header().crs, "EPSG:4326");
    EXPECT_EQ(file.header().tile_overlap, 6);
    EXPECT_EQ(file.names(), names);
    EXPECT_EQ(file.masks(), 3);
    // In the order of their places, whatever that of their lines.
    ASSERT_EQ(file.windows(), (std::vector<PixelBox>{{0, 0, 16, 20}, {5, 0, 16, 20}}));
    const TileLine first = file.tile(0), second = file.tile(1);
    EXPECT_EQ(first.masks.at(0).segmentation, ring);
    EXPECT_EQ(first.masks.at(0).attributes, (std::vector<double>{2, 1.0 / 7}));
    EXPECT_EQ(first.masks.at(0).stability_score, 0.1 + 0.2);
    EXPECT_TRUE(first.masks.at(1).segmentation.empty());
    EXPECT_EQ(second.masks.at(0).segmentation, RunMask::from_box({0, 0, 16, 20}));
    EXPECT_EQ(second.masks.at(0).predicted_iou, 1.0 / 3);
}

TEST_F(TileMasksFiles, TakeUncompressedCountsAndNumbersThatAreOnlySometimesThere) {
    const std::string
        first = R"({"segmentation": {"size": [2, 3], "counts": [1, 2, 3]}, "age": 4, "area": 2, "id": 9, )"
                R"("bbox": [0, 0, 1, 1], "name": "x"})",
        second = R"({"segmentation": {"size": [2, 3], "counts": [6]}, "height": 2.5, "predicted_iou": null})";
    const TileMasksFile file(
        write(header + "\r\n" + R"({"masks": [)" + first + ", " + second + R"(], "box": [0, 0, 3, 2]})"), 1);
    EXPECT_EQ(file.names(), (std::vector<std::string>{"age", "height"}));
    const TileLine tile = file.tile(0);
    ASSERT_EQ(tile.masks.size(), 2u);
    EXPECT_EQ(tile.masks[0].segmentation, RunMask::from_runs({{1, 0, 1}, {0, 1, 2}}));
    EXPECT_EQ(tile.masks[0].predicted_iou, 1);
    EXPECT_EQ(tile.masks[0].attributes[0], 4);
    EXPECT_TRUE(std::isnan(tile.masks[0].attributes[1]));
    EXPECT_TRUE(tile.masks[1].segmentation.empty());
    EXPECT_EQ(tile.masks[1].predicted_iou, 1);
    EXPECT_EQ(tile.masks[1].attributes[1], 2.5);
}

TEST_F(TileMasksFiles, SayWhichLineIsBadAndWhy) {
    const std::string good = R"({"box": [0, 0, 3, 2], "masks": []})";
    const auto with = [&](const std::string& line) {
        return refusal(header + "\n\n" + good + "\n" + line + "\n" + line);
    };
    const auto masks = [&](const std::string& mask) {
        return with(R"({"box": [3, 0, 3, 2], "masks": [)" + mask + "]}");
    };
    const auto counts = [&](const std::string& values) {
        return masks(R"({"segmentation": {"size": [2, 3], "counts": )" + values + "}}");
    };
    for (const std::string& message :
         {with("{"),
          with("[]"),
          with("nonsense"),
          with(R"({"masks": []})"),
          with(R"({"box": [3, 0, 3, 2]})"),
          with(R"({"box": [3, 0, 3], "masks": []})"),
          with(R"({"box": [28, 0, 3, 2], "masks": []})"),
          with(R"({"box": [-1, 0, 3, 2], "masks": []})"),
          with(R"({"box": [0.5, 0, 3, 2], "masks": []})"),
          with(R"({"box": [18446744073709551615, 0, 3, 2], "masks": []})"),
          with(R"({"box": [3, 0, 3, 2], "masks": {}})"),
          masks("1"),
          masks("{}"),
          masks(R"({"segmentation": []})"),
          masks(R"({"segmentation": {"size": [3, 2], "counts": [6]}})"),
          counts("[5]"),
          counts("[-1, 7]"),
          counts("[4294967296]"),
          counts("[1.5, 4.5]"),
          counts("6"),
          counts(R"("@")"),
          counts(R"("")"),
          masks(R"({"segmentation": {"size": [2, 3], "counts": [6]}, "predicted_iou": "high"})"),
          with(std::string(100000, '[')),
          with(R"({"box": [3, 0, 3, 2], "masks": [[[[[[[[[[]]]]]]]]]]})")})
        EXPECT_THAT(message, HasSubstr("tiles.jsonl:4'")) << message;
    EXPECT_THAT(refusal(header + "\n" + good + "\n" + R"({"box": [3, 0, 3, 2], "masks": []})" + "\n" + good),
                testing::AllOf(HasSubstr("tiles.jsonl:4'"), HasSubstr("line 2")));
}

TEST_F(TileMasksFiles, NeedAHeaderThatMakesSense) {
    EXPECT_THAT(refusal(""), HasSubstr("empty"));
    for (const char* first : {R"({"box": [0, 0, 3, 2], "masks": []})", R"({"width": 0, "height": 3})",
                              R"({"width": 3, "height": 1e9})",
                              R"({"width": 3, "height": 3, "geotransform": [0, 1, 0, 0, 0, 0]})",
                              R"({"width": 3, "height": 3, "crs": 4326})",
                              R"({"width": 3, "height": 3, "geotransform": [0, 1, 0]})"})
        EXPECT_THAT(refusal(first), HasSubstr("tiles.jsonl:1'")) << first;
    EXPECT_THROW(TileMasksFile(folder_.file("absent"), 1), Error);
    EXPECT_THROW(TileMasksFile("/dev/null", 1), Error);
}

TEST_F(TileMasksFiles, TellHowMuchOfThemLiesAcrossTheScene) {
    const auto line = [](const std::string& box, std::size_t length) {
        std::string text = R"({"box": )" + box + R"(, "masks": []})";
        text.insert(1, length - text.size(), ' ');
        return text;
    };
    // Two tiles of a row share rows 5 to 9 with two below; in the scene turned on its side, columns.
    const std::string rows = R"({"width": 20, "height": 30})"
                             "\n" +
                             line("[0, 0, 12, 10]", 100) + "\n" + line("[8, 0, 12, 10]", 150) + "\n" +
                             line("[0, 5, 20, 10]", 70) + "\n" + line("[0, 15, 20, 15]", 300),
                      columns = R"({"width": 30, "height": 20})"
                                "\n" +
                                line("[0, 0, 10, 12]", 100) + "\n" + line("[0, 8, 10, 12]", 150) + "\n" +
                                line("[5, 0, 10, 20]", 70) + "\n" + line("[15, 0, 15, 20]", 300);
    for (const std::string& text : {rows, columns}) {
        const TileMasksFile file(write(text), 2, 120);  // two of the lines count as long
        EXPECT_EQ(file.longest_line(), 300);
        EXPECT_EQ(file.lines_across(), 320);
        EXPECT_EQ(file.windows().size(), 4u);
    }
}

TEST_F(TileMasksFiles, DoNotGrowInMemoryBeyondAllMeasure) {
    // Ten thousand masks of a few bytes, each standing for a tile of 60,000 rows.
    std::string line = R"({"box": [0, 0, 60000, 60000], "masks": [)";
    for (int k = 0; k < 10000; ++k)
        line += R"({"segmentation": {"size": [60000, 60000], "counts": [0, 3600000000]}},)";
    line.back() = ']';
    EXPECT_THAT(refusal(R"({"width": 60000, "height": 60000})"
                        "\n" +
                        line + "}"),
                HasSubstr("runs"));
}

}  // namespace
}  // namespace landseam::pipeline
