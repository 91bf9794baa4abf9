// landseam train, packing and training, from end to end.
#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace landseam::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class PackCommand : public testing::Test {
protected:
    PackCommand() { write_drawn_scene(scene_); }

    TemporaryFolder folder_;
    const std::string scene_ = folder_.file("scene.tif"), packed_ = folder_.file("packed.safetensors");
};

TEST_F(PackCommand, TellsWhatWasPackedLevelByLevel) {
    const Outcome outcome =
        run_landseam({"train", "--quiet", "--pack", packed_, "--scene", scene_, "--regions", "5,15"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(StartsWith(packed_ + ": 400 by 300 pixels of 0.5 m"),
                                   HasSubstr("\n  regions at scale 5: "),
                                   HasSubstr("\n  regions at scale 15: "), HasSubstr(" objects on ")));
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(run_landseam({"train", "--pack", packed_, "--scene", scene_, "--regions", "5,15"}).exit_code, 1)
        << "it exists";
}

TEST_F(PackCommand, LabelOptionsHoldForEveryLabelSourceWhateverTheirOrder) {
    // The scene itself serves as labels: each colour an object.
    const Outcome outcome =
        run_landseam({"train", "--quiet", "--labels-incomplete", "--label-kind", "instances", "--labels",
                      scene_, "--pack", packed_, "--labels", scene_, "--scene", scene_});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const std::size_t first = outcome.out.find("\n  scene: ");
    ASSERT_NE(first, std::string::npos) << outcome.out;
    EXPECT_NE(outcome.out.find("\n  scene: ", first + 1), std::string::npos) << outcome.out;
}

TEST_F(PackCommand, ACommandLineWithoutLabelsAndRegionsOrWithAnUnknownKindIsWrong) {
    const Outcome nothing = run_landseam({"train", "--pack", packed_, "--scene", scene_});
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_THAT(nothing.err, HasSubstr("--regions"));
    EXPECT_EQ(run_landseam({"train", "--pack", packed_, "--scene", scene_, "--labels", scene_, "--label-kind",
                            "lines"})
                  .exit_code,
              2);
}

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class TrainCommand : public PackCommand {
protected:
    TrainCommand() {
        run_landseam({"train", "--quiet", "--pack", packed_, "--scene", scene_, "--regions", "8"});
    }

    std::vector<std::string> train(const std::string& output, const char* steps = "30",
                                   const char* window = "4") const {
        std::vector<std::string> arguments{"train", packed_, output};
        for (const char* word :
             {"--image-size", "64",   "--dim",         "16", "--depth", "2",   "--heads", "2",
              "--window",     window, "--decoder-dim", "32", "--steps", steps, "--crops", "2",
              "--prompts",    "4",    "--log-every",   "1",  "--quiet"})
            arguments.push_back(word);
        return arguments;
    }
};

TEST_F(TrainCommand, KilledAtAnyMomentGoesOnToTheSameWeights) {
    const std::string whole = folder_.file("whole.pth"), killed = folder_.file("killed.pth"),
                      state = killed + ".state";
    const Outcome outcome = run_landseam(train(whole));
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(StartsWith("step 1 of 30  loss "), HasSubstr("done after step 30")));
    EXPECT_THAT(run_landseam({"info", whole}).out, HasSubstr("64 px"));

    EXPECT_EQ(
        interrupt_landseam(train(killed), SIGKILL, [&] { return std::filesystem::exists(state); }).exit_code,
        128 + SIGKILL);
    EXPECT_FALSE(std::filesystem::exists(killed)) << "it was killed before its end";
    const Outcome rest = run_landseam(train(killed));
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_THAT(rest.out, testing::Not(HasSubstr("step 1 of 30"))) << "it went on, and did not begin anew";
    EXPECT_EQ(bytes_of(whole), bytes_of(killed));
}

TEST_F(TrainCommand, AskedToStopSavesWhereItIsAndSaysSo) {
    const std::string output = folder_.file("stopped.pth");
    const Outcome outcome = interrupt_landseam(train(output, "100000"), SIGTERM,
                                               [&] { return std::filesystem::exists(output + ".state"); });
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("interrupted after step"));
    EXPECT_TRUE(std::filesystem::exists(output));
}

