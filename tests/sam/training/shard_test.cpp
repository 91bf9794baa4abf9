// Lessons taken together against the same ones taken one by one.
#include "sam/training/shard.h"

#include "sam/tensor_matchers.h"
#include "sam/training/lesson.h"
#include "sam/training/new_model.h"
#include "sam/training/tiny_model.h"

#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace landseam::sam::training {
namespace {

using sam::test::close_to;

// A crop of noise with two boxes on it.
Task some_task(std::uint64_t number, double boxes, bool correct) {
    Task task;
    task.dice = Dice(3, number);
    Crop& crop = task.crop;
    crop.side = 64;
    crop.bands = 3;
    crop.valid.assign(crop.area(), 1);
    crop.levels.assign(1, std::vector<std::int32_t>(crop.area(), SampleLevel::nothing));
    crop.guessed = {false};
    for (std::size_t i = 0; i < crop.area(); ++i) {
        const std::size_t x = i % 64, y = i / 64;
        if (y > 10 && y < 30 && x > 5 && x < 20 + 5 * number) crop.levels[0][i] = 1;
        if (y > 40 && y < 60 && x > 30) crop.levels[0][i] = 2;
    }
    for (std::size_t i = 0; i < 3 * crop.area(); ++i)
        crop.pixels.push_back(
            static_cast<float>(task.dice.between(0, 100) + 40 * crop.levels[0][i % crop.area()]));
    LessonOptions options;
    options.prompts = 5;
    options.mask_side = 32;
    options.boxes = boxes;
    task.lesson = draw_lesson(crop, options, task.dice);
    task.correct = correct;
    return task;
}

std::vector<Task> some_tasks() {
    return {some_task(1, 0, false), some_task(2, 1, true), some_task(3, 0, true), some_task(4, 1, false),
            some_task(5, 0, true)};
}

class TakenTogether : public ::testing::TestWithParam<const char*> {};

TEST_P(TakenTogether, LessonsGiveTheSumOfTheirGradients) {
    const Learner learner = Learner::make(make_new_model(landseam::test::tiny_model(), 1), {GetParam()});
    Batch together = make_batch(some_tasks());
    const ShardResult all = take_lessons(learner, together);

    std::vector<at::Tensor> sums(learner.weights.size());
    double loss = 0, iou = 0;
    for (const Task& task : some_tasks()) {
        Batch alone = make_batch({task});
        const ShardResult one = take_lessons(learner, alone);
        EXPECT_EQ(one.lessons, 1);
        loss += one.loss;
        iou += one.iou;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            if (!one.gradients[i].defined()) continue;
            sums[i] = sums[i].defined() ? sums[i] + one.gradients[i] : one.gradients[i];
        }
    }
    EXPECT_EQ(all.lessons, 5);
    EXPECT_EQ(all.with_objects, 5);
    EXPECT_NEAR(all.loss, loss, 1e-4 * loss);
    EXPECT_NEAR(all.iou, iou, 1e-5);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        ASSERT_EQ(all.gradients[i].defined(), sums[i].defined()) << learner.names[i];
        if (!sums[i].defined()) continue;
        EXPECT_TRUE(close_to(all.gradients[i], sums[i], 1e-4 * (1 + sums[i].abs().max().item<double>())))
            << learner.names[i];
    }
}

INSTANTIATE_TEST_SUITE_P(Parts, TakenTogether, ::testing::Values("", "mask_decoder."));

TEST(Corrections, AddToTheLossOfTheirLessonAlone) {
    const Learner learner = Learner::make(make_new_model(landseam::test::tiny_model(), 1), {""});
    Batch with = make_batch({some_task(1, 0, true)}), without = make_batch({some_task(1, 0, false)});
    EXPECT_GT(take_lessons(learner, with).loss, take_lessons(learner, without).loss + 0.1);
}

}  // namespace
}  // namespace landseam::sam::training
