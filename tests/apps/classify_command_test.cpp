// features, cluster and classify as users run them.
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"

#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::test {
namespace {

using testing::HasSubstr;

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::size_t field(const output::ReadLayer& layer, const std::string& name) {
    return static_cast<std::size_t>(std::find(layer.field_names.begin(), layer.field_names.end(), name) -
                                    layer.field_names.begin());
}

std::string wkt_of(int epsg) {
    OGRSpatialReference crs;
    crs.importFromEPSG(epsg);
    char* text = nullptr;
    crs.exportToWkt(&text);
    const std::string wkt = text;
    CPLFree(text);
    return wkt;
}

MultiPolygon box_in_world(double x0, double y0, double x1, double y1, double shift = 0) {
    const auto world = [&](double x, double y) { return Point{500000 + 0.5 * x + shift, 4200000 - 0.5 * y}; };
    return {{{world(x0, y0), world(x1, y0), world(x1, y1), world(x0, y1)}, {}}};
}

// Which of the drawn scene's cells of 80 × 75 pixels hold a disc or a box, see write_drawn_scene.
bool holds_thing(int column, int row) {
    return (column * 3 + row * 5) % 4 != 3;
}

// A layer over the drawn scene: in the middle of each cell one segment on what is drawn there, or on the
// ground, and one on the ground at the cell's corner; samples are those of the left cells.
class Classes : public testing::Test {
protected:
    void SetUp() override {
        write_drawn_scene(folder.file("scene.tif"));
        const auto segments =
            sink("segments.gpkg", {{"id", output::FieldType::integer64}, {"note", output::FieldType::text}});
        const auto samples = sink("samples.gpkg", {{"kind", output::FieldType::text}});
        const auto things = sink("things.gpkg", {});
        std::int64_t id = 0;
        for (int row = 0; row < 4; ++row)
            for (int column = 0; column < 5; ++column) {
                const double x = 80 * column + 40, y = 75 * row + 37;
                const MultiPolygon middle = box_in_world(x - 14, y - 14, x + 14, y + 14),
                                   corner = box_in_world(x - 38, y - 35, x - 28, y - 26);
                segments->write({++id, middle, {id, std::string("middle")}});
                segments->write({++id, corner, {id, std::string("corner")}});
                if (column > 2) continue;
                samples->write({id, middle, {std::string(holds_thing(column, row) ? "thing" : "ground")}});
                samples->write({id + 1000, corner, {std::string("ground")}});
                if (holds_thing(column, row))
                    things->write({id, box_in_world(x - 13, y - 13, x + 14, y + 13), {}});
            }
        for (const auto& layer : {segments.get(), samples.get(), things.get()}) layer->close();
    }

    std::unique_ptr<output::LayerSink> sink(const std::string& name,
                                            std::vector<output::FieldDefinition> fields,
                                            const std::string& crs = wkt_of(32632)) const {
        output::LayerOptions options;
        options.path = folder.file(name);
        options.crs_wkt = crs;
        options.fields = std::move(fields);
        return output::open_layer(options);
    }

    std::vector<std::string> command(const std::string& name, const std::string& output,
                                     std::vector<std::string> more) const {
        std::vector<std::string> all{name,
                                     folder.file("scene.tif"),
                                     folder.file("segments.gpkg"),
                                     folder.file(output),
                                     "--no-embedding",
                                     "-q"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    std::vector<std::string> classify(const std::string& output, const std::string& samples,
                                      std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"--training", folder.file(samples), "--trees", "30"});
        return command("classify", output, more);
    }

