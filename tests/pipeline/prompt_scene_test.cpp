#include "landseam/pipeline/prompt_scene.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"

#include "support/drawn_scene.h"
#include "support/prompt_layers.h"
#include "support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

using output::FieldValue;
using testing::HasSubstr;

// The drawn scene's things, in its CRS: a disc of 24 pixels' radius around pixel (40, 37), half a metre each.
constexpr const char* disc_point = "POINT (500020 4199981.5)";
constexpr const char* disc_box =
    "POLYGON ((500008 4199969.5,500032 4199969.5,500032 4199993.5,500008 4199993.5,500008 4199969.5))";

class PromptScene : public testing::Test {
protected:
    PromptScene() {
        test::write_drawn_scene(folder_.file("scene.tif"));
        options_.scene = folder_.file("scene.tif");
        options_.prompts = folder_.file("prompts.gpkg");
        options_.output = folder_.file("out.gpkg");
        options_.overwrite = true;
        options_.threads = 2;
    }

    PromptReport run() { return prompt_scene(options_, *progress_); }

    struct Row {
        MultiPolygon geometry;
        std::map<std::string, FieldValue> values;

        std::string status() const { return std::get<std::string>(values.at("status")); }
        double number(const std::string& name) const {
            const FieldValue& value = values.at(name);
            if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
            return std::get<double>(value);
        }
    };
    // Every feature, those without geometry too.
    std::vector<Row> rows() const {
        const std::unique_ptr<GDALDataset> dataset(
            GDALDataset::Open(options_.output.c_str(), GDAL_OF_VECTOR));
        std::vector<Row> result;
        std::map<std::int64_t, MultiPolygon> geometries;
        for (const output::Feature& feature : geometries_of(*dataset))
            geometries[feature.id] = feature.geometry;
        while (const OGRFeatureUniquePtr row{dataset->GetLayer(0)->GetNextFeature()}) {
            Row one;
            one.geometry = geometries[row->GetFID()];
            for (int i = 0; i < row->GetFieldCount(); ++i) {
                FieldValue value;
                if (row->IsFieldSetAndNotNull(i)) {
                    const OGRFieldType type = row->GetFieldDefnRef(i)->GetType();
                    if (type == OFTReal)
                        value = row->GetFieldAsDouble(i);
                    else if (type == OFTString)
                        value = std::string(row->GetFieldAsString(i));
                    else
                        value = static_cast<std::int64_t>(row->GetFieldAsInteger64(i));
                }
                one.values[row->GetFieldDefnRef(i)->GetNameRef()] = value;
            }
            result.push_back(std::move(one));
        }
        return result;
    }
    std::vector<output::Feature> geometries_of(GDALDataset& dataset) const {
        dataset.GetLayer(0)->ResetReading();
        bool any = false;
        while (const OGRFeatureUniquePtr row{dataset.GetLayer(0)->GetNextFeature()})
            any = any || row->GetGeometryRef();
        dataset.GetLayer(0)->ResetReading();
        return any ? output::read_layer(options_.output).features : std::vector<output::Feature>{};
    }

    test::TemporaryFolder folder_;
    PromptOptions options_;
    const std::shared_ptr<Progress> progress_ = silent_progress();
};

TEST_F(PromptScene, WritesAnOutlineForEachObjectWithItsAttributes) {
    test::write_prompt_layer(options_.prompts, 32632, {"name", "status"},
                             {{disc_point, {"a disc", "old"}}, {disc_box, {"the same", "NULL"}}});
    const PromptReport report = run();
    EXPECT_EQ(report.objects, 2);
    const std::vector<Row> result = rows();
    ASSERT_EQ(result.size(), 2u);
    EXPECT_EQ(result[0].values.at("name"), FieldValue(std::string("a disc")));
    EXPECT_EQ(result[0].values.at("prompt_status"), FieldValue(std::string("old")));
    for (const Row& row : result) {
        ASSERT_EQ(row.status(), "ok");
        EXPECT_NEAR(row.number("area_px"), area(row.geometry) * 4, 1e-3);
        EXPECT_NEAR(row.number("area_m2"), area(row.geometry) / (0.9996 * 0.9996), area(row.geometry) * 1e-3);
        EXPECT_GT(row.number("predicted_iou"), 0);
        EXPECT_GT(row.number("stability_score"), 0);
    }
    EXPECT_EQ(result[1].number("prompt_id"), 2);
    // What the model makes of the disc is its own affair; it lies where the prompts do.
    const Point corner = result[1].geometry.at(0).outer.at(0);
    EXPECT_NEAR(corner.x, 500020, 40);
    EXPECT_NEAR(corner.y, 4199981, 40);
}

