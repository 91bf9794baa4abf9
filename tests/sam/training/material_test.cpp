// Packed samples, the crops cut from them, and the lessons drawn on crops.
#include "sam/training/material.h"

#include "landseam/core/error.h"
#include "landseam/sam/samples.h"

#include "sam/training/crop.h"
#include "sam/training/lesson.h"
#include "support/temporary_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using training::Crop;
using training::CropFrame;
using training::Dice;
using training::Lesson;
using training::LessonOptions;
using training::PromptKind;

// 3 bands whose values tell where they are, and a box of object 7 from (4, 2) to (9, 7), both inclusive.
Sample numbered_sample() {
    Sample sample;
    sample.width = 20;
    sample.height = 16;
    sample.gsd_m = 0.5;
    sample.bands = {"red", "green", "blue"};
    SampleLevel level{"boxes", std::vector<std::int32_t>(320, SampleLevel::nothing)};
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 20; ++x)
            if (x >= 4 && x <= 9 && y >= 2 && y <= 7) level.ids[static_cast<std::size_t>(20 * y + x)] = 7;
    sample.levels = {level};
    sample.valid.assign(320, 1);
    for (int band = 0; band < 3; ++band)
        for (int i = 0; i < 320; ++i)
            sample.pixels.push_back(static_cast<std::uint8_t>(10 * band + i % 20 + i / 20));
    return sample;
}

CropFrame straight(double x, double y, double scale) {
    CropFrame frame;
    frame.x0 = x;
    frame.y0 = y;
    frame.a = frame.d = frame.scale = scale;
    return frame;
}

const std::vector<float> kFill{1, 2, 3};

TEST(Samples, AreReadAsTheyWereWritten) {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("a.safetensors");
    const Sample sample = numbered_sample();
    write_sample(path, sample);
    const Sample read = read_sample(path);
    EXPECT_EQ(read.width, 20);
    EXPECT_EQ(read.height, 16);
    EXPECT_EQ(read.gsd_m, 0.5);
    EXPECT_EQ(read.bands, sample.bands);
    EXPECT_EQ(read.pixels, sample.pixels);
    EXPECT_EQ(read.valid, sample.valid);
    ASSERT_EQ(read.levels.size(), 1u);
    EXPECT_EQ(read.levels[0].name, "boxes");
    EXPECT_EQ(read.levels[0].ids, sample.levels[0].ids);
}

TEST(Samples, ThatAreCutShortOrNoSamplesAreRefused) {
    const test::TemporaryFolder folder;
    const std::string path = folder.file("a.safetensors");
    write_sample(path, numbered_sample());
    const auto size = std::filesystem::file_size(path);
    for (const std::uintmax_t left : {size - 1, size / 2, std::uintmax_t{9}, std::uintmax_t{0}}) {
        std::filesystem::resize_file(path, left);
        EXPECT_THROW(read_sample(path), Error) << left;
    }
    EXPECT_THROW(read_sample(folder.file("missing.safetensors")), Error);
}

TEST(Samples, WhoseSizesDoNotAgreeAreNotWritten) {
    const test::TemporaryFolder folder;
    Sample sample = numbered_sample();
    sample.levels[0].ids.pop_back();
    EXPECT_THROW(write_sample(folder.file("a.safetensors"), sample), Error);
    EXPECT_FALSE(std::filesystem::exists(folder.file("a.safetensors")));
    sample = numbered_sample();
    sample.levels[0].ids[3] = -2;
    EXPECT_THROW(sample.validate("a"), Error);
}

TEST(Crops, CutStraightArePixelForPixelTheSample) {
    const Sample sample = numbered_sample();
    const Crop crop = training::cut_crop(sample, straight(10, 8, 1), 8, kFill);  // from (6, 4)
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x)
            for (int band = 0; band < 3; ++band)
                EXPECT_FLOAT_EQ(crop.pixels[static_cast<std::size_t>(64 * band + 8 * y + x)],
                                static_cast<float>(10 * band + 6 + x + 4 + y));
    EXPECT_EQ(std::count(crop.levels[0].begin(), crop.levels[0].end(), 7), 4 * 4);
    EXPECT_EQ(crop.levels[0][0], 7);
    EXPECT_EQ(crop.levels[0][63], SampleLevel::nothing);
}

TEST(Crops, OfTwiceTheScaleAverageFourPixels) {
    const Crop crop = training::cut_crop(numbered_sample(), straight(10, 8, 2), 4, kFill);
    // Its pixel (1, 1) covers (8, 6) to (9, 7), values 14, 15, 15, 16.
    EXPECT_NEAR(crop.pixels[5], 15, 1e-4);
}