    // The class told of each segment is what is drawn there.
    void expect_right(const std::string& output) const {
        const output::ReadLayer layer = output::read_layer(folder.file(output));
        ASSERT_EQ(layer.features.size(), 40u);
        for (const output::Feature& feature : layer.features) {
            const auto cell = (std::get<std::int64_t>(feature.values[field(layer, "id")]) - 1) / 2;
            const bool thing = std::get<std::string>(feature.values[field(layer, "note")]) == "middle" &&
                               holds_thing(static_cast<int>(cell % 5), static_cast<int>(cell / 5));
            EXPECT_EQ(std::get<std::string>(feature.values[field(layer, "class")]) == "thing", thing) << cell;
            const double probability = std::get<double>(feature.values[field(layer, "probability")]);
            EXPECT_TRUE(probability >= 0.5 && probability <= 1);
            EXPECT_NE(feature.values[field(layer, "second")], feature.values[field(layer, "class")]);
        }
    }

    const TemporaryFolder folder;
};

TEST_F(Classes, AreLearnedSavedAndAppliedWhateverTheThreads) {
    const Outcome outcome = run_landseam(
        classify("out.gpkg", "samples.gpkg",
                 {"--class-field", "kind", "--save-model", folder.file("model.json"), "--threads", "1",
                  "--validation", folder.file("v.json"), "--plot", folder.file("v.png")}));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("held out in 5 folds of blocks"));
    EXPECT_THAT(outcome.out, HasSubstr("confusion"));
    EXPECT_THAT(read_text(folder.file("v.json")), HasSubstr("\"mean_f1\""));
    expect_right("out.gpkg");

    ASSERT_EQ(run_landseam(classify("again.gpkg", "samples.gpkg",
                                    {"--class-field", "kind", "--save-model", folder.file("again.json"),
                                     "--threads", "3"}))
                  .exit_code,
              0);
    EXPECT_EQ(read_text(folder.file("again.json")), read_text(folder.file("model.json")));

    const Outcome applied =
        run_landseam(command("classify", "applied.gpkg", {"--model", folder.file("model.json")}));
    ASSERT_EQ(applied.exit_code, 0) << applied.err;
    expect_right("applied.gpkg");
}

TEST_F(Classes, OfOneKindOfObjectLearnOtherFromTheSegmentsNearby) {
    const Outcome outcome =
        run_landseam(classify("out.geojson", "things.gpkg",
                              {"--class", "thing", "--only", "thing", "--overlap", "best", "--near", "20"}));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("objects: F1 "));
    const output::ReadLayer layer = output::read_layer(folder.file("out.geojson"));
    EXPECT_EQ(layer.features.size(), 15u);  // cells of 20 that hold something
    for (const output::Feature& feature : layer.features)
        EXPECT_EQ(std::get<std::string>(feature.values[field(layer, "note")]), "middle");
}

