// What every subcommand does alike, and those that only tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    std::istringstream list(LANDSEAM_COMMANDS);
    for (std::string name; std::getline(list, name, ',');) names.push_back(name);
    return names;
}

int lines_in(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

TEST(Commands, HelpNamesEveryCommandAndEachTeachesByExample) {
    const Outcome help = run_landseam({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const std::string& name : command_names()) {
        EXPECT_THAT(help.out, HasSubstr("\n  " + name + " "));
        const Outcome command = run_landseam({name, "--help"});
        EXPECT_EQ(command.exit_code, 0);
        EXPECT_THAT(command.out, HasSubstr("landseam " + name)) << "no example";
        EXPECT_EQ(command.err, "");
    }
}

TEST(Commands, WrongCommandLinesEndWithTwo) {
    EXPECT_EQ(run_landseam({}).exit_code, 2);
    EXPECT_EQ(run_landseam({"fly"}).exit_code, 2);
    EXPECT_EQ(run_landseam({"segment"}).exit_code, 2);
    EXPECT_EQ(run_landseam({"segment", "a.tif", "b.gpkg", "--wings", "2"}).exit_code, 2);
    const Outcome outcome = run_landseam({"segment", "a.tif", "b.gpkg", "--tile-size", "-5"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--tile-size"));
    EXPECT_EQ(outcome.out, "");
}

TEST(Commands, VersionIsToldOnStdout) {
    const Outcome outcome = run_landseam({"--version"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, StartsWith("landseam "));
}

TEST(Commands, AMissingFileIsOneSentenceAndExitOne) {
    const TemporaryFolder folder;
    const std::string missing = folder.file("no such scene.tif");
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"segment", missing, folder.file("out.gpkg")},
             {"info", missing},
             {"info", folder.file("missing.pth")},
             {"prompt", missing, folder.file("out.gpkg"), "--point", "1,2"},
             {"masks", missing, folder.file("")},
             {"quicklook", missing, missing, folder.file("out.png")},
             {"evaluate", missing, missing},
             {"train", "--pack", folder.file("out.safetensors"), "--scene", missing, "--regions", "10"}}) {
        const Outcome outcome = run_landseam(arguments);
        EXPECT_EQ(outcome.exit_code, 1) << arguments[0];
        EXPECT_THAT(outcome.err, AllOf(StartsWith("landseam: '"), HasSubstr(folder.file("")))) << arguments[0];
        EXPECT_EQ(lines_in(outcome.err), 1) << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }
    EXPECT_EQ(folder.listing(), "");
}

TEST(InfoCommand, DescribesAScene) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));
    const Outcome outcome = run_landseam({"info", folder.file("scene.tif")});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("400 by 300 pixels, 3 bands"), HasSubstr("EPSG:32632"), HasSubstr("0.5002 by 0.5002 m"),
                                   HasSubstr("[red]"), HasSubstr("tiles of 256 pixels")));
    EXPECT_EQ(folder.listing(), "scene.tif ");
}

TEST(InfoCommand, DescribesACheckpoint) {
    const Outcome outcome = run_landseam({"info", std::string(LANDSEAM_TEST_DATA) + "/parity/vit/weights.pth"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("vit"), HasSubstr("256 by 256"), HasSubstr("dim 96, depth 4, heads 3, window 7")));
}

TEST(InfoCommand, ListsCheckpointsAndPresets) {
    const Outcome checkpoints = run_landseam({"info", "--checkpoints"});
    EXPECT_THAT(checkpoints.out, AllOf(HasSubstr("sam_vit_h_4b8939.pth"), HasSubstr("mobile_sam.pt"), HasSubstr("Apache-2.0")));
    const Outcome presets = run_landseam({"info", "--presets"});
    EXPECT_THAT(presets.out, AllOf(HasSubstr("sentinel2"), HasSubstr("false-color")));
    const Outcome preset = run_landseam({"info", "--preset", "sentinel2"});
    EXPECT_THAT(preset.out, AllOf(HasSubstr("B8A"), HasSubstr("swir"), HasSubstr("nm")));
}

