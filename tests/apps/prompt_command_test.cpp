// landseam prompt, from end to end.
#include "landseam/output/layer_reader.h"

#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/prompt_layers.h"
#include "support/temporary_folder.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PromptCommand : public testing::Test {
protected:
    PromptCommand() { write_drawn_scene(scene_); }

    Outcome prompt(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"prompt", scene_});
        return run_landseam(arguments);
    }

    TemporaryFolder folder_;
    const std::string scene_ = folder_.file("scene.tif");
    const std::string out_ = folder_.file("out.gpkg");
};

TEST_F(PromptCommand, OutlinesTheObjectsOfALayer) {
    write_prompt_layer(folder_.file("clicks.gpkg"), 32632, {"name"},
                       {{"POINT (500020 4199981.5)", {"disc"}}, {"POINT (500140 4199981.5)", {"other"}}});
    const Outcome outcome = prompt({folder_.file("clicks.gpkg"), out_});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("2 objects"));
    const output::MixedLayer layer = output::read_mixed_layer(out_);
    std::vector<std::string> names;
    for (const auto& field : layer.fields) names.push_back(field.name);
    EXPECT_THAT(names, testing::ElementsAre("name", "prompt_id", "status", "predicted_iou", "stability_score",
                                            "area_m2", "area_px", "scale", "touches_edge"));
}

TEST_F(PromptCommand, TakesPromptsFromTheCommandLineInAnyCrs) {
    const Outcome own = prompt({out_, "--box", "500008,4199969.5,500032,4199993.5"});
    ASSERT_EQ(own.exit_code, 0) << own.err;
    EXPECT_THAT(own.out, HasSubstr("1 objects"));
    const Outcome pixels = prompt({folder_.file("pixels.gpkg"), "--box", "16,13,64,61", "--crs", "pixels"});
    ASSERT_EQ(pixels.exit_code, 0) << pixels.err;
    const auto found = [](const std::string& path) { return output::read_mixed_layer(path).features; };
    ASSERT_EQ(found(out_).size(), found(folder_.file("pixels.gpkg")).size());
    for (std::size_t i = 0; i < found(out_).size(); ++i)
        EXPECT_EQ(found(out_)[i].values, found(folder_.file("pixels.gpkg"))[i].values);
    EXPECT_EQ(prompt({folder_.file("three.gpkg"), "--point", "9.00002,37.9", "--negative", "-3.5,2",
                      "--point", "9,38", "--together", "--crs", "EPSG:4326"})
                  .exit_code,
              0);
}

TEST_F(PromptCommand, WrongPromptsEndWithTwoAndLeaveNothingBehind) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{out_},
                                               {out_, "--point", "1,2,3"},
                                               {out_, "--point", "here"},
                                               {out_, "--box", "5,5,1,1"},
                                               {out_, "--point", "1,2", "--crs", "EPSG:nothing"},
                                               {out_, "--point", "1,2", "--refine"},
                                               {out_, "--point", "1,2", "--polygons-as", "circle"}}) {
        const Outcome outcome = prompt(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << testing::PrintToString(arguments) << outcome.err;
    }
    EXPECT_EQ(folder_.listing(), "scene.tif ");
}

TEST_F(PromptCommand, DoesNotOverwriteUnlessAsked) {
    const std::vector<std::string> arguments{out_, "--point", "500020,4199981.5"};
    ASSERT_EQ(prompt(arguments).exit_code, 0);
    const Outcome again = prompt(arguments);
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_THAT(again.err, HasSubstr("--overwrite"));
    EXPECT_EQ(prompt({out_, "--point", "500020,4199981.5", "--overwrite"}).exit_code, 0);
}

}  // namespace
}  // namespace landseam::test
