// What holds for every format that a layer can be written in.
#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"

#include "output/layer_samples.h"
#include "output/test_files.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ogrsf_frmts.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

namespace landseam::output {
namespace {

using testing::content;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::put;
using testing::TemporaryFolder;

class LayerFormats : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, LayerFormats, ::testing::Values(".gpkg", ".shp", ".geojson", ".json", ".fgb"),
                         [](const auto& format) { return std::string(format.param).substr(1); });

TEST_P(LayerFormats, GiveBackGeometryAttributesAndCrs) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    testing::write_sample(testing::sample_options(path));

    const ReadLayer layer = read_layer(path, "", testing::wkt_of_epsg(32645));
    ASSERT_EQ(layer.features.size(), 3u);
    const bool shapefile = std::string(GetParam()) == ".shp";
    if (shapefile)
        EXPECT_THAT(layer.field_names, ElementsAre("predicted_", "predicted1", "tiles", "touches_ed"));
    else
        EXPECT_THAT(layer.field_names,
                    ElementsAre("predicted_iou", "predicted_class", "tiles", "touches_edge"));
    // FlatGeobuf orders features by place, so they are found by their area.
    const std::vector<Feature> expected = testing::sample_features();
    for (const Feature& feature : expected) {
        const auto same =
            std::find_if(layer.features.begin(), layer.features.end(), [&](const Feature& other) {
                return std::abs(area(other.geometry) - area(feature.geometry)) < 0.01;
            });
        ASSERT_NE(same, layer.features.end()) << feature.id;
        EXPECT_EQ(same->values, feature.values);
        ASSERT_EQ(same->geometry.size(), feature.geometry.size());
        EXPECT_EQ(same->geometry[0].holes.size(), feature.geometry[0].holes.size());
        EXPECT_NEAR(same->geometry[0].outer[0].x, feature.geometry[0].outer[0].x, 40);
    }
    const std::string stored = testing::epsg_of(read_layer(path).crs_wkt);
    const bool json = std::string(GetParam()).find("json") != std::string::npos;
    EXPECT_EQ(stored, json ? "4326" : "32645");
}

TEST_P(LayerFormats, LeaveNothingButTheirOwnFiles) {
    const TemporaryFolder folder;
    const std::string name = "scene" + std::string(GetParam());
    testing::write_sample(testing::sample_options(folder / name));
    if (name == "scene.shp")
        EXPECT_THAT(folder.names(), ElementsAre("scene.cpg", "scene.dbf", "scene.prj", "scene.qix",
                                                "scene.shp", "scene.shx"));
    else
        EXPECT_THAT(folder.names(), ElementsAre(name));
}

TEST_P(LayerFormats, LeaveNothingWithoutClose) {
    const TemporaryFolder folder;
    {
        const auto sink = open_layer(testing::sample_options(folder / ("scene" + std::string(GetParam()))));
        sink->write(testing::sample_features()[0]);
    }
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST_P(LayerFormats, AreWrittenWithoutAnyFeature) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    open_layer(testing::sample_options(path))->close();
    EXPECT_THAT(read_layer(path).features, IsEmpty());
}

TEST_P(LayerFormats, RefuseToReplaceWhatExists) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    put(path, "precious");
    EXPECT_THAT(message_of([&] { open_layer(testing::sample_options(path)); }), HasSubstr("--overwrite"));
    EXPECT_EQ(content(path), "precious");
    EXPECT_EQ(folder.names().size(), 1u);
}

TEST_P(LayerFormats, DoNotReplaceWhatCameWhileTheyWereWritten) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    const auto sink = open_layer(testing::sample_options(path));
    put(path, "precious");
    EXPECT_THAT(message_of([&] { sink->close(); }), HasSubstr("--overwrite"));
    EXPECT_EQ(content(path), "precious");
}

TEST_P(LayerFormats, KeepTheOldFileUntilTheNewOneIsComplete) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / ("scene" + std::string(GetParam())));
    put(options.path, "old");
    options.overwrite = true;
    {
        const auto sink = open_layer(options);
        sink->write(testing::sample_features()[0]);
        EXPECT_EQ(content(options.path), "old");
    }
    EXPECT_EQ(content(options.path), "old");
    testing::write_sample(options);
    EXPECT_EQ(read_layer(options.path).features.size(), 3u);
}

TEST_P(LayerFormats, HoldMultiPolygonsOnly) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    testing::write_sample(testing::sample_options(path));
    const std::unique_ptr<GDALDataset> dataset(GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR));
    ASSERT_TRUE(dataset);
    for (const auto& feature : dataset->GetLayer(0)) {
        if (std::string(GetParam()) == ".shp") continue;  // knows polygons only, of one part or more
        EXPECT_EQ(feature->GetGeometryRef()->getGeometryType(), wkbMultiPolygon);
    }
    const OGRwkbGeometryType type = dataset->GetLayer(0)->GetGeomType();
    EXPECT_EQ(type, std::string(GetParam()) == ".shp" ? wkbPolygon : wkbMultiPolygon);
}