TEST_F(Classes, OfTouchingSegmentsDissolve) {
    const auto more = sink("segments2.gpkg", {});
    for (int column = 0; column < 8; ++column)
        more->write({column + 1, box_in_world(10 * column, 0, 10 * column + 10, 10), {}});
    more->write({9, box_in_world(26, 23, 54, 51), {}});
    more->close();
    ASSERT_EQ(run_landseam(classify("first.gpkg", "samples.gpkg",
                                    {"--class-field", "kind", "--folds", "0", "--save-model",
                                     folder.file("model.json")}))
                  .exit_code,
              0);
    std::vector<std::string> arguments =
        command("classify", "out.gpkg", {"--model", folder.file("model.json"), "--dissolve"});
    arguments[2] = folder.file("segments2.gpkg");
    const Outcome outcome = run_landseam(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const output::ReadLayer layer = output::read_layer(folder.file("out.gpkg"));
    ASSERT_EQ(layer.features.size(), 2u);
    std::map<std::string, std::int64_t> counts;
    for (const output::Feature& feature : layer.features)
        counts[std::get<std::string>(feature.values[field(layer, "class")])] =
            std::get<std::int64_t>(feature.values[field(layer, "segments")]);
    EXPECT_EQ(counts["ground"], 8);
    EXPECT_EQ(counts["thing"], 1);
}

TEST_F(Classes, TellWhatIsWrongWithSamplesAndLeaveNothing) {
    const auto refused = [&](std::vector<std::string> arguments, const std::string& reason,
                             int exit_code = 1) {
        const Outcome outcome = run_landseam(arguments);
        EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr(reason));
        EXPECT_THAT(folder.listing(), testing::Not(HasSubstr("out.gpkg")));
    };
    const auto beyond = sink("beyond.gpkg", {{"kind", output::FieldType::text}});
    beyond->write({1, box_in_world(0, 0, 10, 10, 5000), {std::string("thing")}});
    beyond->close();
    refused(classify("out.gpkg", "beyond.gpkg", {"--class-field", "kind"}),
            "none of its samples lies on the scene");

    const auto single = sink("single.gpkg", {{"kind", output::FieldType::text}});
    single->write({1, box_in_world(26, 23, 54, 51), {std::string("thing")}});
    single->close();
    refused(classify("out.gpkg", "single.gpkg", {"--class-field", "kind"}), "teach one class only, 'thing'");
    refused(classify("out.gpkg", "samples.gpkg", {"--class-field", "king"}),
            "has no field 'king'; name one of its fields as --class-field: kind");
    refused(classify("out.gpkg", "missing.gpkg", {"--class-field", "kind"}), "missing.gpkg");

    const auto empty = sink("empty.gpkg", {{"kind", output::FieldType::text}});
    empty->close();
    refused(classify("out.gpkg", "empty.gpkg", {"--class-field", "kind"}), "empty.gpkg");
    const auto tiny = sink("tiny.gpkg", {});
    tiny->write({1, box_in_world(0, 0, 2, 2), {}});
    tiny->close();
    refused(classify("out.gpkg", "tiny.gpkg", {"--class", "thing"}),
            "no segment is like any of its 1 samples");

    refused(classify("out.gpkg", "samples.gpkg", {}), "needs either --class-field or --class", 2);
    refused(command("classify", "out.gpkg", {}), "needs either samples or a model", 2);
    refused(classify("out.gpkg", "samples.gpkg", {"--class-field", "kind", "--method", "oracle"}), "--method",
            2);
    refused(classify("out.gpkg", "samples.gpkg", {"--class-field", "kind", "--weight", "thing"}),
            "is not CLASS=NUMBER", 2);
    refused(classify("out.gpkg", "samples.gpkg", {"--class-field", "kind", "--only", "castle"}),
            "'castle' is none of the classes", 2);
}

TEST_F(Classes, AreTakenFromSamplesOfAnyCrsAndFromPoints) {
    const auto points = run_landseam({"info", "-q"});  // makes sure that the program is there
    ASSERT_EQ(points.exit_code, 0);
    std::ofstream file(folder.file("points.geojson"));
    file
        << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32632"}},"features":[)";
    for (int row = 0; row < 4; ++row)
        for (int column = 0; column < 3; ++column)
            file << (row + column > 0 ? "," : "") << R"({"type":"Feature","properties":{"kind":")"
                 << (holds_thing(column, row) ? "thing" : "ground")
                 << R"("},"geometry":{"type":"Point","coordinates":[)" << 500000 + 0.5 * (80 * column + 40)
                 << "," << 4200000 - 0.5 * (75 * row + 37) << "]}}";
    file << "]}";
    file.close();
    ASSERT_EQ(run_landseam(classify("out.gpkg", "points.geojson", {"--class-field", "kind"})).exit_code, 0);
    expect_right("out.gpkg");
    const Outcome one = run_landseam(classify("no.gpkg", "points.geojson", {"--class", "thing"}));
    EXPECT_EQ(one.exit_code, 2);
    EXPECT_THAT(one.err, HasSubstr("points of one class"));
}

