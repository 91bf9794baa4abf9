// time_landseam as compare_reference talks to it.
#include "support/json.h"
#include "support/temporary_folder.h"

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using landseam::test::Json;

struct Outcome {
    std::vector<Json> lines;  // of standard output
    int status = 0;
};

Outcome run_time_landseam(const std::string& before, const std::string& arguments) {
    const std::string model = std::string(LANDSEAM_TEST_DATA) + "/parity/vit/";
    const std::string command = before + " '" TIME_LANDSEAM "' '" + model + "weights.pth' '" + model +
                                "image.ppm' " + arguments + " 2>/dev/null";
    std::FILE* const pipe = popen(command.c_str(), "r");
    Outcome outcome;
    std::string line;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        if (c != '\n') {
            line += static_cast<char>(c);
            continue;
        }
        outcome.lines.push_back(Json::parse(line));
        line.clear();
    }
    outcome.status = pclose(pipe);
    return outcome;
}

const std::string few_points =
    "--points-per-side 4 --pred-iou-thresh 0 --stability-score-thresh 0 --box-nms-thresh 1 ";

TEST(TimeLandseam, TellsItsModelAndThenWhatItMeasures) {
    const auto lines = run_time_landseam("", few_points + "--measure encode,tile --rounds 2").lines;
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_EQ(lines[0]["what"].string(), "ready");
    EXPECT_GT(lines[0]["encoder_flop"].number(), 0);
    for (const std::size_t i : {1, 3}) EXPECT_EQ(lines[i]["what"].string(), "encode");
    for (const std::size_t i : {2, 4}) EXPECT_EQ(lines[i]["what"].string(), "tile");
    EXPECT_GT(lines[2]["seconds"].number(), 0);
    EXPECT_GT(lines[2]["masks"].integer(), 16);  // three masks a point, but for those without a pixel
}

TEST(TimeLandseam, AnswersRequestsOneByOneAndWritesMasksInColumnRuns) {
    const landseam::test::TemporaryFolder folder;
    const std::string masks = folder / "masks.json";
    const auto lines =
        run_time_landseam("printf 'masks\\nwrite " + masks + "\\n' |", few_points + "--on-request").lines;
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[1]["what"].string(), "masks");
    EXPECT_EQ(lines[2]["what"].string(), "write");
    const Json written = landseam::test::parse_json_file(masks);
    ASSERT_EQ(static_cast<int>(written.size()), lines[1]["masks"].integer());
    for (const Json& mask : written.array()) {
        double pixels = 0;
        for (const Json& count : mask["counts"].array()) pixels += count.number();
        EXPECT_EQ(pixels, mask["size"][0].number() * mask["size"][1].number());
    }
}

TEST(TimeLandseam, MakesTheSameNumberOfMasksFromAKnownEmbedding) {
    const auto lines = run_time_landseam("", few_points + "--measure masks,tile --rounds 1").lines;
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_NEAR(lines[1]["masks"].number(), lines[2]["masks"].number(), 1);  // known ones are rounded to fp16
}

TEST(TimeLandseam, RefusesAnUnknownMeasurement) {
    EXPECT_NE(run_time_landseam("", "--measure everything").status, 0);
}

}  // namespace
