#include "pipeline/prompt_objects.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "support/drawn_scene.h"
#include "support/prompt_layers.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <proj.h>

namespace landseam::pipeline {
namespace {

using output::FieldDefinition;
using output::FieldType;
using output::FieldValue;
using test::write_prompt_layer;

// Of the drawn scene: half-metre pixels, the upper left corner at 500000, 4200000 in EPSG:32632.
class PromptObjectsOf : public testing::Test {
protected:
    PromptObjectsOf() {
        test::write_drawn_scene(folder_.file("scene.tif"));
        scene_ = raster::open_scene(folder_.file("scene.tif"))->info();
        options_.prompts = folder_.file("prompts.gpkg");
    }

    PromptObjects read() const { return read_prompt_objects(options_, scene_); }

    test::TemporaryFolder folder_;
    raster::SceneInfo scene_;
    PromptOptions options_;
};

Point to_lonlat(Point utm) {
    PJ_CONTEXT* const context = proj_context_create();
    PJ* const raw = proj_create_crs_to_crs(context, "EPSG:32632", "EPSG:4326", nullptr);
    PJ* const way = proj_normalize_for_visualization(context, raw);
    const PJ_COORD result = proj_trans(way, PJ_FWD, proj_coord(utm.x, utm.y, 0, 0));
    proj_destroy(way);
    proj_destroy(raw);
    proj_context_destroy(context);
    return {result.xy.x, result.xy.y};
}

std::string wkt_number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.12f", value);
    return text;
}

TEST_F(PromptObjectsOf, ALayerInDegreesLieWhereTheyShouldToATenthOfAPixel) {
    std::vector<test::PromptRow> rows;
    std::vector<Point> pixels;
    for (double x = 3.3; x < 400; x += 57.1)
        for (double y = 2.7; y < 300; y += 61.3) {
            const Point lonlat = to_lonlat({500000 + x / 2, 4200000 - y / 2});
            rows.push_back({"POINT (" + wkt_number(lonlat.x) + " " + wkt_number(lonlat.y) + ")", {}});
            pixels.push_back({x, y});
        }
    write_prompt_layer(options_.prompts, 4326, {}, rows);
    const PromptObjects read_back = read();
    ASSERT_EQ(read_back.objects.size(), pixels.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const Point at = read_back.objects[i].prompt.points.at(0).at;
        EXPECT_NEAR(at.x, pixels[i].x, 0.1);
        EXPECT_NEAR(at.y, pixels[i].y, 0.1);
    }
}

TEST_F(PromptObjectsOf, FeaturesAlikeInAFieldAreOneAndLabelsTellPointsBesideIt) {
    write_prompt_layer(options_.prompts, 32632, {"#house", "#on", "owner"},
                       {{"POINT (500010 4199990)", {"7", "1", "Ram"}},
                        {"POINT (500020 4199980)", {"8", "1", "Sita"}},
                        {"MULTIPOINT (500011 4199989,500012 4199988)", {"7", "0", "nobody"}},
                        {"POINT (500030 4199970)", {"NULL", "NULL", "NULL"}},
                        {"POINT (500040 4199970)", {"NULL", "0", "NULL"}}});
    options_.label_field = "on";
    options_.object_field = "house";
    const PromptObjects result = read();
    ASSERT_EQ(result.objects.size(), 4u);
    const PromptObject& first = result.objects[0];
    ASSERT_EQ(first.prompt.points.size(), 3u);
    EXPECT_TRUE(first.prompt.points[0].on_object);
    EXPECT_FALSE(first.prompt.points[1].on_object);
    EXPECT_FALSE(first.prompt.points[2].on_object);
    EXPECT_NEAR(first.prompt.points[2].at.x, 24, 1e-6);
    EXPECT_EQ(first.values[2], FieldValue(std::string("Ram")));
    EXPECT_TRUE(result.objects[1].prompt.ambiguous());
    EXPECT_TRUE(result.objects[2].positive());
    EXPECT_FALSE(result.objects[3].positive());
    EXPECT_EQ(first.extent().x0, first.prompt.points[0].at.x)
        << "points beside the object are not part of it";
}

TEST_F(PromptObjectsOf, LabelsMayBeWordsButNotAnyWord) {
    options_.label_field = "label";
    write_prompt_layer(options_.prompts, 32632, {"label"},
                       {{"POINT (500010 4199990)", {"Positive"}}, {"POINT (500010 4199990)", {"bg"}}});
    const PromptObjects result = read();
    EXPECT_TRUE(result.objects[0].prompt.points[0].on_object);
    EXPECT_FALSE(result.objects[1].prompt.points[0].on_object);
    options_.prompts = folder_.file("others.gpkg");
    write_prompt_layer(options_.prompts, 32632, {"label"}, {{"POINT (500010 4199990)", {"perhaps"}}});
    EXPECT_THROW(read(), Error);
    options_.label_field = "kind";
    EXPECT_THROW(read(), Error);
}

TEST_F(PromptObjectsOf, PolygonsAreBoxesOutlinesBothOrPoints) {
    // An L of 20 by 20 m with its corner at the lower left, 5 m wide.
    write_prompt_layer(
        options_.prompts, 32632, {},
        {{"POLYGON ((500010 4199980,500030 4199980,500030 4199985,500015 4199985,500015 4200000,"
          "500010 4200000,500010 4199980))",
          {}}});
    const auto prompt_as = [&](PolygonUse use) {
        options_.polygon_use = use;
        return read().objects.at(0);
    };
    const PromptObject box = prompt_as(PolygonUse::box);
    ASSERT_TRUE(box.prompt.box);
    EXPECT_NEAR(box.prompt.box->x0, 20, 1e-6);
    EXPECT_NEAR(box.prompt.box->y0, 0, 1e-6);
    EXPECT_NEAR(box.prompt.box->x1, 60, 1e-6);
    EXPECT_NEAR(box.prompt.box->y1, 40, 1e-6);
    EXPECT_TRUE(box.prompt.outline.empty());
    EXPECT_NEAR(area(box.polygons), 175 * 4, 1e-3);
    const PromptObject mask = prompt_as(PolygonUse::mask);
    EXPECT_FALSE(mask.prompt.box);
    EXPECT_NEAR(area(mask.prompt.outline), 175 * 4, 1e-3);
    const PromptObject both = prompt_as(PolygonUse::both);
    EXPECT_TRUE(both.prompt.box && !both.prompt.outline.empty());
    const PromptObject point = prompt_as(PolygonUse::point);
    ASSERT_TRUE(point.prompt.ambiguous());
    // The largest disc in the L lies in its corner; its middle is not in the box's middle.
    EXPECT_NEAR(point.prompt.points[0].at.x, 20 + 5.9, 0.7);
    EXPECT_NEAR(point.prompt.points[0].at.y, 40 - 5.9, 0.7);
}

TEST_F(PromptObjectsOf, LinesArePointsAlongThem) {
    write_prompt_layer(options_.prompts, 32632, {},
                       {{"LINESTRING (500000 4199990,500040 4199990,500050 4199990)", {}}});
    const PromptObject object = read().objects.at(0);
    ASSERT_EQ(object.prompt.points.size(), 5u);
    for (int i = 0; i < 5; ++i) EXPECT_NEAR(object.prompt.points[i].at.x, 10 + 20 * i, 1e-6);
}

TEST_F(PromptObjectsOf, ThoseGivenBesideTheLayerFollowIt) {
    write_prompt_layer(options_.prompts, 32632, {"name"}, {{"POINT (500010 4199990)", {"a"}}});
    options_.points = {{500020, 4199980}};
    options_.boxes = {{500030, 4199970, 500040, 4199980}};
    options_.negative_points = {{500050, 4199960}};
    PromptObjects result = read();
    ASSERT_EQ(result.objects.size(), 3u);
    EXPECT_EQ(result.objects[0].prompt.points.size(), 1u);
    EXPECT_EQ(result.objects[1].prompt.points.size(), 2u);
    EXPECT_FALSE(result.objects[1].prompt.points[1].on_object);
    EXPECT_EQ(result.objects[2].prompt.points.size(), 1u);
    EXPECT_NEAR(result.objects[2].prompt.box->y0, 40, 1e-6);
    EXPECT_EQ(result.objects[2].values, std::vector<FieldValue>{FieldValue()});
    EXPECT_EQ(result.objects[2].id, 2);
    options_.together = true;
    EXPECT_EQ(read().objects.size(), 2u);
}

TEST_F(PromptObjectsOf, PixelsAreTakenAsTheyAre) {
    options_.prompts.clear();
    options_.crs = "pixels";
    options_.points = {{12.5, 30}};
    EXPECT_EQ(read().objects.at(0).prompt.points[0].at, (Point{12.5, 30}));
}

TEST(RenamedFields, GiveWayToThoseOfTheOutput) {
    const auto renamed = renamed_fields({{"name", FieldType::text},
                                         {"Status", FieldType::text},
                                         {"prompt_status", FieldType::text},
                                         {"id", FieldType::real}},
                                        {{"status", FieldType::text}});
    std::vector<std::string> names;
    for (const FieldDefinition& field : renamed) names.push_back(field.name);
    EXPECT_EQ(names, (std::vector<std::string>{"name", "prompt_prompt_Status", "prompt_status", "id"}));
}

}  // namespace
}  // namespace landseam::pipeline