TEST_F(Classes, AreToldInTheRunThatSegments) {
    // What is found are the things themselves: boxes and discs.
    const auto shapes = sink("shapes.gpkg", {{"kind", output::FieldType::text}});
    for (int row = 0; row < 4; ++row)
        for (int column = 0; column < 5; ++column)
            if (const int kind = (column * 3 + row * 5) % 4; kind != 3) {
                const double x = 80 * column + 40, y = 75 * row + 37;
                shapes->write({5 * row + column + 1,
                               box_in_world(x - 26, y - 24, x + 26, y + 24),
                               {std::string(kind == 1 ? "box" : "disc")}});
            }
    shapes->close();
    const std::vector<std::string> grid{"--points-per-side", "12", "-q"};
    std::vector<std::string> segment{"segment", folder.file("scene.tif"), folder.file("found.gpkg")};
    segment.insert(segment.end(), grid.begin(), grid.end());
    ASSERT_EQ(run_landseam(segment).exit_code, 0);
    std::vector<std::string> learn =
        classify("known.gpkg", "shapes.gpkg",
                 {"--class-field", "kind", "--save-model", folder.file("model.json"), "--folds", "0"});
    learn[2] = folder.file("found.gpkg");
    const Outcome learned = run_landseam(learn);
    ASSERT_EQ(learned.exit_code, 0) << learned.err;
    segment[2] = folder.file("told.gpkg");
    segment.insert(segment.end(), {"--classify", folder.file("model.json")});
    const Outcome told = run_landseam(segment);
    ASSERT_EQ(told.exit_code, 0) << told.err;
    const output::ReadLayer one = output::read_layer(folder.file("told.gpkg")),
                            two = output::read_layer(folder.file("known.gpkg"));
    ASSERT_EQ(one.features.size(), two.features.size());
    for (std::size_t i = 0; i < one.features.size(); ++i)
        EXPECT_EQ(one.features[i].values[field(one, "probability")],
                  two.features[i].values[field(two, "probability")]);
    EXPECT_THAT(folder.listing(), HasSubstr("told.gpkg told.gpkg.settings.json "));  // and nothing between
    // A catalog's scenes are named likewise, by one model.
    ASSERT_EQ(run_landseam({"batch", "plan", folder.file("scene.tif"), folder.file("batch"), "--no-estimate", "-q",
                            "--points-per-side", "12", "--classify", folder.file("model.json")})
                  .exit_code,
              0);
    const Outcome ran = run_landseam({"batch", "run", folder.file("batch"), "-q"});
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const output::ReadLayer scene = output::read_layer(folder.file("batch/scenes/000/000000/segments.gpkg"));
    ASSERT_EQ(scene.features.size(), one.features.size());
    for (std::size_t i = 0; i < one.features.size(); ++i)
        EXPECT_EQ(scene.features[i].values[field(scene, "class")], one.features[i].values[field(one, "class")]);
    EXPECT_EQ(run_landseam({"segment", "a.tif", "b.gpkg", "--classify", "m.json", "--t-srs", "EPSG:4326"})
                  .exit_code,
              2);
    EXPECT_EQ(run_landseam({"segment", "a.tif", "b.gpkg", "--only", "thing"}).exit_code, 2);
}

TEST_F(Classes, RefuseModelsThatDoNotFit) {
    ASSERT_EQ(run_landseam(classify("first.gpkg", "samples.gpkg",
                                    {"--class-field", "kind", "--save-model", folder.file("model.json")}))
                  .exit_code,
              0);
    const std::string model = read_text(folder.file("model.json"));
    const auto refused = [&](const std::string& text, const std::string& reason) {
        std::ofstream(folder.file("bad.json")) << text;
        const Outcome outcome =
            run_landseam(command("classify", "out.gpkg", {"--model", folder.file("bad.json")}));
        EXPECT_EQ(outcome.exit_code, 1);
        EXPECT_THAT(outcome.err, HasSubstr(reason));
    };
    refused("", "is not a model of landseam classify");
    refused("{}", "is not a model of landseam classify");
    refused(model.substr(0, model.size() / 2), "is not a model of landseam classify");
    std::string other = model;
    other.replace(other.find("mean_red"), 8, "mean_nir");
    refused(other, "features that are missing here: mean_nir");
    std::string looped = model;
    const std::size_t at = looped.find("\"left\":[") + 8;
    looped.replace(at, looped.find(',', at) - at, "0");
    refused(looped, "is not a model of landseam classify");
    EXPECT_THAT(folder.listing(), testing::Not(HasSubstr("out.gpkg")));
}

