// landseam segment, from end to end.
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>

#include <fstream>
#include <sstream>

#include "apps/run_program.h"
#include "landseam/output/layer_reader.h"
#include "landseam/vectors/simplify.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Fewer prompts than a user would take: these tests are about what surrounds the model.
const std::vector<std::string> quick{"--points-per-side", "12"};

Outcome segment(const std::string& scene, const std::string& output, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"segment", scene, output};
    arguments.insert(arguments.end(), quick.begin(), quick.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_landseam(arguments);
}

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class SegmentCommand : public testing::Test {
protected:
    SegmentCommand() { write_drawn_scene(scene_); }

    TemporaryFolder folder_;
    const std::string scene_ = folder_.file("scene.tif");
};

TEST_F(SegmentCommand, WritesValidPolygonsInTheScenesPlaceWithAllAttributes) {
    const Outcome outcome = segment(scene_, folder_.file("out.gpkg"));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("segments from"));
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    ASSERT_GT(layer.features.size(), 5u);
    EXPECT_THAT(layer.crs_wkt, HasSubstr("32632"));
    EXPECT_EQ(layer.field_names,
              (std::vector<std::string>{"id", "predicted_iou", "stability_score", "area_m2", "area_px", "perimeter_m", "tiles",
                                        "touches_edge", "mean_1", "std_1", "mean_2", "std_2", "mean_3", "std_3"}));
    for (const output::Feature& feature : layer.features) {
        std::string reason;
        EXPECT_TRUE(vectors::is_valid(feature.geometry, &reason)) << reason;
        // UTM's scale at 0° from its meridian is 0.9996: ground areas are larger than planar ones by 0.08 %.
        const double planar = area(feature.geometry);
        EXPECT_NEAR(std::get<double>(feature.values[3]), planar / (0.9996 * 0.9996), planar * 1e-4);
        EXPECT_NEAR(static_cast<double>(std::get<std::int64_t>(feature.values[4])), planar / 0.25, 1e-3);
        for (const Polygon& polygon : feature.geometry)
            for (const Point& p : polygon.outer) {
                EXPECT_GE(p.x, 500000);
                EXPECT_LE(p.x, 500200);
                EXPECT_GE(p.y, 4199850);
                EXPECT_LE(p.y, 4200000);
            }
    }
}

TEST_F(SegmentCommand, GivesTheSameBytesAgainAndWithOtherThreads) {
    ASSERT_EQ(segment(scene_, folder_.file("one.geojson"), {"--threads", "1"}).exit_code, 0);
    ASSERT_EQ(segment(scene_, folder_.file("again.geojson"), {"--threads", "1"}).exit_code, 0);
    ASSERT_EQ(segment(scene_, folder_.file("two.geojson"), {"--threads", "2"}).exit_code, 0);
    ASSERT_EQ(segment(scene_, folder_.file("nine.geojson"), {"--threads", "9"}).exit_code, 0);
    const auto body = [&](const std::string& name) {
        const std::string text = bytes_of(folder_.file(name));
        return text.substr(text.find("\"features\""));
    };
    EXPECT_GT(body("one.geojson").size(), 1000u);
    EXPECT_EQ(body("one.geojson"), body("again.geojson"));
    EXPECT_EQ(body("one.geojson"), body("two.geojson"));
    EXPECT_EQ(body("one.geojson"), body("nine.geojson"));
}

TEST_F(SegmentCommand, LittleMemoryMeansOneTileAtATimeAndTheSameBytes) {
    const Outcome roomy = segment(scene_, folder_.file("roomy.geojson"), {"--threads", "3", "--max-memory", "64G"});
    ASSERT_EQ(roomy.exit_code, 0) << roomy.err;
    EXPECT_THAT(roomy.err, AllOf(HasSubstr("3 tiles at once"), HasSubstr("64 GiB"), Not(HasSubstr("warning"))));
    const Outcome tight = segment(scene_, folder_.file("tight.geojson"), {"--threads", "3", "--max-memory", "1M"});
    ASSERT_EQ(tight.exit_code, 0) << tight.err;
    EXPECT_THAT(tight.err, AllOf(HasSubstr("1 tile at once"), HasSubstr("warning"), HasSubstr("--max-memory allows 1.0 MiB")));
    const auto body = [&](const std::string& name) {
        const std::string text = bytes_of(folder_.file(name));
        return text.substr(text.find("\"features\""));
    };
    EXPECT_GT(body("roomy.geojson").size(), 1000u);
    EXPECT_EQ(body("roomy.geojson"), body("tight.geojson"));
}