TEST(Crops, BeyondTheSampleAreFilledAndUnknown) {
    Sample sample = numbered_sample();
    sample.valid[20 * 3 + 5] = 0;
    const Crop crop = training::cut_crop(sample, straight(0, 0, 1), 12, kFill);  // from (−6, −6)
    EXPECT_EQ(crop.valid[0], 0);
    EXPECT_EQ(crop.levels[0][0], SampleLevel::unknown);
    EXPECT_EQ(crop.pixels[144], kFill[1]);
    EXPECT_EQ(crop.valid[12 * 9 + 11], 0) << "a pixel without data";
    EXPECT_EQ(crop.levels[0][12 * 9 + 11], SampleLevel::unknown);
    EXPECT_EQ(crop.valid[12 * 8 + 11], 1);
}

TEST(Crops, GetObjectsOfOthersPastedWhereTheyLieThere) {
    Sample ground = numbered_sample();
    std::fill(ground.levels[0].ids.begin(), ground.levels[0].ids.end(), SampleLevel::nothing);
    Sample other;
    other.width = other.height = 64;
    other.bands = {"red", "green", "blue"};
    other.valid.assign(64 * 64, 1);
    other.pixels.assign(3 * 64 * 64, 200);
    other.levels = {{"objects", std::vector<std::int32_t>(64 * 64, 0)}};
    for (int y = 10; y < 20; ++y)
        for (int x = 30; x < 40; ++x) other.levels[0].ids[static_cast<std::size_t>(64 * y + x)] = 3;
    Crop onto = training::cut_crop(other, straight(32, 32, 1), 64, kFill), from = onto;
    std::fill(onto.levels[0].begin(), onto.levels[0].end(), 5);
    std::fill(onto.pixels.begin(), onto.pixels.end(), 0.0f);
    Dice dice(1);
    training::paste_objects(onto, from, dice);
    const std::size_t inside = 64 * 15 + 35, outside = 64 * 15 + 45;
    EXPECT_EQ(onto.pixels[inside], 200);
    EXPECT_EQ(onto.pixels[outside], 0);
    EXPECT_NE(onto.levels[0][inside], 5);
    EXPECT_GT(onto.levels[0][inside], 5);
    EXPECT_EQ(onto.levels[0][outside], 5);

    // What was only guessed is not pasted, and what is pasted does not become a guess.
    const Crop before = onto;
    from.guessed[0] = true;
    training::paste_objects(onto, from, dice);
    EXPECT_EQ(onto.levels, before.levels);
    from.guessed[0] = false;
    onto.guessed[0] = true;
    training::paste_objects(onto, from, dice);
    ASSERT_EQ(onto.levels.size(), 2u);
    EXPECT_EQ(onto.guessed, (std::vector<bool>{false, true}));
    EXPECT_GT(onto.levels[0][inside], 0);
    EXPECT_EQ(onto.levels[0][outside], SampleLevel::unknown);
    EXPECT_EQ(onto.levels[1][inside], SampleLevel::unknown);
    EXPECT_EQ(onto.levels[1][outside], 5);
}

TEST(Crops, AreRecolouredTheSameWayForTheSameDice) {
    const Crop before = training::cut_crop(numbered_sample(), straight(10, 8, 1), 8, kFill);
    Crop a = before, b = before, c = before;
    Dice first(3), again(3), other(4);
    training::recolour(a, first);
    training::recolour(b, again);
    training::recolour(c, other);
    EXPECT_EQ(a.pixels, b.pixels);
    EXPECT_NE(a.pixels, before.pixels);
    EXPECT_NE(a.pixels, c.pixels);
    for (const float value : a.pixels) {
        EXPECT_GE(value, 0);
        EXPECT_LE(value, 255);
    }
}

Crop box_crop() {
    return training::cut_crop(numbered_sample(), straight(10, 8, 1), 16,
                              kFill);  // from (2, 0): the box at (2, 2) … (7, 7)
}

TEST(Lessons, AskForObjectsAtPointsOnThem) {
    const Crop crop = box_crop();
    LessonOptions options;
    options.prompts = 40;
    options.mask_side = 8;
    options.boxes = 0;
    options.nothing = 0.3;
    Dice dice(1);
    const Lesson lesson = training::draw_lesson(crop, options, dice);
    ASSERT_EQ(lesson.prompts, 40);
    int on = 0;
    for (int i = 0; i < 40; ++i) {
        const auto x = static_cast<int>(lesson.points[static_cast<std::size_t>(2 * i)]),
                   y = static_cast<int>(lesson.points[static_cast<std::size_t>(2 * i + 1)]);
        const bool inside = x >= 2 && x <= 7 && y >= 2 && y <= 7;
        const auto target = static_cast<std::size_t>(lesson.targets * i);
        EXPECT_EQ(lesson.worth[target], inside ? 1 : 0) << x << " " << y;
        on += inside;
        const float* mask = lesson.masks.data() + 64 * target;
        EXPECT_FLOAT_EQ(mask[9], inside ? 1 : 0);  // cell (1, 1): pixels (2, 2) to (3, 3)
        EXPECT_FLOAT_EQ(mask[0], 0);
    }
    EXPECT_GT(on, 15);
    EXPECT_LT(on, 40);
}