TEST_F(TrainCommand, WritesTheMeanOfCheckpoints) {
    const std::string one = folder_.file("one.pth"), mean = folder_.file("mean.pth");
    ASSERT_EQ(run_landseam(train(one, "1")).exit_code, 0);
    const Outcome outcome = run_landseam({"train", "--mean", one, one, one, mean});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("mean.pth: the mean of 3 checkpoints"));
    EXPECT_EQ(bytes_of(mean), bytes_of(one));
    const Outcome again = run_landseam({"train", "--mean", one, one, mean});
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_THAT(again.err, HasSubstr("exists already"));
    EXPECT_EQ(run_landseam({"train", "--mean", one, one, mean, "--overwrite"}).exit_code, 0);
    const Outcome mixed = run_landseam({"train", "--mean", one, "embedded", folder_.file("mixed.pth")});
    EXPECT_EQ(mixed.exit_code, 1);
    EXPECT_THAT(mixed.err, HasSubstr("trained from one start"));
    EXPECT_EQ(run_landseam({"train", "--mean", one, folder_.file("alone.pth")}).exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("mixed.pth")));
}

// From packing over training to segmenting, with a checkpoint that takes five bands.
TEST_F(TrainCommand, MakesAModelOfMoreBandsFromOneOfThree) {
    const std::string five = folder_.file("five.safetensors"), model = folder_.file("five.pth"),
                      layer = folder_.file("five.geojson"), settings = layer + ".settings.json";
    ASSERT_EQ(run_landseam({"train", "--quiet", "--pack", five, "--scene", scene_, "--regions", "8",
                            "--bands", "3,2,1,2/1,3-1"})
                  .exit_code,
              0);
    const Outcome trained = run_landseam({"train", "--quiet", five, model, "--start", "embedded", "--steps",
                                          "1", "--crops", "1", "--prompts", "2", "--rate", "1e-6"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    EXPECT_THAT(run_landseam({"info", model}).out,
                AllOf(HasSubstr("5 bands"), HasSubstr("blue, green, red, 2/1, 3-1")));

    const auto segment = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"segment",
                                           scene_,
                                           layer,
                                           "--overwrite",
                                           "--points-per-side",
                                           "8",
                                           "--pred-iou-thresh",
                                           "0.3",
                                           "--stability-score-thresh",
                                           "0.3"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_landseam(arguments);
    };
    const Outcome segmented = segment({"--checkpoint", model});
    ASSERT_EQ(segmented.exit_code, 0) << segmented.err;
    EXPECT_THAT(bytes_of(settings),
                AllOf(HasSubstr("5 bands"), HasSubstr("blue (band 3), green (band 2), red (band 1)")));
    const std::string polygons = bytes_of(layer), told = bytes_of(settings);
    EXPECT_THAT(polygons, HasSubstr("predicted_iou")) << "it finds something";
    // The stretch that was written is read back, for a model of as many bands.
    std::filesystem::copy_file(settings, folder_.file("kept.json"));
    ASSERT_EQ(segment({"--checkpoint", model, "--stretch-from", folder_.file("kept.json")}).exit_code, 0);
    EXPECT_EQ(bytes_of(layer), polygons);
    EXPECT_EQ(bytes_of(settings), told);
    const Outcome three = segment({"--stretch-from", folder_.file("kept.json")});
    EXPECT_EQ(three.exit_code, 1);
    EXPECT_THAT(three.err, AllOf(HasSubstr("scene.tif"), HasSubstr("3 channels"), HasSubstr("one of 5")));
    const Outcome few = segment({"--checkpoint", model, "--bands", "3,2,1"});
    EXPECT_EQ(few.exit_code, 2);
    EXPECT_THAT(few.err, AllOf(HasSubstr("3,2,1"), HasSubstr("model takes 5")));
    EXPECT_EQ(bytes_of(layer), polygons) << "what failed has replaced nothing";
}

TEST_F(TrainCommand, RefusesWhatItCannotDoWithTheCauseAndLeavesNothing) {
    const std::string output = folder_.file("out.pth");
    const Outcome missing = run_landseam({"train", folder_.file("none.safetensors"), output});
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_THAT(missing.err, HasSubstr("none.safetensors"));
    const Outcome unpacked = run_landseam({"train", scene_, output});
    EXPECT_EQ(unpacked.exit_code, 1);
    EXPECT_THAT(unpacked.err, HasSubstr("scene.tif"));
    EXPECT_EQ(run_landseam(train(output, "30", "8")).exit_code, 2);
    EXPECT_EQ(run_landseam({"train"}).exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(output));
}

}  // namespace
}  // namespace landseam::test