TEST_F(PromptScene, InDegreesGivesTheSameOutlines) {
    test::write_prompt_layer(options_.prompts, 32632, {}, {{disc_point, {}}, {disc_box, {}}});
    run();
    const std::vector<Row> expected = rows();
    const output::MixedLayer degrees = output::read_mixed_layer(options_.prompts, "", [] {
        OGRSpatialReference crs;
        crs.importFromEPSG(4326);
        char* text = nullptr;
        crs.exportToWkt(&text);
        const std::string wkt = text;
        CPLFree(text);
        return wkt;
    }());
    char point[200], box[900];
    const Point p = degrees.features[0].points[0];
    std::snprintf(point, sizeof point, "POINT (%.12f %.12f)", p.x, p.y);
    const Ring& r = degrees.features[1].polygons[0].outer;
    std::snprintf(box, sizeof box, "POLYGON ((%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f))",
                  r[0].x, r[0].y, r[1].x, r[1].y, r[2].x, r[2].y, r[3].x, r[3].y, r[0].x, r[0].y);
    options_.prompts = folder_.file("degrees.gpkg");
    test::write_prompt_layer(options_.prompts, 4326, {}, {{point, {}}, {box, {}}});
    run();
    const std::vector<Row> result = rows();
    ASSERT_EQ(result.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_NEAR(area(result[i].geometry), area(expected[i].geometry), 0.01 * area(expected[i].geometry))
            << i;
}

TEST_F(PromptScene, SaysOfEachObjectWhyThereIsNone) {
    test::DrawnScene drawing;
    drawing.empty_columns = 100;
    test::write_drawn_scene(options_.scene, drawing);
    test::write_prompt_layer(options_.prompts, 32632, {"#on"},
                             {{"POINT (500010 4199990)", {"1"}},  // on nodata
                              {"POINT (400000 4199990)", {"1"}},  // far from the scene
                              {"POINT (500100 4199940)", {"0"}},  // not on anything
                              {"POINT (500100 4199944)", {"1"}}});
    options_.label_field = "on";
    const PromptReport report = run();
    const std::vector<Row> result = rows();
    ASSERT_EQ(result.size(), 4u);
    EXPECT_EQ(result[0].status(), "nodata");
    EXPECT_EQ(result[1].status(), "outside");
    EXPECT_EQ(result[2].status(), "no_positive");
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(result[i].geometry.empty());
        EXPECT_EQ(result[i].values.at("predicted_iou"), FieldValue());
    }
    EXPECT_EQ(report.by_status.at("nodata"), 1);
    EXPECT_EQ(report.by_status.at("outside"), 1);
}

TEST_F(PromptScene, EncodesAWindowOnceForAllItsPrompts) {
    std::vector<test::PromptRow> prompts;
    for (int i = 0; i < 200; ++i)
        prompts.push_back(
            {"POINT (" + std::to_string(500090 + i % 20) + " " + std::to_string(4199920 + i / 20) + ")", {}});
    test::write_prompt_layer(options_.prompts, 32632, {}, prompts);
    options_.embeddings = folder_.file("embeddings");
    options_.object_size = 10;
    const PromptReport first = run();
    EXPECT_LE(first.windows, 24);
    EXPECT_EQ(first.known_embeddings, 0);
    std::int64_t kept = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options_.embeddings))
        kept += entry.is_regular_file();
    EXPECT_EQ(kept, first.windows) << "some window was encoded twice, or two are alike";
    EXPECT_EQ(run().known_embeddings, first.windows);
}

TEST_F(PromptScene, AnObjectDependsNeitherOnTheOthersNorOnThreads) {
    test::write_prompt_layer(options_.prompts, 32632, {},
                             {{disc_point, {}}, {disc_box, {}}, {"POINT (500100 4199944)", {}}});
    options_.threads = 1;
    run();
    const std::vector<Row> one = rows();
    options_.threads = 5;
    run();
    const std::vector<Row> five = rows();
    for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(one[i].values, five[i].values);
        EXPECT_EQ(area(one[i].geometry), area(five[i].geometry));
    }
    options_.prompts = folder_.file("one.gpkg");
    test::write_prompt_layer(options_.prompts, 32632, {}, {{disc_box, {}}});
    run();
    EXPECT_EQ(rows().at(0).number("predicted_iou"), one[1].number("predicted_iou"));
    EXPECT_EQ(area(rows().at(0).geometry), area(one[1].geometry));
}