TEST_F(Classes, ClustersFindWhatIsAlike) {
    const Outcome outcome =
        run_landseam(command("cluster", "groups.gpkg",
                             {"--clusters", "4", "--features", "mean_", "--summary",
                              folder.file("groups.csv"), "--plot", folder.file("groups.png")}));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("4 clusters"));
    const output::ReadLayer layer = output::read_layer(folder.file("groups.gpkg"));
    for (const output::Feature& feature : layer.features) {
        const auto cell = (std::get<std::int64_t>(feature.values[field(layer, "id")]) - 1) / 2;
        const bool thing = std::get<std::string>(feature.values[field(layer, "note")]) == "middle" &&
                           holds_thing(static_cast<int>(cell % 5), static_cast<int>(cell / 5));
        // Ground is more frequent than each of the three kinds of things, which have colours of their own.
        EXPECT_EQ(std::get<std::int64_t>(feature.values[field(layer, "cluster")]) > 1, thing);
    }
    const std::string summary = read_text(folder.file("groups.csv"));
    EXPECT_EQ(summary.substr(0, summary.find('\n')),
              "cluster,segments,area_m2,mean_red,mean_green,mean_blue,mean_ngrdi,mean_nrbdi");
    EXPECT_THAT(summary, HasSubstr("\n1,25,"));
    const Outcome none = run_landseam(command("cluster", "no.gpkg", {"--features", "taste_"}));
    EXPECT_EQ(none.exit_code, 2);
}

TEST_F(Classes, FeaturesGoToATableOrALayerWhateverTheThreads) {
    ASSERT_EQ(run_landseam(command("features", "one.csv", {"--threads", "1"})).exit_code, 0);
    ASSERT_EQ(run_landseam(command("features", "many.csv", {"--threads", "4"})).exit_code, 0);
    const std::string table = read_text(folder.file("one.csv"));
    EXPECT_EQ(table, read_text(folder.file("many.csv")));
    EXPECT_EQ(table.substr(0, 12), "id,mean_red,");
    EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 41);
    ASSERT_EQ(run_landseam(command("features", "layer.gpkg", {})).exit_code, 0);
    const output::ReadLayer layer = output::read_layer(folder.file("layer.gpkg"));
    EXPECT_EQ(layer.field_names[1], "note");
    EXPECT_NEAR(std::get<double>(layer.features[0].values[field(layer, "area")]), 28 * 28 * 0.25, 0.2);
    EXPECT_EQ(run_landseam(command("features", "one.csv", {})).exit_code, 1);  // it exists
    EXPECT_EQ(run_landseam(command("features", "x.csv", {"--fields", "note"})).exit_code, 1);
    EXPECT_EQ(run_landseam(command("features", "x.csv", {"--fields", "nothing"})).exit_code, 1);
    EXPECT_EQ(run_landseam(command("features", "x.csv", {"--max-memory", "1M"})).exit_code, 1);
    EXPECT_THAT(folder.listing(), testing::Not(HasSubstr("x.csv")));
}

TEST_F(Classes, FeaturesHaveTheEmbedding) {
    std::vector<std::string> arguments =
        command("features", "with.csv", {"--embeddings", folder.file("kept")});
    arguments.erase(std::find(arguments.begin(), arguments.end(), "--no-embedding"));
    ASSERT_EQ(run_landseam(arguments).exit_code, 0);
    const std::string first = read_text(folder.file("with.csv"));
    EXPECT_THAT(first.substr(0, first.find('\n')), HasSubstr(",sam_0,"));
    arguments.push_back("--overwrite");
    ASSERT_EQ(run_landseam(arguments).exit_code, 0);  // from what was kept
    EXPECT_EQ(read_text(folder.file("with.csv")), first);
}

}  // namespace
}  // namespace landseam::test
