// Runs of landseam segment that are cut off, and go on.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/run_program.h"
#include "landseam/output/layer_reader.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SegmentResume : public testing::Test {
protected:
    SegmentResume() {
        DrawnScene drawing;
        drawing.width = drawing.height = 500;
        write_drawn_scene(scene_, drawing);
    }
    std::vector<std::string> command(const std::string& output, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{"segment", scene_, folder_.file(output), "--points-per-side", "8", "--tile-size", "192"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    std::string bytes_of(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(folder_.file(name), std::ios::binary).rdbuf();
        return text.str();
    }
    std::string body(const std::string& name) const { return bytes_of(name).substr(bytes_of(name).find("\"features\"")); }
    std::size_t kept_lines(const std::string& name) const {
        const std::string text = bytes_of(name + ".work/tiles");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    TemporaryFolder folder_;
    const std::string scene_ = folder_.file("scene.tif");
};

TEST_F(SegmentResume, AKilledRunGoesOnAndWritesWhatAWholeOneWrites) {
    ASSERT_EQ(run_landseam(command("whole.geojson")).exit_code, 0);
    for (std::size_t tiles : {1, 4, 7}) {
        const Outcome killed =
            interrupt_landseam(command("out.geojson"), SIGKILL, [&] { return kept_lines("out.geojson") >= tiles; });
        ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
        ASSERT_FALSE(std::filesystem::exists(folder_.file("out.geojson")));
        const Outcome resumed = run_landseam(command("out.geojson"));
        ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
        EXPECT_THAT(resumed.out, HasSubstr("kept from before"));
        EXPECT_EQ(body("out.geojson"), body("whole.geojson"));
        EXPECT_FALSE(std::filesystem::exists(folder_.file("out.geojson.work")));
        std::filesystem::remove(folder_.file("out.geojson"));
        std::filesystem::remove(folder_.file("out.geojson.settings.json"));
    }
    // Nor is anything left of the outputs that were begun.
    EXPECT_EQ(folder_.listing(), "scene.tif whole.geojson whole.geojson.settings.json ");
}

TEST_F(SegmentResume, ChangedSettingsAreNoticed) {
    interrupt_landseam(command("out.geojson"), SIGKILL, [&] { return kept_lines("out.geojson") >= 1; });
    const Outcome other = run_landseam(command("out.geojson", {"--stability-score-thresh", "0.123"}));
    EXPECT_EQ(other.exit_code, 1);
    EXPECT_THAT(other.err, AllOf(HasSubstr("stability_score_thresh"), HasSubstr("now 0.123"), HasSubstr("--work")));
    // What does not matter to a tile may change: where outlines go, how much is done at once.
    EXPECT_EQ(run_landseam(command("out.geojson", {"--simplify", "1", "--threads", "1", "--points-per-batch", "16"})).exit_code, 0);
}

TEST_F(SegmentResume, KeepsGoingPastTilesThatCannotBeReadAndTellsOfThem) {
    // A file that ends in the middle of its pixels.
    std::filesystem::resize_file(scene_, std::filesystem::file_size(scene_) * 3 / 4);
    const Outcome stopped = run_landseam(command("out.gpkg"));
    EXPECT_EQ(stopped.exit_code, 1);
    EXPECT_THAT(stopped.err, HasSubstr("scene.tif"));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("out.gpkg")));
    const Outcome outcome = run_landseam(command("out.gpkg", {"--keep-going"}));
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("tiles could not be read"), HasSubstr("failed_tiles")));
    EXPECT_FALSE(output::read_layer(folder_.file("out.gpkg")).features.empty());
    EXPECT_THAT(bytes_of("out.gpkg.settings.json"), AllOf(HasSubstr("\"failed_tiles\""), HasSubstr("\"reason\"")));
    EXPECT_THAT(bytes_of("out.gpkg"), HasSubstr("failed_tiles"));
}

TEST_F(SegmentResume, TheTilesItWritesMergeIntoTheLayerItWrites) {
    ASSERT_EQ(run_landseam(command("out.geojson", {"--tiles", folder_.file("tiles.jsonl")})).exit_code, 0);
    ASSERT_EQ(run_landseam({"merge", folder_.file("tiles.jsonl"), folder_.file("merged.geojson")}).exit_code, 0);
    const output::ReadLayer layer = output::read_layer(folder_.file("out.geojson")), merged = output::read_layer(folder_.file("merged.geojson"));
    ASSERT_GT(layer.features.size(), 3u);
    ASSERT_EQ(merged.features.size(), layer.features.size());
    for (std::size_t i = 0; i < layer.features.size(); ++i) {
        ASSERT_EQ(merged.features[i].geometry.size(), layer.features[i].geometry.size());
        for (std::size_t k = 0; k < layer.features[i].geometry.size(); ++k)
            EXPECT_EQ(merged.features[i].geometry[k].outer, layer.features[i].geometry[k].outer);
        EXPECT_EQ(merged.features[i].values[1], layer.features[i].values[1]);
    }
}

}  // namespace
}  // namespace landseam::test
