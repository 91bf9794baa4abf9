// landseam merge, from end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "apps/run_program.h"
#include "landseam/core/coco_rle.h"
#include "landseam/output/layer_reader.h"
#include "landseam/vectors/simplify.h"
#include "support/temporary_folder.h"

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string header =
    R"({"width": 160, "height": 100, "geotransform": [500000, 2, 0, 4200000, 0, -2], "crs": "EPSG:32632", "tile_overlap": 40})";

std::string mask_of(const RunMask& object, const PixelBox& window, const std::string& more) {
    const CocoRle rle = object.clipped(window).shifted(-window.x, -window.y).to_coco(static_cast<int>(window.width), static_cast<int>(window.height));
    std::string counts = compressed_counts(rle.counts);  // a backslash is one of its characters
    for (std::size_t i = counts.find('\\'); i != std::string::npos; i = counts.find('\\', i + 2)) counts.insert(i, 1, '\\');
    return R"({"segmentation": {"size": [)" + std::to_string(rle.height) + ", " + std::to_string(rle.width) + R"(], "counts": ")" +
           counts + "\"}" + more + "}";
}

std::string tile_of(const PixelBox& window, const std::vector<std::string>& masks) {
    std::string line = R"({"box": [)" + std::to_string(window.x) + ", " + std::to_string(window.y) + ", " +
                       std::to_string(window.width) + ", " + std::to_string(window.height) + R"(], "masks": [)";
    for (const std::string& mask : masks) line += (line.back() == '}' ? ", " : "") + mask;
    return line + "]}";
}

class MergeCommand : public testing::Test {
protected:
    void write(const std::vector<std::string>& lines) const {
        std::ofstream file(tiles_, std::ios::binary);
        for (const std::string& line : lines) file << line << "\n";
    }
    std::string bytes_of(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder_.file(name), std::ios::binary).rdbuf();
        return text.str();
    }

    TemporaryFolder folder_;
    const std::string tiles_ = folder_.file("tiles.jsonl");
    const PixelBox left_{0, 0, 100, 100}, right_{60, 0, 100, 100};
    const RunMask crossing_ = RunMask::from_box({20, 30, 120, 25}), whole_ = RunMask::from_box({5, 70, 20, 10});
};

