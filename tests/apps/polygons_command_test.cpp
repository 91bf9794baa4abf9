// What landseam segment and regularize make of outlines.
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"
#include "landseam/vectors/evaluate.h"
#include "landseam/vectors/simplify.h"

#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::test {
namespace {

using testing::HasSubstr;

std::size_t field(const output::ReadLayer& layer, const std::string& name) {
    return static_cast<std::size_t>(std::find(layer.field_names.begin(), layer.field_names.end(), name) -
                                    layer.field_names.begin());
}

// Of all features: the area that any covers, and the sum of their areas.
std::pair<double, double> covered_and_summed(const output::ReadLayer& layer) {
    MultiPolygon all;
    double sum = 0;
    for (const output::Feature& feature : layer.features) {
        all.insert(all.end(), feature.geometry.begin(), feature.geometry.end());
        sum += area(feature.geometry);
    }
    return {area(vectors::make_valid(all)), sum};
}

TEST(SegmentCommandPolygons, MakesALayerWithoutOverlaps) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));
    const std::vector<std::string> common{"segment",     folder.file("scene.tif"), folder.file("out.gpkg"),
                                          "--overwrite", "--points-per-side",      "12",
                                          "--overlap"};
    auto flat = common;
    flat.insert(flat.end(),
                {"flat", "--fill-gaps", "2", "--simplify", "1.5", "--smooth", "1", "--min-area", "3m2"});
    const Outcome outcome = run_landseam(flat);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("outlines moved by up to"));
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    ASSERT_GT(layer.features.size(), 5u);
    for (const output::Feature& feature : layer.features) EXPECT_TRUE(vectors::is_valid(feature.geometry));
    const auto [covered, summed] = covered_and_summed(layer);
    EXPECT_NEAR(covered, summed, 1e-6);

    auto tree = common;
    tree.push_back("tree");
    ASSERT_EQ(run_landseam(tree).exit_code, 0);
    const output::ReadLayer parts = output::read_layer(folder.file("out.gpkg"));
    std::set<std::int64_t> ids;
    for (const output::Feature& feature : parts.features)
        ids.insert(std::get<std::int64_t>(feature.values[field(parts, "id")]));
    for (const output::Feature& feature : parts.features) {
        const auto& parent = feature.values[field(parts, "parent_id")];
        const std::int64_t depth = std::get<std::int64_t>(feature.values[field(parts, "depth")]);
        EXPECT_EQ(std::holds_alternative<std::monostate>(parent), depth == 0);
        if (depth > 0) {
            EXPECT_EQ(ids.count(std::get<std::int64_t>(parent)), 1u);
        }
    }
}

TEST(SegmentCommandPolygons, SquaresUpBuildings) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));
    const Outcome outcome =
        run_landseam({"segment", folder.file("scene.tif"), folder.file("out.gpkg"), "--points-per-side", "12",
                      "--regularize", "buildings", "--t-srs", "EPSG:4326"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    std::map<std::string, int> by_status;
    for (const output::Feature& feature : layer.features)
        ++by_status[std::get<std::string>(feature.values[field(layer, "status")])];
    EXPECT_GT(by_status["rectangular"], 0);
    EXPECT_GT(by_status["circle"], 0);
    for (const output::Feature& feature : layer.features) EXPECT_NEAR(feature.geometry[0].outer[0].x, 9, 0.1);
    EXPECT_EQ(run_landseam({"segment", "a.tif", "b.gpkg", "--regularize", "castles"}).exit_code, 2);
}

std::vector<Ring> read_outlines(const std::string& path) {
    std::vector<Ring> outlines;
    for (const output::Feature& feature : output::read_layer(path).features)
        for (const Polygon& polygon : feature.geometry) outlines.push_back(polygon.outer);
    return outlines;
}

TEST(RegularizeCommand, KeepsFieldsAndCrsAndTellsWhatItDid) {
    const TemporaryFolder folder;
    output::LayerOptions options;
    options.path = folder.file("in.geojson");
    options.fields = {{"name", output::FieldType::text}};
    OGRSpatialReference crs;
    crs.importFromEPSG(4326);
    char* text = nullptr;
    crs.exportToWkt(&text);
    options.crs_wkt = text;
    CPLFree(text);
    const auto sink = output::open_layer(options);
    // Some 22 m by 11 m near Kathmandu, with a ragged southern wall.
    const double x = 85.3, y = 27.7, east = 1.0e-4 / 0.9, north = 1.0e-4;
    sink->write({1,
                 {{{{x, y},
                    {x + 0.5 * east, y - 2e-6},
                    {x + east, y + 2e-6},
                    {x + 2 * east, y},
                    {x + 2 * east, y + north},
                    {x, y + north}},
                   {}}},
                 {std::string("school")}});
    sink->close();
    const Outcome outcome = run_landseam({"regularize", folder.file("in.geojson"), folder.file("out.gpkg")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("1 buildings, 0 kept as they were, vertices 6 to 4"));
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    ASSERT_EQ(layer.features.size(), 1u);
    EXPECT_EQ(std::get<std::string>(layer.features[0].values[field(layer, "name")]), "school");
    EXPECT_EQ(std::get<std::string>(layer.features[0].values[field(layer, "status")]), "rectangular");
    EXPECT_EQ(layer.features[0].geometry[0].outer.size(), 4u);
    EXPECT_NEAR(layer.features[0].geometry[0].outer[0].x, x + east, 2 * east);
    EXPECT_EQ(run_landseam({"regularize", folder.file("in.geojson"), folder.file("o.gpkg"), "--detail", "-1"})
                  .exit_code,
              2);
}

TEST(RegularizeCommand, SuitsThePixelsThatOutlinesRunAlong) {
    const TemporaryFolder folder;
    write_drawn_scene(folder.file("scene.tif"));  // pixels of 0.5 m
    ASSERT_EQ(run_landseam(
                  {"segment", folder.file("scene.tif"), folder.file("masks.gpkg"), "--points-per-side", "12"})
                  .exit_code,
              0);
    const auto squared_up = [&](const std::vector<std::string>& options, const std::string& told) {
        std::vector<std::string> command{"regularize", folder.file("masks.gpkg"), folder.file("out.gpkg"),
                                         "--overwrite"};
        command.insert(command.end(), options.begin(), options.end());
        const Outcome outcome = run_landseam(command);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
        EXPECT_EQ(outcome.out.find("outlines run along pixels of ") != std::string::npos, !told.empty());
        EXPECT_THAT(outcome.out, HasSubstr(told));
        return read_outlines(folder.file("out.gpkg"));
    };
    const auto found = squared_up({}, "outlines run along pixels of 0.5 m");
    EXPECT_TRUE(found == squared_up({"--resolution", "0.5", "--detail", "2", "--max-shift", "3"}, ""));
    EXPECT_FALSE(found == squared_up({"--resolution", "0.3"}, ""));
}

}  // namespace
}  // namespace landseam::test
