#include "landseam/pipeline/pack_samples.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/raster/raster_source.h"
#include "landseam/sam/samples.h"

#include "support/drawn_scene.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <gdal_priv.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int32_t unknown = sam::SampleLevel::unknown;

std::string message_of(const std::function<void()>& body, ErrorKind kind = ErrorKind::failed) {
    try {
        body();
    } catch (const Error& error) {
        EXPECT_EQ(static_cast<int>(error.kind()), static_cast<int>(kind)) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no Error was thrown";
    return {};
}

class PackSamples : public testing::Test {
protected:
    PackSamples() {
        GDALAllRegister();
        drawn_.width = 120;
        drawn_.height = 90;
        options_.scene = folder_.file("scene.tif");
        options_.output = folder_.file("out.safetensors");
    }

    sam::Sample pack() {
        test::write_drawn_scene(options_.scene, drawn_);
        report_ = pack_samples(options_, *silent_progress());
        return sam::read_sample(options_.output);
    }

    // Boxes of scene pixels (x, y, width, height) as a layer; by its extension in the scene's CRS or in
    // degrees.
    LabelSource box_layer(const std::string& name, const std::vector<PixelBox>& boxes,
                          const std::vector<std::string>& classes = {}) {
        test::write_drawn_scene(options_.scene, drawn_);
        const raster::SceneInfo info = raster::open_scene(options_.scene)->info();
        output::LayerOptions layer;
        layer.path = folder_.file(name);
        layer.crs_wkt = info.crs_wkt;
        layer.fields = {{"class", output::FieldType::text}};
        const auto sink = output::open_layer(layer);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            const PixelBox& box = boxes[i];
            Ring ring;
            for (const auto& [x, y] :
                 std::vector<std::pair<std::int64_t, std::int64_t>>{{box.x, box.y},
                                                                    {box.x, box.bottom()},
                                                                    {box.right(), box.bottom()},
                                                                    {box.right(), box.y}})
                ring.push_back(info.geo_transform.value_or(GeoTransform{})
                                   .to_world({static_cast<double>(x), static_cast<double>(y)}));
            sink->write(
                {static_cast<std::int64_t>(i) + 1, {{ring, {}}}, {classes.empty() ? "house" : classes[i]}});
        }
        sink->close();
        LabelSource source;
        source.path = layer.path;
        return source;
    }

    // A raster of labels of the scene's size, without georeference.
    LabelSource label_raster(const std::string& name, const std::function<int(int x, int y)>& value) {
        const std::string path = folder_.file(name);
        auto* dataset = GetGDALDriverManager()->GetDriverByName("GTiff")->Create(
            path.c_str(), drawn_.width, drawn_.height, 1, GDT_Int32, nullptr);
        std::vector<std::int32_t> row(static_cast<std::size_t>(drawn_.width));
        for (int y = 0; y < drawn_.height; ++y) {
            for (int x = 0; x < drawn_.width; ++x) row[static_cast<std::size_t>(x)] = value(x, y);
            EXPECT_EQ(dataset->GetRasterBand(1)->RasterIO(GF_Write, 0, y, drawn_.width, 1, row.data(),
                                                          drawn_.width, 1, GDT_Int32, 0, 0),
                      CE_None);
        }
        GDALClose(dataset);
        LabelSource source;
        source.path = path;
        return source;
    }

    std::int32_t id(const sam::Sample& sample, int x, int y, std::size_t level = 0) const {
        return sample.levels[level].ids[static_cast<std::size_t>(y) * static_cast<std::size_t>(sample.width) +
                                        static_cast<std::size_t>(x)];
    }

    test::TemporaryFolder folder_;
    test::DrawnScene drawn_;
    PackOptions options_;
    PackReport report_;
};