TEST_F(MergeCommand, JoinsMasksOfTwoTilesIntoPolygonsWithTheirAttributes) {
    write({header,
           tile_of(right_, {mask_of(crossing_, right_, R"(, "predicted_iou": 0.9, "stability_score": 0.8, "height": 7)")}),
           tile_of(left_, {mask_of(whole_, left_, ""), mask_of(crossing_, left_, R"(, "predicted_iou": 0.5, "stability_score": 0.8, "height": 2, "Tiles": 3)")})});
    const Outcome outcome = run_landseam({"merge", tiles_, folder_.file("out.gpkg")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("2 segments from 3 masks on 2 tiles"));
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    EXPECT_THAT(layer.crs_wkt, HasSubstr("32632"));
    EXPECT_EQ(layer.field_names,
              (std::vector<std::string>{"id", "predicted_iou", "stability_score", "area_m2", "area_px", "perimeter_m", "tiles", "touches_edge",
                                        "mask_Tiles", "height"}));
    ASSERT_EQ(layer.features.size(), 2u);
    const auto& values = layer.features[0].values[4] == output::FieldValue(std::int64_t{3000}) ? layer.features[0].values : layer.features[1].values;
    EXPECT_EQ(std::get<std::int64_t>(values[4]), 3000);
    EXPECT_EQ(std::get<std::int64_t>(values[6]), 2);
    EXPECT_DOUBLE_EQ(std::get<double>(values[1]), 0.7);  // 80 columns each
    EXPECT_DOUBLE_EQ(std::get<double>(values[9]), 4.5);
    EXPECT_DOUBLE_EQ(std::get<double>(values[8]), 3);  // only one of the masks has it
    for (const output::Feature& feature : layer.features) EXPECT_TRUE(vectors::is_valid(feature.geometry, nullptr));
}

TEST_F(MergeCommand, WritesTheSameBytesWhateverTheOrderOfLinesAndTheThreads) {
    std::vector<std::string> lines{header};
    for (const PixelBox& window : {left_, right_}) {
        std::vector<std::string> masks;
        for (int k = 0; k < 12; ++k) {
            const RunMask object = RunMask::from_box({3 + 13 * k, 5 + 7 * k, 25, 6});
            if (!object.clipped(window).empty()) masks.push_back(mask_of(object, window, R"(, "rank": )" + std::to_string(k)));
        }
        lines.push_back(tile_of(window, masks));
    }
    write(lines);
    const Outcome first = run_landseam({"merge", tiles_, folder_.file("one.geojson"), "--threads", "1"});
    ASSERT_EQ(first.exit_code, 0) << first.err;
    std::swap(lines[1], lines[2]);
    write(lines);
    ASSERT_EQ(run_landseam({"merge", tiles_, folder_.file("two.geojson"), "--threads", "2"}).exit_code, 0);
    ASSERT_EQ(run_landseam({"merge", tiles_, folder_.file("eight.geojson"), "--threads", "8"}).exit_code, 0);
    const auto body = [&](const std::string& name) { return bytes_of(name).substr(bytes_of(name).find("\"features\"")); };
    EXPECT_GT(body("one.geojson").size(), 1000u);
    EXPECT_EQ(body("one.geojson"), body("two.geojson"));
    EXPECT_EQ(body("one.geojson"), body("eight.geojson"));
}

TEST_F(MergeCommand, GoesOnTileByTileWhereMemoryIsScarceWithTheSameResult) {
    write({header, tile_of(left_, {mask_of(whole_, left_, ""), mask_of(crossing_, left_, "")}), tile_of(right_, {mask_of(crossing_, right_, "")})});
    const Outcome roomy = run_landseam({"merge", tiles_, folder_.file("roomy.geojson"), "--max-memory", "64G", "--threads", "2"});
    ASSERT_EQ(roomy.exit_code, 0) << roomy.err;
    EXPECT_THAT(roomy.err, AllOf(HasSubstr("2 tiles at once"), HasSubstr("64 GiB"), Not(HasSubstr("warning"))));
    const Outcome tight = run_landseam({"merge", tiles_, folder_.file("tight.geojson"), "--max-memory", "1M", "--threads", "2"});
    ASSERT_EQ(tight.exit_code, 0) << tight.err;
    EXPECT_THAT(tight.err, AllOf(HasSubstr("1 tile at once"), HasSubstr("--max-memory allows 1.0 MiB")));
    EXPECT_EQ(bytes_of("tight.geojson"), bytes_of("roomy.geojson"));
    const Outcome nonsense = run_landseam({"merge", tiles_, folder_.file("no.geojson"), "--max-memory", "much"});
    EXPECT_EQ(nonsense.exit_code, 2);
    EXPECT_THAT(nonsense.err, HasSubstr("--max-memory"));
}

TEST_F(MergeCommand, NamesTheBadLineAndWritesNothing) {
    write({header, tile_of(left_, {}), R"({"box": [60, 0, 100, 100], "masks": [{"segmentation": {"size": [100, 100], "counts": [7]}}]})"});
    const Outcome outcome = run_landseam({"merge", tiles_, folder_.file("out.gpkg")});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("tiles.jsonl:3"), HasSubstr("add up to 7")));
    EXPECT_EQ(folder_.listing(), "tiles.jsonl ");
}

TEST_F(MergeCommand, RefusesToOverwriteAndACrsThatIsNone) {
    write({header, tile_of(left_, {mask_of(whole_, left_, "")})});
    ASSERT_EQ(run_landseam({"merge", tiles_, folder_.file("out.gpkg")}).exit_code, 0);
    EXPECT_THAT(run_landseam({"merge", tiles_, folder_.file("out.gpkg")}).err, HasSubstr("--overwrite"));
    EXPECT_EQ(run_landseam({"merge", tiles_, folder_.file("out.gpkg"), "--overwrite"}).exit_code, 0);
    EXPECT_EQ(run_landseam({"merge", tiles_, folder_.file("b.gpkg"), "--min-agreement", "2"}).exit_code, 2);
    write({R"({"width": 9, "height": 9, "geotransform": [0, 1, 0, 0, 0, -1], "crs": "/etc/passwd"})"});
    EXPECT_EQ(run_landseam({"merge", tiles_, folder_.file("c.gpkg")}).exit_code, 2);
}

}  // namespace
}  // namespace landseam::test
