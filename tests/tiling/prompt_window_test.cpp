#include "landseam/tiling/prompt_window.h"

#include "landseam/core/error.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::tiling {
namespace {

constexpr PixelBox scene{0, 0, 1000, 300};

TEST(PromptWindow, LeavesTheSceneAsItIsForObjectsThatFit) {
    EXPECT_EQ(prompt_reduction(1, 256), 1);
    EXPECT_EQ(prompt_reduction(128, 256, 0.5), 1);
}

TEST(PromptWindow, HalvesTheSceneUntilTheObjectTakesItsShare) {
    EXPECT_EQ(prompt_reduction(129, 256, 0.5), 2);
    EXPECT_EQ(prompt_reduction(256, 256, 0.5), 2);
    EXPECT_EQ(prompt_reduction(1025, 256, 0.5), 16);
}

TEST(PromptWindow, RefusesSizesThatAreNotPositive) {
    EXPECT_THROW(prompt_reduction(0, 256), Error);
    EXPECT_THROW(prompt_reduction(10, 0), Error);
    EXPECT_THROW(prompt_reduction(10, 256, 0), Error);
}

TEST(PromptWindow, LiesAroundItsCentre) {
    const PromptWindow window = prompt_window(scene, {500, 150}, {490, 140, 20, 20}, 64, 2);
    EXPECT_EQ(window.box, (PixelBox{436, 86, 128, 128}));
    EXPECT_EQ(window.width, 64);
    EXPECT_EQ(window.height, 64);
    EXPECT_EQ(window.to_picture({500, 150}), (Point{32, 32}));
}

TEST(PromptWindow, IsMovedToHoldAnObjectThatReachesFarToOneSide) {
    const PromptWindow window = prompt_window(scene, {500, 150}, {496, 140, 60, 20}, 64, 1);
    EXPECT_EQ(window.box, (PixelBox{492, 118, 64, 64}));
}

TEST(PromptWindow, IsMovedInsideTheScene) {
    EXPECT_EQ(prompt_window(scene, {5, 298}, {0, 290, 10, 10}, 64, 1).box, (PixelBox{0, 236, 64, 64}));
    EXPECT_EQ(prompt_window(scene, {999, 2}, {990, 0, 10, 5}, 64, 1).box, (PixelBox{936, 0, 64, 64}));
}

TEST(PromptWindow, IsAsLongAsASceneThatIsSmaller) {
    const PromptWindow window = prompt_window(scene, {500, 150}, {490, 140, 20, 20}, 128, 4);
    EXPECT_EQ(window.box, (PixelBox{244, 0, 512, 300}));
    EXPECT_EQ(window.width, 128);
    EXPECT_EQ(window.height, 75);
    EXPECT_EQ(window.to_picture({244, 300}), (Point{0, 75}));
}

TEST(PromptWindow, StaysOnItsCentreWhereTheObjectIsTooLargeForIt) {
    EXPECT_EQ(prompt_window(scene, {500, 150}, {100, 100, 800, 100}, 64, 1).box,
              (PixelBox{468, 118, 64, 64}));
}

TEST(PromptScale, EnlargesSmallObjectsAndReducesLargeOnesByPowersOfTwo) {
    EXPECT_EQ(prompt_scale(30, 256, 0.1, 0.5), 1);
    EXPECT_EQ(prompt_scale(25, 256, 0.1, 0.5), 0.5);
    EXPECT_EQ(prompt_scale(1, 256, 0.1, 0.5), 0.25);
    EXPECT_EQ(prompt_scale(128, 256, 0.1, 0.5), 1);
    EXPECT_EQ(prompt_scale(129, 256, 0.1, 0.5), 2);
    EXPECT_THROW(prompt_scale(0, 256, 0.1, 0.5), Error);
}

TEST(PromptScale, NeverEnlargesWhatWouldNotFit) {
    EXPECT_EQ(prompt_scale(90, 100, 0.95, 0.95), 1);
}

TEST(SharedPromptWindow, IsOneForNeighboursAndHasThemNearItsMiddle) {
    const PromptWindow window = shared_prompt_window(scene, {500, 150}, 64, 1, 4);
    EXPECT_EQ(window.box, (PixelBox{464, 112, 64, 64}));  // 468 and 118, to the nearest sixteenth
    EXPECT_EQ(shared_prompt_window(scene, {502, 149}, 64, 1, 4).box, window.box);
    for (double x = 40; x < 960; x += 0.7) {
        const PixelBox box = shared_prompt_window(scene, {x, 150}, 64, 1, 4).box;
        EXPECT_LE(std::abs(static_cast<double>(box.x) + 32 - x), 8) << x;
    }
}

TEST(SharedPromptWindow, LiesInTheSceneAndEnlargesOrReducesIt) {
    EXPECT_EQ(shared_prompt_window(scene, {999, 2}, 64, 1, 4).box, (PixelBox{936, 0, 64, 64}));
    const PromptWindow enlarged = shared_prompt_window(scene, {500, 150}, 64, 0.25, 4);
    EXPECT_EQ(enlarged.box, (PixelBox{492, 144, 16, 16}));
    EXPECT_EQ(enlarged.width, 64);
    EXPECT_EQ(enlarged.to_picture({493, 144}), (Point{4, 0}));
    const PromptWindow reduced = shared_prompt_window(scene, {500, 150}, 64, 8, 4);
    EXPECT_EQ(reduced.box, (PixelBox{256, 0, 512, 300}));
    EXPECT_EQ(reduced.width, 64);
    EXPECT_EQ(reduced.height, 38);
}

TEST(SharedPromptWindow, WithAStepOfAPixelHasItsCentreInTheMiddle) {
    EXPECT_EQ(shared_prompt_window(scene, {501, 151}, 64, 1, 64).box, (PixelBox{469, 119, 64, 64}));
}

}  // namespace
}  // namespace landseam::tiling
