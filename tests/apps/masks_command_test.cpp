// landseam masks, from end to end.
#include "apps/run_program.h"
#include "support/drawn_scene.h"
#include "support/json.h"
#include "support/temporary_folder.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Loose thresholds: these tests are about files, not about the model.
const std::vector<std::string> loose{"--points-per-side",        "6",   "--pred-iou-thresh", "0.05",
                                     "--stability-score-thresh", "0.05"};

Outcome masks(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "masks");
    arguments.insert(arguments.end(), loose.begin(), loose.end());
    return run_landseam(arguments);
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class MasksCommand : public testing::Test {
protected:
    MasksCommand() {
        fs::create_directory(pictures_);
        DrawnScene plain;
        plain.epsg = 0;
        plain.width = 200;
        plain.height = 150;
        write_drawn_scene(pictures_ / "first.tif", plain);
        plain.width = 120;
        write_drawn_scene(pictures_ / "second.tif", plain);
        std::ofstream(pictures_ / "notes.doc") << "no picture";
        fs::create_directory(pictures_ / "deeper");
    }

    TemporaryFolder folder_;
    const fs::path pictures_ = folder_.path() / "pictures", out_ = folder_.path() / "out";
};

TEST_F(MasksCommand, MakesAFolderForEachPictureOfAFolder) {
    const Outcome outcome = masks({pictures_, out_});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("of 2 pictures"), HasSubstr("1 files left out")));
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("notes.doc"), Not(HasSubstr("georeference"))));
    std::vector<std::string> made;
    for (const auto& entry : fs::directory_iterator(out_)) made.push_back(entry.path().filename());
    EXPECT_THAT(made, testing::UnorderedElementsAre("first", "second"));
    const std::string metadata = text_of(out_ / "first/metadata.csv");
    EXPECT_THAT(metadata, StartsWith("id,area,bbox_x0"));
    const auto rows = std::count(metadata.begin(), metadata.end(), '\n');
    ASSERT_GT(rows, 0) << "the model finds nothing at all";
    EXPECT_EQ(std::distance(fs::directory_iterator(out_ / "first"), {}), rows + 1);
    EXPECT_TRUE(fs::exists(out_ / "first" / (std::to_string(rows - 1) + ".png")));
}

TEST_F(MasksCommand, SkipsWhatIsDoneUnlessAskedTo) {
    ASSERT_EQ(masks({pictures_, out_}).exit_code, 0);
    fs::remove_all(out_ / "second");
    std::ofstream(out_ / "first/mark") << "left alone";
    const Outcome again = masks({pictures_, out_});
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_THAT(again.out, AllOf(HasSubstr("of 1 pictures"), HasSubstr("1 done before")));
    EXPECT_TRUE(fs::exists(out_ / "first/mark"));
    EXPECT_TRUE(fs::exists(out_ / "second/metadata.csv"));
    const Outcome anew = masks({pictures_, out_, "--overwrite"});
    EXPECT_THAT(anew.out, HasSubstr("of 2 pictures"));
    EXPECT_FALSE(fs::exists(out_ / "first/mark"));
}

TEST_F(MasksCommand, WritesCocoRecordsOfTheSameMasks) {
    ASSERT_EQ(masks({pictures_ / "first.tif", out_}).exit_code, 0);
    ASSERT_EQ(masks({pictures_ / "first.tif", out_, "--coco-rle"}).exit_code, 0);
    const Json records = parse_json_file(out_ / "first.json");
    const std::string metadata = text_of(out_ / "first/metadata.csv");
    EXPECT_EQ(records.size(), static_cast<std::size_t>(std::count(metadata.begin(), metadata.end(), '\n')));
    for (const Json& record : records.array()) {
        EXPECT_EQ(record["segmentation"]["size"][0].integer(), 150);
        EXPECT_EQ(record["segmentation"]["size"][1].integer(), 200);
    }
}

TEST_F(MasksCommand, RefusesPicturesThatWouldMeet) {
    fs::copy_file(pictures_ / "first.tif", pictures_ / "first.png");
    const Outcome outcome = masks({pictures_, out_});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("first.png"), HasSubstr("first.tif"), HasSubstr("rename")));
    EXPECT_FALSE(fs::exists(out_));
}

TEST_F(MasksCommand, NamesWhatIsNoPicture) {
    EXPECT_EQ(masks({pictures_ / "missing.png", out_}).exit_code, 1);
    const Outcome outcome = masks({pictures_ / "notes.doc", out_});
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("notes.doc"));
    EXPECT_EQ(masks({pictures_ / "deeper", out_}).exit_code, 1) << "an empty folder";
    EXPECT_EQ(masks({pictures_ / "first.tif", out_, "--crop-n-layers", "99"}).exit_code, 2);
}

}  // namespace
}  // namespace landseam::test