TEST_F(PackSamples, PolygonsLandOnTheirPixelsInTheScenesReferenceSystemAndInDegrees) {
    const std::vector<PixelBox> boxes{{10, 20, 30, 15}, {40, 20, 11, 15}, {70, 50, 3, 30}};
    for (const std::string name : {"boxes.gpkg", "boxes.geojson"}) {
        options_.labels = {box_layer(name, boxes)};
        options_.overwrite = true;
        const sam::Sample sample = pack();
        EXPECT_EQ(report_.levels[0].objects, 3);
        std::set<std::int32_t> ids;
        for (const PixelBox& box : boxes)
            ids.insert(id(sample, static_cast<int>(box.x), static_cast<int>(box.y)));
        EXPECT_EQ(ids, (std::set<std::int32_t>{1, 2, 3})) << "neighbours that touch are two objects";
        for (int y = 0; y < drawn_.height; ++y)
            for (int x = 0; x < drawn_.width; ++x) {
                std::int32_t expected = 0;
                for (const PixelBox& box : boxes)
                    if (box.contains(x, y))
                        expected = id(sample, static_cast<int>(box.x), static_cast<int>(box.y));
                ASSERT_EQ(id(sample, x, y), expected) << name << ' ' << x << ' ' << y;
            }
    }
}

TEST_F(PackSamples, PictureValidMaskGsdAndNamesArePacked) {
    drawn_.empty_columns = 20;
    options_.labels = {box_layer("roofs.gpkg", {{10, 10, 30, 30}})};
    options_.picture.stretch.method = bands::StretchMethod::none;
    const sam::Sample sample = pack();
    EXPECT_EQ(sample.width, 120);
    EXPECT_EQ(sample.height, 90);
    EXPECT_NEAR(sample.gsd_m, 0.5, 0.001);
    EXPECT_THAT(sample.bands, ElementsAre("red", "green", "blue"));
    EXPECT_EQ(sample.levels[0].name, "roofs");
    EXPECT_EQ(report_.valid_pixels, 100 * 90);
    const auto scene = raster::open_scene(options_.scene);
    const RasterWindow window = scene->read({0, 0, 120, 90}, {1, 2, 3});
    for (std::size_t i = 0; i < 120 * 90; ++i) {
        ASSERT_EQ(sample.valid[i], i % 120 >= 20);
        for (std::size_t c = 0; c < 3; ++c)
            ASSERT_EQ(sample.pixels[c * 120 * 90 + i], window.bands[c].values[i]);
        if (!sample.valid[i]) {
            ASSERT_EQ(sample.levels[0].ids[i], unknown) << "invalid pixels belong to nothing that is known";
        }
    }
}

TEST_F(PackSamples, AsManyBandsArePackedAsAreNamed) {
    options_.labels = {box_layer("boxes.gpkg", {{0, 0, 5, 5}})};
    options_.region_scales = {5};
    options_.picture.channels.bands = "3,1,2/1,2,1";
    options_.picture.stretch.method = bands::StretchMethod::none;
    const sam::Sample sample = pack();
    EXPECT_THAT(sample.bands, ElementsAre("blue", "red", "2/1", "green", "red"));
    const auto source = raster::open_scene(options_.scene);
    const RasterWindow window = source->read({0, 0, 120, 90}, {1, 2, 3});
    const std::size_t area = 120 * 90;
    ASSERT_EQ(sample.pixels.size(), 5 * area);
    for (std::size_t i = 0; i < area; ++i) {
        ASSERT_EQ(sample.pixels[i], window.bands[2].values[i]);
        ASSERT_EQ(sample.pixels[3 * area + i], window.bands[1].values[i]);
        ASSERT_EQ(sample.pixels[4 * area + i], window.bands[0].values[i]);
    }
}

TEST_F(PackSamples, OfPolygonsThatOverlapTheSmallerIsOnTop) {
    options_.labels = {box_layer("boxes.gpkg", {{30, 30, 10, 10}, {20, 20, 40, 40}})};
    const sam::Sample sample = pack();
    EXPECT_EQ(report_.levels[0].objects, 2);
    EXPECT_NE(id(sample, 35, 35), id(sample, 25, 25));
    EXPECT_EQ(id(sample, 45, 35), id(sample, 25, 25));
}

TEST_F(PackSamples, AroundIncompleteLabelsNothingIsKnown) {
    options_.labels = {box_layer("boxes.gpkg", {{30, 30, 10, 10}})};
    options_.labels[0].complete = false;
    const sam::Sample sample = pack();
    EXPECT_EQ(id(sample, 5, 5), unknown);
    EXPECT_EQ(id(sample, 35, 35), 1);
    EXPECT_EQ(report_.levels[0].unknown_pixels, 120 * 90 - 100);
}