TEST_F(SegmentCommand, RefusesWhatIsNoAmountOfMemory) {
    for (const std::string size : {"-1", "0", "lots", "8Q", "99999999999999999999G", ""}) {
        const Outcome outcome = segment(scene_, folder_.file("out.gpkg"), {"--max-memory=" + size});
        EXPECT_EQ(outcome.exit_code, 2) << size;
        EXPECT_THAT(outcome.err, HasSubstr("--max-memory")) << size;
    }
    EXPECT_EQ(folder_.listing(), "scene.tif ");
}

TEST_F(SegmentCommand, CoversNoNodata) {
    DrawnScene drawing;
    drawing.empty_columns = 130;
    write_drawn_scene(scene_, drawing);
    ASSERT_EQ(segment(scene_, folder_.file("out.gpkg")).exit_code, 0);
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    ASSERT_GT(layer.features.size(), 3u);
    for (const output::Feature& feature : layer.features)
        for (const Polygon& polygon : feature.geometry)
            for (const Point& p : polygon.outer) EXPECT_GE(p.x, 500000 + 130 * 0.5);
}

TEST_F(SegmentCommand, KeepsToTheAreaOfInterest) {
    ASSERT_EQ(segment(scene_, folder_.file("out.gpkg"), {"--aoi", "500020,4199880,500120,4199980"}).exit_code, 0);
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    ASSERT_GT(layer.features.size(), 2u);
    for (const output::Feature& feature : layer.features)
        for (const Polygon& polygon : feature.geometry)
            for (const Point& p : polygon.outer) {
                EXPECT_GE(p.x, 500020);
                EXPECT_LE(p.x, 500120);
                EXPECT_GE(p.y, 4199880);
                EXPECT_LE(p.y, 4199980);
            }
}

TEST_F(SegmentCommand, RefusesToOverwriteAndDoesSoWhenTold) {
    ASSERT_EQ(segment(scene_, folder_.file("out.gpkg")).exit_code, 0);
    const Outcome refused = segment(scene_, folder_.file("out.gpkg"));
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr("out.gpkg"), HasSubstr("--overwrite")));
    EXPECT_EQ(segment(scene_, folder_.file("out.gpkg"), {"--overwrite"}).exit_code, 0);
}

TEST_F(SegmentCommand, LabelRasterCarriesTheIdsOfTheLayer) {
    ASSERT_EQ(segment(scene_, folder_.file("out.gpkg"), {"--label-raster", folder_.file("labels.tif")}).exit_code, 0);
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    auto* labels = GDALDataset::FromHandle(GDALOpen(folder_.file("labels.tif").c_str(), GA_ReadOnly));
    ASSERT_NE(labels, nullptr);
    std::vector<std::uint32_t> ids(400 * 300);
    ASSERT_EQ(labels->GetRasterBand(1)->RasterIO(GF_Read, 0, 0, 400, 300, ids.data(), 400, 300, GDT_UInt32, 0, 0), CE_None);
    double transform[6];
    labels->GetGeoTransform(transform);
    EXPECT_DOUBLE_EQ(transform[0], 500000);
    GDALClose(labels);
    std::vector<std::int64_t> counts(layer.features.size() + 1);
    for (std::uint32_t id : ids) ++counts.at(id);
    bool any_whole = false;
    for (const output::Feature& feature : layer.features) {
        const auto id = static_cast<std::size_t>(std::get<std::int64_t>(feature.values[0]));
        EXPECT_LE(counts.at(id), std::get<std::int64_t>(feature.values[4]));
        any_whole = any_whole || counts.at(id) == std::get<std::int64_t>(feature.values[4]);
    }
    EXPECT_TRUE(any_whole);
}