TEST(InfoCommand, TellsWhatIsInstalled) {
    const Outcome outcome = run_landseam({"info"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("GDAL 3"), HasSubstr("libtorch "), HasSubstr("devices       cpu"),
                                   HasSubstr(".gpkg"), HasSubstr("sentinel2")));
}

TEST(InfoCommand, RefusesAHostileCheckpoint) {
    const TemporaryFolder folder;
    std::ofstream(folder.file("bad.pth"), std::ios::binary) << "\x80\x02" << "cos\nsystem\nX\x04\0\0\0touch\x85R.";
    const Outcome outcome = run_landseam({"info", folder.file("bad.pth")});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("bad.pth"));
    EXPECT_EQ(lines_in(outcome.err), 1);
}

TEST(QuicklookCommand, DrawsALayerAndRefusesToOverwrite) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));
    std::ofstream(folder.file("layer.geojson"))
        << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:32632"}},"features":[{"type":"Feature",)"
        << R"("properties":{},"geometry":{"type":"Polygon","coordinates":[[[500010,4199990],[500090,4199990],[500090,4199930],)"
        << R"([500010,4199990]]]}}]})";
    const std::vector<std::string> arguments{"quicklook", folder.file("scene.tif"), folder.file("layer.geojson"),
                                             folder.file("look.png"), "--max-size", "200"};
    ASSERT_EQ(run_landseam(arguments).exit_code, 0);
    auto* picture = GDALDataset::FromHandle(GDALOpen(folder.file("look.png").c_str(), GA_ReadOnly));
    ASSERT_NE(picture, nullptr);
    EXPECT_EQ(picture->GetRasterXSize(), 200);
    EXPECT_EQ(picture->GetRasterYSize(), 150);
    GDALClose(picture);
    const Outcome again = run_landseam(arguments);
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_THAT(again.err, HasSubstr("--overwrite"));
}

TEST(QuicklookCommand, ColorsByAFieldLabelsAndStandsBesideTheScene) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));
    std::ofstream(folder.file("layer.geojson"))
        << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:32632"}},"features":[{"type":"Feature",)"
        << R"("properties":{"class":"roof"},"geometry":{"type":"Polygon","coordinates":[[[500010,4199990],[500090,4199990],)"
        << R"([500090,4199930],[500010,4199990]]]}}]})";
    const auto look = [&](const std::string& name, std::vector<std::string> more) {
        std::vector<std::string> arguments{"quicklook", folder.file("scene.tif"), folder.file("layer.geojson"), folder.file(name)};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_landseam(arguments);
    };
    const auto pixels = [&](const std::string& name) {
        auto* picture = GDALDataset::FromHandle(GDALOpen(folder.file(name).c_str(), GA_ReadOnly));
        std::vector<std::uint8_t> values(static_cast<std::size_t>(picture->GetRasterXSize()) * picture->GetRasterYSize());
        EXPECT_EQ(picture->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, picture->GetRasterXSize(), picture->GetRasterYSize(),
                                                      values.data(), picture->GetRasterXSize(), picture->GetRasterYSize(), GDT_Byte,
                                                      0, 0),
                  CE_None);
        GDALClose(picture);
        return values;
    };
    ASSERT_EQ(look("bare.png", {"--bare"}).exit_code, 0);
    ASSERT_EQ(look("map.png", {}).exit_code, 0);
    ASSERT_EQ(look("classes.png", {"--bare", "--color-by", "class"}).exit_code, 0);
    ASSERT_EQ(look("labels.png", {"--bare", "--label", "class"}).exit_code, 0);
    ASSERT_EQ(look("both.png", {"--bare", "--side-by-side"}).exit_code, 0);
    const auto bare = pixels("bare.png");
    EXPECT_NE(pixels("map.png"), bare);
    EXPECT_NE(pixels("classes.png"), bare);
    EXPECT_NE(pixels("labels.png"), bare);
    EXPECT_GT(pixels("both.png").size(), 2 * bare.size());
    const Outcome unknown = look("no.png", {"--color-by", "kind"});
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.err, AllOf(HasSubstr("kind"), HasSubstr("class")));
}

}  // namespace
}  // namespace landseam::test