TEST(Lessons, KnowTheWholeThatAPartLiesIn) {
    Crop crop = box_crop();
    crop.levels.push_back(std::vector<std::int32_t>(crop.area(), 1));  // one region below everything
    crop.guessed.push_back(true);
    LessonOptions options;
    options.mask_side = 8;
    options.boxes = 0;
    options.nothing = 0;
    Dice dice(1);
    const Lesson lesson = training::draw_lesson(crop, options, dice);
    ASSERT_EQ(lesson.targets, 4);
    int parts = 0;
    for (int i = 0; i < lesson.prompts; ++i) {
        const float* const worth = lesson.worth.data() + 4 * i;
        const float* const masks = lesson.masks.data() + 4 * 64 * i;
        const float whole = static_cast<float>(options.guess_worth);
        if (worth[0] == 1) {
            ++parts;
            EXPECT_EQ(worth[1], whole);
            EXPECT_FLOAT_EQ(masks[0], 0);
            EXPECT_FLOAT_EQ(masks[64], 1) << "the region covers the corner too";
        } else {
            EXPECT_EQ(worth[0], whole);
            EXPECT_FLOAT_EQ(masks[0], 1);
        }
        EXPECT_EQ(worth[3], 0);
    }
    EXPECT_GT(parts, 0);
    EXPECT_LT(parts, lesson.prompts);
}

TEST(Lessons, OfARunRateRegionsAsItsOptionsSay) {
    const test::TemporaryFolder folder;
    Sample sample = numbered_sample();
    sample.levels[0].name = std::string(SampleLevel::guessed_prefix) + "5";
    write_sample(folder.file("a.safetensors"), sample);
    TrainOptions options;
    options.samples = {{folder.file("a.safetensors")}};
    options.region_worth = 0.25;
    ModelInfo info;
    info.image_size = 16;
    info.grid = 2;
    training::Material material(options.samples);
    material.suit(info);
    int regions = 0;
    for (std::uint64_t step = 0; step < 20; ++step)
        for (const float worth : material.draw(options, info, step, 0).second.worth) {
            EXPECT_TRUE(worth == 0 || worth == 0.25f) << worth;
            regions += worth > 0;
        }
    EXPECT_GT(regions, 0);
}

TEST(Lessons, CoverCellsByTheShareOfTheirPixels) {
    const Crop crop = training::cut_crop(numbered_sample(), straight(9, 9, 1), 16,
                                         kFill);  // from (1, 1): the box at (3, 1) … (8, 6)
    LessonOptions options;
    options.prompts = 1;
    options.mask_side = 8;
    options.boxes = options.nothing = 0;
    options.others = 0;
    Dice dice(1);
    const Lesson lesson = training::draw_lesson(crop, options, dice);
    EXPECT_FLOAT_EQ(lesson.masks[1], 0.25f);  // cell (1, 0): pixel (3, 1) of four
    EXPECT_FLOAT_EQ(lesson.masks[10], 1);     // cell (2, 1)
    float sum = 0;
    for (const float share : lesson.masks) sum += share;
    EXPECT_FLOAT_EQ(sum, 36 / 4.0f);
}

TEST(Lessons, AskWithBoxesRoundTheObject) {
    LessonOptions options;
    options.boxes = 1;
    Dice dice(2);
    const Lesson lesson = training::draw_lesson(box_crop(), options, dice);
    ASSERT_EQ(lesson.kind, PromptKind::box);
    for (int i = 0; i < lesson.prompts; ++i) {
        const float* box = lesson.boxes.data() + 4 * i;
        EXPECT_NEAR(box[0], 2, 3);
        EXPECT_NEAR(box[2], 7, 3);
        EXPECT_LT(box[0], box[2]);
    }
}

TEST(Lessons, OnUnknownGroundAskNothing) {
    Crop crop = box_crop();
    std::fill(crop.levels[0].begin(), crop.levels[0].end(), SampleLevel::unknown);
    Dice dice(1);
    EXPECT_EQ(training::draw_lesson(crop, {}, dice).prompts, 0);
}

TEST(Lessons, TakeNothingForGrantedThatAnotherLevelHasAnObjectOn) {
    Crop crop = box_crop();
    crop.levels.push_back(std::vector<std::int32_t>(crop.area(), 1));  // one field below everything
    crop.guessed.push_back(false);
    LessonOptions options;
    options.nothing = 1;
    options.boxes = 0;
    Dice dice(1);
    const Lesson lesson = training::draw_lesson(crop, options, dice);
    for (int i = 0; i < lesson.prompts; ++i)
        EXPECT_EQ(lesson.worth[static_cast<std::size_t>(lesson.targets * i)], 1);
}

TEST(Dice, GiveTheSameNumbersForTheSamePlaceOnly) {
    Dice a(1, 2, 3), b(1, 2, 3), c(1, 2, 4), d(1, 3, 3);
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
    EXPECT_NE(first, d.next());
}

}  // namespace
}  // namespace landseam::sam