TEST_F(SegmentCommand, TakesTheStretchOfAnEarlierRun) {
    ASSERT_EQ(segment(scene_, folder_.file("first.geojson"), {"--percentiles", "5,80", "--gamma", "1.3"}).exit_code, 0);
    ASSERT_EQ(segment(scene_, folder_.file("second.geojson"), {"--stretch-from", folder_.file("first.geojson.settings.json")}).exit_code, 0);
    ASSERT_EQ(segment(scene_, folder_.file("plain.geojson")).exit_code, 0);
    const auto stretch = [&](const std::string& name) {
        const std::string text = bytes_of(folder_.file(name + ".settings.json"));
        return text.substr(text.find("\"stretch\""), 250);
    };
    EXPECT_EQ(stretch("first.geojson"), stretch("second.geojson"));
    EXPECT_NE(stretch("first.geojson"), stretch("plain.geojson"));
}

TEST_F(SegmentCommand, WorksWithoutGeoreferenceInPixelsAndSaysSo) {
    DrawnScene drawing;
    drawing.epsg = 0;
    write_drawn_scene(scene_, drawing);
    const Outcome outcome = segment(scene_, folder_.file("out.gpkg"));
    ASSERT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.err, HasSubstr("warning"));
    const output::ReadLayer layer = output::read_layer(folder_.file("out.gpkg"));
    ASSERT_FALSE(layer.features.empty());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(layer.features[0].values[3]));
    EXPECT_EQ(area(layer.features[0].geometry), static_cast<double>(std::get<std::int64_t>(layer.features[0].values[4])));
}

TEST_F(SegmentCommand, LeavesNothingBehindWhenItFails) {
    const Outcome outcome = segment(scene_, folder_.file("out.gpkg"), {"--checkpoint", scene_});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("scene.tif"));
    const Outcome unknown = segment(scene_, folder_.file("out.xyz"));
    EXPECT_EQ(unknown.exit_code, 2);
    const Outcome preset = segment(scene_, folder_.file("out.gpkg"), {"--preset", "sentinel2:false-color"});
    EXPECT_EQ(preset.exit_code, 1);
    EXPECT_THAT(preset.err, HasSubstr("nir"));
    EXPECT_EQ(folder_.listing(), "scene.tif ");
}

TEST_F(SegmentCommand, InterruptedLeavesNothingBehindAndSaysThatAnotherTryMayDo) {
    DrawnScene drawing;
    drawing.width = drawing.height = 2000;
    write_drawn_scene(scene_, drawing);
    // Work has begun once the output's temporary folder stands beside the scene.
    const auto begun = [&] { return folder_.listing() != "scene.tif "; };
    const Outcome outcome = interrupt_landseam({"segment", scene_, folder_.file("out.gpkg")}, SIGTERM, begun);
    EXPECT_EQ(outcome.exit_code, 75);
    EXPECT_THAT(outcome.err, HasSubstr("interrupted"));
    // Nothing, but for tiles that were finished by then.
    EXPECT_THAT(folder_.listing(), testing::AnyOf("scene.tif ", "out.gpkg.work scene.tif "));
}

TEST_F(SegmentCommand, SeamsAreMeasuredOnTheGridThatWasUsed) {
    const std::string out = folder_.file("out.gpkg");
    ASSERT_EQ(segment(scene_, out, {"--tile-size", "192", "--tile-origin", "50,70"}).exit_code, 0);
    const std::string settings = bytes_of(out + ".settings.json");
    EXPECT_THAT(settings.substr(settings.find("\"origin\""), 40), AllOf(HasSubstr("50"), HasSubstr("70")));
    const Outcome seams = run_landseam({"evaluate", out, "--seams"});
    ASSERT_EQ(seams.exit_code, 0) << seams.err;
    EXPECT_THAT(seams.out, AllOf(HasSubstr("tile lines"), HasSubstr("seam ratio"), HasSubstr("by chance 1 ± ")));
    EXPECT_EQ(run_landseam({"evaluate", out, out, "--seams"}).exit_code, 2);
    EXPECT_EQ(run_landseam({"evaluate", out}).exit_code, 2);
}

