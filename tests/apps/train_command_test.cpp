// landseam train --pack, from end to end.
#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace landseam::test