TEST_F(PromptScene, CoarserWindowsAreTakenForLargeObjects) {
    test::write_prompt_layer(
        options_.prompts, 32632, {},
        {{"POLYGON ((500002 4199852,500198 4199852,500198 4199998,500002 4199998,500002 4199852))", {}},
         {"POLYGON ((500100 4199940,500102 4199940,500102 4199942,500100 4199942,500100 4199940))", {}}});
    options_.checkpoint =
        LANDSEAM_TEST_DATA "/parity/vit/weights.pth";  // of 256 pixels; what it finds does not matter
    options_.refine = true;
    run();
    const std::vector<Row> result = rows();
    for (const Row& row : result)
        EXPECT_THAT((std::vector<std::string>{"ok", "kept", "empty"}), testing::Contains(row.status()));
    ASSERT_NE(result[0].status(), "empty");
    EXPECT_EQ(result[0].number("scale"), 4);
    ASSERT_NE(result[1].status(), "empty");
    EXPECT_EQ(result[1].number("scale"), 0.25);
}

TEST_F(PromptScene, RefiningTellsHowFarOutlinesMovedAndKeepsThoseTheModelDoesNotSee) {
    const char* nowhere = "POLYGON ((400008 4199969,400032 4199969,400032 4199993,400008 4199969))";
    test::write_prompt_layer(options_.prompts, 32632, {}, {{disc_box, {}}, {nowhere, {}}});
    options_.refine = true;
    options_.refine_min_iou = 0;
    run();
    std::vector<Row> result = rows();
    ASSERT_EQ(result[0].status(), "ok");
    const double iou = result[0].number("iou_with_prompt");
    EXPECT_GT(iou, 0);
    EXPECT_LT(iou, 1);
    EXPECT_GT(result[0].number("moved_max_m"), result[0].number("moved_m"));
    EXPECT_GT(result[0].number("moved_m"), 0);
    EXPECT_EQ(result[1].status(), "outside");
    EXPECT_NEAR(area(result[1].geometry), 24 * 24 / 2.0, 1e-3);
    EXPECT_EQ(result[1].number("moved_m"), 0);
    options_.refine_min_iou = 1;
    run();
    result = rows();
    EXPECT_EQ(result[0].status(), "kept");
    EXPECT_NEAR(area(result[0].geometry), 24 * 24, 1e-3);
    EXPECT_EQ(result[0].number("iou_with_prompt"), iou);
}

TEST_F(PromptScene, LeavesNothingBehindWhereItFails) {
    options_.prompts = folder_.file("missing.gpkg");
    EXPECT_THROW(run(), Error);
    test::write_prompt_layer(folder_.file("prompts.gpkg"), 32632, {}, {{disc_point, {}}});
    options_.prompts = folder_.file("prompts.gpkg");
    options_.label_field = "none";
    EXPECT_THROW(run(), Error);
    EXPECT_EQ(folder_.listing(), "prompts.gpkg scene.tif ");
}

TEST(PromptOptions, RefuseWhatMakesNoSense) {
    PromptOptions options;
    options.scene = "a.tif";
    options.output = "b.gpkg";
    EXPECT_THROW(options.validate(), Error) << "no prompts";
    options.points = {{1, 2}};
    EXPECT_NO_THROW(options.validate());
    const auto refused = [&](const auto& change) {
        PromptOptions changed = options;
        change(changed);
        try {
            changed.validate();
        } catch (const Error& error) {
            return error.kind() == ErrorKind::usage;
        }
        return false;
    };
    EXPECT_TRUE(refused([](PromptOptions& o) { o.boxes = {{3, 3, 1, 1}}; }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.refine = true; }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.label_field = "on"; }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.window_steps = -1; }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.object_size = 0; }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.simplify = std::nan(""); }));
    EXPECT_TRUE(refused([](PromptOptions& o) { o.precision = "int3"; }));
}

}  // namespace
}  // namespace landseam::pipeline