TEST_P(LayerFormats, KeepPixelCoordinatesWithoutACrs) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / ("scene" + std::string(GetParam())));
    options.crs_wkt.clear();
    testing::write_sample(options);
    const ReadLayer layer = read_layer(options.path);
    EXPECT_EQ(layer.crs_wkt, "");
    double sum = 0;
    for (const Feature& feature : layer.features) sum += area(feature.geometry);
    EXPECT_DOUBLE_EQ(sum, 900 - 25 + 200 + 12);
}

TEST_P(LayerFormats, GiveTheSameBytesTwice) {
    ::setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    const TemporaryFolder folder;
    const std::string extension = GetParam();
    testing::write_sample(testing::sample_options(folder / ("a" + extension)));
    std::filesystem::create_directory(folder / "again");
    testing::write_sample(testing::sample_options(folder / ("again/a" + extension)));
    ::unsetenv("SOURCE_DATE_EPOCH");
    for (const auto& name : folder.names()) {
        if (name == "again") continue;
        EXPECT_EQ(content(folder / name), content(folder / ("again/" + name))) << name;
    }
}

TEST_P(LayerFormats, TurnNumbersThatAreNotFiniteIntoNull) {
    const TemporaryFolder folder;
    const LayerOptions options = testing::sample_options(folder / ("scene" + std::string(GetParam())));
    Feature feature = testing::sample_features()[0];
    feature.values[0] = std::numeric_limits<double>::quiet_NaN();
    const auto sink = open_layer(options);
    sink->write(feature);
    sink->close();
    EXPECT_TRUE(std::holds_alternative<std::monostate>(read_layer(options.path).features.at(0).values[0]));
}

TEST_P(LayerFormats, RefuseFeaturesThatMakeNoSense) {
    const TemporaryFolder folder;
    const auto sink = open_layer(testing::sample_options(folder / ("scene" + std::string(GetParam()))));
    const Feature good = testing::sample_features()[0];
    Feature bad = good;
    bad.geometry.clear();
    EXPECT_THROW(sink->write(bad), Error);
    bad.geometry = {{{{0, 0}, {1, 1}}, {}}};
    EXPECT_THROW(sink->write(bad), Error);
    bad.geometry = {{{{0, 0}, {1, 1}, {std::nan(""), 3}}, {}}};
    EXPECT_THROW(sink->write(bad), Error);
    bad = good;
    bad.values.pop_back();
    EXPECT_THROW(sink->write(bad), Error);
    bad = good;
    bad.values[0] = std::string("no number");
    EXPECT_THAT(message_of([&] { sink->write(bad); }), HasSubstr("predicted_iou"));
    sink->close();
    EXPECT_THROW(sink->write(good), Error);
}

TEST_P(LayerFormats, KeepAFieldCalledId) {
    const TemporaryFolder folder;
    LayerOptions options = testing::sample_options(folder / ("scene" + std::string(GetParam())));
    options.fields = {{"id", FieldType::integer64, 0, 0}};
    Feature feature = testing::sample_features()[0];
    feature.values = {std::int64_t{11}};
    const auto sink = open_layer(options);
    sink->write(feature);
    sink->close();
    const ReadLayer layer = read_layer(options.path);
    EXPECT_THAT(layer.field_names, ElementsAre("id"));
    EXPECT_EQ(layer.features.at(0).values.at(0), FieldValue(std::int64_t{11}));
}

// RLIMIT_FSIZE makes writes fail as a full disk does. In a process of its own, for the limit stays.
TEST_P(LayerFormats, ReportAFullDiskAndLeaveNothing) {
    const TemporaryFolder folder;
    const std::string path = folder / ("scene" + std::string(GetParam()));
    const auto write_with_little_room = [&] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{150000, 150000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::string message = message_of([&] {
            const auto sink = open_layer(testing::sample_options(path));
            Feature feature = testing::sample_features()[0];
            for (int i = 0; i < 5000; ++i) {
                feature.id = i;
                sink->write(feature);
            }
            sink->close();
        });
        ::_exit(message.find(path) != std::string::npos ? 42 : 0);
    };
    EXPECT_EXIT(write_with_little_room(), ::testing::ExitedWithCode(42), "^$");
    EXPECT_THAT(folder.names(), IsEmpty());
}

}  // namespace
}  // namespace landseam::output