TEST_F(PackSamples, ObjectsOfAnIgnoredClassAreUnknown) {
    options_.labels = {box_layer("boxes.gpkg", {{30, 30, 10, 10}, {60, 30, 10, 10}}, {"house", "doubtful"})};
    options_.labels[0].class_field = "class";
    options_.labels[0].ignore = {"doubtful"};
    const sam::Sample sample = pack();
    EXPECT_EQ(id(sample, 35, 35), 1);
    EXPECT_EQ(id(sample, 65, 35), unknown);
    EXPECT_EQ(id(sample, 5, 5), 0);
}

TEST_F(PackSamples, ConnectedPixelsOfAClassAreAnObject) {
    // Two blocks of class 7, a block of class 9 that touches one, a speck, and ignored ground.
    options_.labels = {label_raster("classes.tif", [](int x, int y) {
        if (y >= 80) return 255;
        if (x == 100 && y == 5) return 9;
        if (y < 10 || y >= 30) return 0;
        return x < 20 ? 7 : x < 40 ? 9 : x >= 60 && x < 70 ? 7 : 0;
    })};
    options_.labels[0].ignore = {"255"};
    const sam::Sample sample = pack();
    EXPECT_EQ(report_.levels[0].objects, 3);
    EXPECT_EQ((std::set<std::int32_t>{id(sample, 5, 15), id(sample, 25, 15), id(sample, 65, 15)}),
              (std::set<std::int32_t>{1, 2, 3}));
    EXPECT_EQ(id(sample, 100, 5), unknown) << "a speck";
    EXPECT_EQ(id(sample, 50, 85), unknown) << "ignored";
    EXPECT_EQ(id(sample, 50, 50), 0);
}

TEST_F(PackSamples, NetworksAreUnknownWhereSolidComponentsAreAskedFor) {
    options_.labels = {
        label_raster("classes.tif", [](int x, int y) { return x % 30 < 5 || y % 30 < 5 ? 1 : 2; })};
    options_.labels[0].min_solidity = 0.6;
    const sam::Sample sample = pack();
    EXPECT_EQ(report_.levels[0].objects, 12);
    EXPECT_EQ(id(sample, 2, 2), unknown);
    EXPECT_GT(id(sample, 15, 15), 0);
}

TEST_F(PackSamples, InstanceRastersKeepTheirObjectsEvenInPieces) {
    options_.labels = {label_raster("ids.tif", [](int x, int) {
        return x < 10 || x >= 110 ? 70001 : x < 20 ? 5 : 0;
    })};
    options_.labels[0].kind = LabelKind::instances;
    const sam::Sample sample = pack();
    EXPECT_EQ(report_.levels[0].objects, 2);
    EXPECT_EQ(id(sample, 0, 0), id(sample, 119, 89));
    EXPECT_NE(id(sample, 0, 0), id(sample, 15, 0));
}

TEST_F(PackSamples, RegionsFollowTheLabelsAndAreUnknownWhereUnclear) {
    drawn_.width = 400;
    drawn_.height = 300;
    options_.labels = {box_layer("boxes.gpkg", {{30, 30, 10, 10}})};
    options_.region_scales = {5, 15};
    const sam::Sample sample = pack();
    ASSERT_EQ(sample.levels.size(), 3u);
    EXPECT_EQ(sample.levels[2].name, "regions at scale 15");
    for (const std::size_t level : {1u, 2u}) {
        // The disc in the middle of its cell, and the ground between all things, which is no object.
        EXPECT_GT(id(sample, 40, 37, level), 0);
        EXPECT_EQ(id(sample, 40, 37, level), id(sample, 50, 45, level));
        EXPECT_EQ(id(sample, 2, 2, level), unknown);
        EXPECT_GE(report_.levels[level].objects, 8);
    }
}

