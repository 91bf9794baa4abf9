#include "pipeline/work_folder.h"

#include "landseam/core/error.h"

#include "support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::pipeline {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const PixelBox window{40, 0, 20, 10};
const std::string settings = R"({"tiles": {"size": 20}, "weights": "ab"})";

sam::Fingerprint pixels(unsigned char value) {
    sam::Fingerprint fingerprint;
    fingerprint.fill(value);
    return fingerprint;
}

std::vector<TileMask> masks(int width, double predicted_iou) {
    TileMask mask;
    mask.segmentation = RunMask::from_box({3, 2, width, 4});
    mask.predicted_iou = predicted_iou;
    mask.stability_score = 0.95;
    return {mask};
}

std::string refusal(const std::string& folder, const std::string& text) {
    try {
        WorkFolder work(folder, text);
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

class WorkFolderTest : public testing::Test {
protected:
    void keep_two_tiles() {
        WorkFolder work(path_, settings);
        work.keep(7, window, pixels(1), masks(5, 1.0 / 3));
        work.keep(2, window, pixels(2), masks(6, 0.9));
    }
    std::string bytes() const {
        std::ostringstream text;
        text << std::ifstream(path_ + "/tiles", std::ios::binary).rdbuf();
        return text.str();
    }
    void write(const std::string& text) const { std::ofstream(path_ + "/tiles", std::ios::binary) << text; }

    test::TemporaryFolder folder_;
    const std::string path_ = folder_.file("work");
};

TEST_F(WorkFolderTest, GivesBackWhatWasKeptByAnEarlierProcess) {
    keep_two_tiles();
    const WorkFolder work(path_, settings);
    EXPECT_EQ(work.count(), 2);
    const auto kept = work.masks_of(7, pixels(1));
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->size(), 1u);
    EXPECT_EQ(kept->front().segmentation, RunMask::from_box({3, 2, 5, 4}));
    EXPECT_EQ(kept->front().predicted_iou, 1.0 / 3);
    EXPECT_TRUE(work.masks_of(2, pixels(2)));
    EXPECT_FALSE(work.masks_of(7, pixels(2)));  // other pixels
    EXPECT_FALSE(work.masks_of(1, pixels(1)));
}

TEST_F(WorkFolderTest, CutsOffWhatACrashLeftUnfinishedWhereverThatIs) {
    keep_two_tiles();
    const std::string whole = bytes();
    const std::size_t first_line = whole.find('\n') + 1;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        write(whole.substr(0, length));
        WorkFolder work(path_, settings);
        ASSERT_EQ(work.count(), (length >= first_line) + (length == whole.size())) << length;
        work.keep(5, window, pixels(5), masks(4, 0.5));
        ASSERT_TRUE(work.masks_of(5, pixels(5)));
    }
    EXPECT_EQ(WorkFolder(path_, settings).count(), 3);
}

TEST_F(WorkFolderTest, TakesNoTileOfWhichABitHasChanged) {
    keep_two_tiles();
    const std::string whole = bytes();
    for (std::size_t i = 0; i < whole.find('\n'); i += 3) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        write(damaged);
        EXPECT_EQ(WorkFolder(path_, settings).count(), 0) << i;
    }
    write(whole.substr(0, whole.find('\n') + 1) + std::string(4096, '\0'));  // what a power cut may leave
    EXPECT_EQ(WorkFolder(path_, settings).count(), 1);
}

TEST_F(WorkFolderTest, NoticesOtherSettingsAndNamesThem) {
    keep_two_tiles();
    EXPECT_THAT(refusal(path_, R"({"tiles": {"size": 30}, "weights": "ab"})"),
                AllOf(HasSubstr("size 20, now 30"), HasSubstr("--work")));
    EXPECT_EQ(refusal(path_, settings), "accepted");
}

TEST_F(WorkFolderTest, RefusesFoldersThatHoldOtherThingsOrAreInUse) {
    std::filesystem::create_directory(path_);
    std::ofstream(path_ + "/letters.txt") << "dear";
    EXPECT_THAT(refusal(path_, settings), HasSubstr("letters.txt"));
    EXPECT_THAT(refusal(path_ + "/letters.txt", settings), HasSubstr("folder"));
    const WorkFolder work(folder_.file("other"), settings);
    EXPECT_THAT(refusal(folder_.file("other"), settings), HasSubstr("in use"));
}

TEST_F(WorkFolderTest, RemovesItselfAndNothingElse) {
    keep_two_tiles();
    WorkFolder(path_, settings).remove();
    EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace landseam::pipeline
