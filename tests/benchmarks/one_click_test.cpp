#include "support/json.h"
#include "support/temporary_folder.h"

#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace {

using landseam::test::Json;

// A square, `side` metres long, with its upper left corner this far from the sample scene's.
std::string square(const std::string& kind, double east, double south, double side) {
    char text[512];
    const double x = 698412.6 + east, y = 5362871.4 - south;
    std::snprintf(
        text, sizeof text,
        R"({"type":"Feature","properties":{"kind":"%s"},"geometry":{"type":"Polygon","coordinates":)"
        R"([[[%f,%f],[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}})",
        kind.c_str(), x, y, x + side, y, x + side, y - side, x, y - side, x, y);
    return text;
}

class OneClick : public testing::Test {
protected:
    // Writes the truth and runs the program on the sample scene with it.
    int run(const std::vector<std::string>& features, const std::string& options) {
        const std::string truth = folder_.file("truth.geojson"), output = folder_.file("output.json");
        std::ofstream file(truth);
        file << R"({"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:32632"}},)"
             << R"("features":[)";
        for (std::size_t i = 0; i < features.size(); ++i) file << (i ? "," : "") << features[i];
        file << "]}";
        file.close();
        const std::string command = "'" ONE_CLICK "' '" SAMPLE_SCENE "' '" + truth + "' --json " + options +
                                    " >'" + output + "' 2>/dev/null";
        const int status = std::system(command.c_str());
        if (status == 0) result_ = landseam::test::parse_json_file(output);
        return status;
    }

    landseam::test::TemporaryFolder folder_;
    Json result_;
};

TEST_F(OneClick, ScoresEveryClassAndLeavesOutWhatLiesBesideTheScene) {
    ASSERT_EQ(run({square("roof", 20, 20, 8), square("roof", 60, 40, 8), square("field", 70, 70, 20),
                   square("roof", -500, 0, 10)},
                  "--class-field kind"),
              0);
    EXPECT_EQ(result_["objects"].integer(), 3);
    EXPECT_EQ(result_["left_out"].integer(), 1);
    EXPECT_EQ(result_["reduced"].integer(), 0);
    EXPECT_EQ(result_["per_class"]["roof"]["objects"].integer(), 2);
    EXPECT_EQ(result_["per_class"]["field"]["objects"].integer(), 1);
    EXPECT_GT(result_["mean_best_iou"].number(), 0);
    EXPECT_GE(result_["mean_best_iou"].number(), result_["mean_chosen_iou"].number());
}

TEST_F(OneClick, GivesAnObjectThatFillsTheWindowACoarserOne) {
    ASSERT_EQ(run({square("field", 5, 5, 100)}, ""), 0);
    EXPECT_EQ(result_["objects"].integer(), 1);
    EXPECT_EQ(result_["reduced"].integer(), 1);
}

TEST_F(OneClick, RefusesAFieldThatIsNotThere) {
    EXPECT_NE(run({square("roof", 20, 20, 8)}, "--class-field sort"), 0);
}

}  // namespace