TEST_F(PackSamples, AnAreaOfInterestBoundsWhatIsPackedAndLabelsStayInPlace) {
    options_.labels = {box_layer("boxes.gpkg", {{30, 30, 20, 10}}),
                       label_raster("ids.tif", [](int x, int y) { return x == 45 && y == 31; })};
    options_.labels[1].kind = LabelKind::instances;
    test::write_drawn_scene(options_.scene, drawn_);
    const double x = drawn_.geo_transform[0], y = drawn_.geo_transform[3];
    options_.area_of_interest = std::to_string(x + 0.5 * 40) + "," + std::to_string(y - 0.5 * 80) + "," +
                                std::to_string(x + 0.5 * 100) + "," + std::to_string(y - 0.5 * 25);
    const sam::Sample sample = pack();
    EXPECT_EQ(sample.width, 60);
    EXPECT_EQ(sample.height, 55);
    EXPECT_EQ(report_.valid_pixels, 60 * 55);
    EXPECT_EQ(report_.levels[0].object_pixels, 10 * 10);
    EXPECT_EQ(id(sample, 0, 5), 1);
    EXPECT_EQ(id(sample, 5, 6, 1), 1) << "also of a raster that is placed by its size";
    EXPECT_EQ(report_.levels[1].object_pixels, 1);
}

TEST_F(PackSamples, RequestsThatMakeNoSenseAreRefusedBeforeAnyFileIsRead) {
    const auto refusal = [&] { return message_of([&] { options_.validate(); }, ErrorKind::usage); };
    EXPECT_THAT(refusal(), AllOf(HasSubstr("neither labels nor regions"), HasSubstr("--labels")));
    options_.region_scales = {30, 10};
    EXPECT_THAT(refusal(), HasSubstr("--regions"));
    options_.region_scales = {10};
    options_.output = "out.tif";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("out.tif"), HasSubstr(".safetensors")));
    options_.output = "out.safetensors";
    options_.labels.emplace_back();
    options_.labels[0].path = "a.gpkg";
    options_.labels[0].ignore = {"x"};
    EXPECT_THAT(refusal(), HasSubstr("--class-field"));
    options_.labels[0].ignore = {};
    options_.labels[0].min_solidity = 2;
    EXPECT_THAT(refusal(), HasSubstr("--min-solidity"));
    options_.scene.clear();
    EXPECT_THAT(refusal(), HasSubstr("--scene"));
}

TEST_F(PackSamples, WhatCannotBePackedIsNamedWithCauseAndRemedy) {
    const auto refusal = [&](ErrorKind kind = ErrorKind::failed) {
        return message_of([&] { pack(); }, kind);
    };
    options_.labels.emplace_back();
    options_.labels[0].path = folder_.file("missing.gpkg");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("missing.gpkg"), HasSubstr("no such file")));
    options_.labels[0].path = folder_.file("missing.png");
    EXPECT_THAT(refusal(), HasSubstr("missing.png"));

    options_.labels = {label_raster("large.tif", [](int, int) { return 1; })};
    drawn_.width = 100;
    drawn_.epsg = 0;
    EXPECT_THAT(refusal(), AllOf(HasSubstr("large.tif"), HasSubstr("120 by 90"), HasSubstr("100 by 90")));
    drawn_ = {120, 90, 0, {500000, 0.5, 0, 4200000, 0, -0.5}, 32632};

    options_.labels = {label_raster("photo.tif", [](int x, int y) { return 1 + x + 120 * y; })};
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("photo.tif"), HasSubstr("10800 different values"), HasSubstr("instances")));
    options_.labels[0].ignore = {"grey"};
    EXPECT_THAT(refusal(ErrorKind::usage), AllOf(HasSubstr("--ignore"), HasSubstr("grey")));

    options_.labels = {box_layer("boxes.gpkg", {{0, 0, 9, 9}})};
    options_.labels[0].class_field = "kind";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("boxes.gpkg"), HasSubstr("kind")));
    EXPECT_FALSE(std::ifstream(options_.output).good()) << "nothing is left behind";

    options_.labels[0].class_field.clear();
    std::ofstream(options_.output) << "mine";
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("out.safetensors"), HasSubstr("exists already"), HasSubstr("--overwrite")));
    options_.overwrite = true;
    EXPECT_NO_THROW(pack());
}

TEST_F(PackSamples, LayersInACoordinateSystemCannotBePlacedOnScenesWithoutOne) {
    options_.labels = {box_layer("boxes.gpkg", {{0, 0, 9, 9}})};
    drawn_.epsg = 0;
    EXPECT_THAT(message_of([&] { pack(); }),
                AllOf(HasSubstr("boxes.gpkg"), HasSubstr("scene.tif"), HasSubstr("-a_srs")));
}

