// Layers in a real PostGIS server, which the test starts for itself as an ordinary user.
#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/layer_sink.h"

#include "output/layer_samples.h"
#include "output/test_files.h"
#include "support/postgis_server.h"

#include <cstdlib>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace landseam::output {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TemporaryFolder;

class Postgis : public ::testing::Test {
protected:
    void SetUp() override {
        if (!test::PostgisServer::is_installed()) GTEST_SKIP() << "needs Debian's postgresql-15-postgis-3";
        server_ = std::make_unique<test::PostgisServer>();
    }

    LayerOptions options_of(const std::string& scene) const {
        LayerOptions options = testing::sample_options(server_->connection());
        options.layer_name = "segments";
        options.scene = scene;
        return options;
    }
    void write(const LayerOptions& options) const {
        const auto sink = open_layer(options);
        for (const Feature& feature : testing::sample_features()) sink->write(feature);
        sink->close();
    }
    std::map<std::string, int> rows_by_scene() const {
        const ReadLayer layer = read_layer(server_->connection(), "segments");
        std::map<std::string, int> rows;
        for (const Feature& feature : layer.features) ++rows[std::get<std::string>(feature.values.back())];
        return rows;
    }

    std::unique_ptr<test::PostgisServer> server_;
};

TEST_F(Postgis, HoldsScenesAndReplacesWhatIsRunAgain) {
    write(options_of("a.tif"));
    write(options_of("b.tif"));
    write(options_of("a.tif"));
    EXPECT_EQ(rows_by_scene(), (std::map<std::string, int>{{"a.tif", 3}, {"b.tif", 3}}));

    const ReadLayer layer = read_layer(server_->connection(), "segments");
    EXPECT_EQ(testing::epsg_of(layer.crs_wkt), "32645");
    const std::vector<Feature> expected = testing::sample_features();
    for (const Feature& feature : expected) {
        const auto same = std::find_if(
            layer.features.begin(), layer.features.end(),
            [&](const Feature& other) { return area(other.geometry) == area(feature.geometry); });
        ASSERT_NE(same, layer.features.end());
        std::vector<FieldValue> values = same->values;
        values.pop_back();
        EXPECT_EQ(values, feature.values);
        EXPECT_EQ(same->geometry[0].outer, feature.geometry[0].outer);
    }

    // A sink that is given up leaves the rows of its scene as they were.
    {
        const auto sink = open_layer(options_of("a.tif"));
        sink->write(testing::sample_features()[0]);
    }
    EXPECT_EQ(rows_by_scene(), (std::map<std::string, int>{{"a.tif", 3}, {"b.tif", 3}}));

    LayerOptions anew = options_of("c's.tif");
    anew.overwrite = true;
    write(anew);
    write(options_of("c's.tif"));
    EXPECT_EQ(rows_by_scene(), (std::map<std::string, int>{{"c's.tif", 3}}));

    LayerOptions other_fields = options_of("d.tif");
    other_fields.fields.push_back({"depth", FieldType::integer64, 0, 0});
    EXPECT_THAT(message_of([&] { open_layer(other_fields); }), HasSubstr("has no field 'depth'"));
    LayerOptions other_crs = options_of("d.tif");
    other_crs.crs_wkt = testing::wkt_of_epsg(32644);
    EXPECT_THAT(message_of([&] { open_layer(other_crs); }), HasSubstr("another coordinate reference system"));
    other_crs.target_crs = "EPSG:32645";
    write(other_crs);
    EXPECT_EQ(rows_by_scene()["d.tif"], 3);
}

TEST(PostgisConnection, IsReportedWithoutItsPassword) {
    LayerOptions options = testing::sample_options("PG:host=/nowhere dbname=x password=secret user=y");
    const std::string message = message_of([&] { open_layer(options); });
    EXPECT_THAT(message, HasSubstr("cannot be opened"));
    EXPECT_EQ(message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace landseam::output