TEST_F(SegmentCommand, CoarseLevelsAddLargerTiles) {
    const std::string out = folder_.file("out.gpkg");
    const auto with = [&](const std::string& levels) {
        return segment(scene_, out, {"--tile-size", "160", "--tile-overlap", "40", "--coarse-levels", levels, "--overwrite"});
    };
    // The scene has 400 by 300 pixels: 3 by 3 tiles of 160, 2 by 1 of 320, and one of it all.
    EXPECT_THAT(with("0").out, HasSubstr("on 9 tiles"));
    EXPECT_THAT(with("1").out, HasSubstr("on 11 tiles"));
    EXPECT_THAT(bytes_of(out + ".settings.json"), HasSubstr("\"coarse_levels\": 1"));
    EXPECT_THAT(with("9").out, HasSubstr("on 12 tiles"));
    EXPECT_EQ(with("11").exit_code, 2);
}

TEST_F(SegmentCommand, GsdResamplesTheScene) {
    ASSERT_EQ(segment(scene_, folder_.file("out.gpkg"), {"--gsd", "1", "--label-raster", folder_.file("labels.tif")}).exit_code, 0);
    auto* labels = GDALDataset::FromHandle(GDALOpen(folder_.file("labels.tif").c_str(), GA_ReadOnly));
    ASSERT_NE(labels, nullptr);
    EXPECT_EQ(labels->GetRasterXSize(), 200);
    double transform[6];
    labels->GetGeoTransform(transform);
    EXPECT_NEAR(transform[1], 1, 0.01);
    GDALClose(labels);
}

TEST_F(SegmentCommand, ObjectSizeSetsThePointsASide) {
    const std::string out = folder_.file("out.gpkg");
    ASSERT_EQ(run_landseam({"segment", scene_, out, "--object-size", "40", "--tile-size", "256"}).exit_code, 0);
    EXPECT_THAT(bytes_of(out + ".settings.json"), AllOf(HasSubstr("\"object_size\": 40.0"), Not(HasSubstr("\"points_per_side\": 32"))));
    const Outcome both = segment(scene_, folder_.file("both.gpkg"), {"--object-size", "40"});
    EXPECT_EQ(both.exit_code, 2);
    EXPECT_THAT(both.err, HasSubstr("--points-per-side"));
}

TEST_F(SegmentCommand, KeptEmbeddingsSpareTheEncoderAndChangeNothing) {
    const std::vector<std::string> kept{"--embeddings", folder_.file("kept")};
    const Outcome first = segment(scene_, folder_.file("first.geojson"), kept);
    ASSERT_EQ(first.exit_code, 0) << first.err;
    EXPECT_THAT(first.out, Not(HasSubstr("known")));
    const Outcome again = segment(scene_, folder_.file("again.geojson"), kept);
    EXPECT_THAT(again.out, HasSubstr("embeddings known"));
    const auto body = [&](const std::string& name) {
        const std::string text = bytes_of(folder_.file(name));
        return text.substr(text.find("\"features\""));
    };
    EXPECT_EQ(body("first.geojson"), body("again.geojson"));
    const Outcome stretched = segment(scene_, folder_.file("other.geojson"), {"--embeddings", folder_.file("kept"), "--bands", "3,2,1"});
    EXPECT_EQ(stretched.exit_code, 0) << stretched.err;
    EXPECT_THAT(stretched.out, Not(HasSubstr("known")));
    const Outcome nowhere = segment(scene_, folder_.file("none.geojson"), {"--embeddings", scene_});
    EXPECT_EQ(nowhere.exit_code, 1);
    EXPECT_THAT(nowhere.err, HasSubstr("scene.tif"));
}

TEST_F(SegmentCommand, ObjectSizeNeedsToKnowTheSizeOfPixels) {
    DrawnScene drawing;
    drawing.epsg = 0;
    write_drawn_scene(scene_, drawing);
    const Outcome outcome = run_landseam({"segment", scene_, folder_.file("out.gpkg"), "--object-size", "40"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("scene.tif"), HasSubstr("--points-per-side")));
}

}  // namespace
}  // namespace landseam::test