TEST_F(PackSamples, ScenesTooLargeForOneFileAreRefused) {
    GDALAllRegister();
    char sparse[] = "SPARSE_OK=TRUE";
    char* creation[] = {sparse, nullptr};
    GDALClose(GetGDALDriverManager()->GetDriverByName("GTiff")->Create(options_.scene.c_str(), 30000, 20000,
                                                                       1, GDT_Byte, creation));
    options_.region_scales = {10};
    const auto refusal = [&] { return message_of([&] { pack_samples(options_, *silent_progress()); }); };
    EXPECT_THAT(refusal(), AllOf(HasSubstr("scene.tif"), HasSubstr("30000 by 20000"),
                                 HasSubstr("100 million"), HasSubstr("--aoi"), HasSubstr("--gsd")));
    options_.region_scales.clear();
    options_.labels.resize(1);
    EXPECT_THAT(refusal(), HasSubstr("400 million"));
}

TEST_F(PackSamples, ScenesWithoutAnyValidPixelAreRefused) {
    drawn_.empty_columns = 120;
    options_.region_scales = {10};
    EXPECT_THAT(message_of([&] { pack(); }), AllOf(HasSubstr("scene.tif"), HasSubstr("no valid pixel")));
}

TEST_F(PackSamples, LevelsWithoutObjectsAreLeftOutAndALoneOneIsRefused) {
    options_.labels = {box_layer("boxes.gpkg", {{500, 500, 9, 9}})};
    EXPECT_THAT(message_of([&] { pack(); }),
                AllOf(HasSubstr("scene.tif"), HasSubstr("no object"), HasSubstr("labels")));
    options_.labels.push_back(box_layer("roofs.gpkg", {{5, 5, 9, 9}}));
    const sam::Sample sample = pack();
    ASSERT_EQ(sample.levels.size(), 1u);
    EXPECT_EQ(sample.levels[0].name, "roofs");
    EXPECT_EQ(report_.levels[0].objects, 0);
}

TEST_F(PackSamples, ADubaiMaskWithAPaletteBecomesObjectsOfItsColours) {
    LANDSEAM_NEEDS_SHARED_DATA();
    options_.scene = test::shared_data("training/dubai/Tile 2/images/image_part_002.jpg");
    LabelSource mask;
    mask.path = test::shared_data("training/dubai/Tile 2/masks/image_part_002.png");
    mask.ignore = {"#9B9B9B"};
    mask.complete = false;
    options_.labels = {mask};
    const PackReport report = pack_samples(options_, *silent_progress());
    const sam::Sample sample = sam::read_sample(options_.output);
    EXPECT_EQ(report.width, 510);
    EXPECT_EQ(report.height, 544);
    EXPECT_EQ(sample.gsd_m, 0);
    EXPECT_GT(report.levels[0].objects, 50);
    // 2,144 pixels are grey: not labelled. Specks come on top.
    EXPECT_GE(report.levels[0].unknown_pixels, 2144);
    EXPECT_LT(report.levels[0].unknown_pixels, 2144 + 500);
}

TEST_F(PackSamples, TenBandsOfSentinel2AreFoundByTheirPlaceAndNamed) {
    LANDSEAM_NEEDS_SHARED_DATA();
    options_.scene = test::shared_data("imagery/sentinel2/sen2_20210527_aber_subset.tif");
    options_.picture.channels.preset = "sentinel2:multispectral";
    options_.region_scales = {15};
    const PackReport report = pack_samples(options_, *silent_progress());
    const sam::Sample sample = sam::read_sample(options_.output);
    EXPECT_THAT(sample.bands, ElementsAre("blue", "green", "red", "rededge071", "rededge075", "rededge078", "nir",
                                          "nir08", "swir16", "swir22"));
    EXPECT_GT(report.levels[0].objects, 40);
    // In near infrared water is dark and a meadow bright, which is dark in red.
    const std::size_t area = sample.valid.size();
    const auto mean = [&](std::size_t band, int x, int y) {
        double sum = 0;
        for (int dy = 0; dy < 5; ++dy)
            for (int dx = 0; dx < 5; ++dx)
                sum += sample.pixels[band * area + static_cast<std::size_t>((y + dy) * sample.width + x + dx)];
        return sum / 25;
    };
    EXPECT_LT(mean(6, 5, 150), 20);
    EXPECT_GT(mean(6, 200, 300), 150);
    EXPECT_LT(mean(2, 200, 300), 100);
}

}  // namespace
}  // namespace landseam::pipeline
