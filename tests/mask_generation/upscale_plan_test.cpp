#include "mask_generation/upscale_plan.h"

#include "mask_generation/plain_scan.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

// What the reference does, with libtorch's own resize of whole masks.
at::Tensor upscale_whole(const at::Tensor& logits, int model_size, sam::PictureSize input,
                         sam::PictureSize picture) {
    const at::Tensor square =
        at::upsample_bilinear2d(logits.unsqueeze(0).unsqueeze(0), {model_size, model_size}, false);
    const at::Tensor inside = square.slice(2, 0, input.height).slice(3, 0, input.width);
    return at::upsample_bilinear2d(inside, {picture.height, picture.width}, false)[0][0];
}

void expect_agreement(int low_res_size, int model_size, sam::PictureSize input, sam::PictureSize picture) {
    SCOPED_TRACE(testing::Message() << low_res_size << " to " << model_size << ", " << input.width << " × "
                                    << input.height << " to " << picture.width << " × " << picture.height);
    const at::Tensor logits = at::sin(at::arange(low_res_size * low_res_size, at::kFloat) * 1.7)
                                  .reshape({low_res_size, low_res_size}) *
                              9;
    const float* const values = logits.data_ptr<float>();
    Rows rows = plain_upscale({values, values + logits.numel()},
                              UpscalePlan(low_res_size, model_size, input, picture));
    ASSERT_EQ(rows.width, picture.width);
    ASSERT_EQ(rows.height, picture.height);
    const at::Tensor upscaled =
        at::from_blob(rows.values.data(), {picture.height, picture.width}, at::kFloat);
    const at::Tensor difference = (upscaled - upscale_whole(logits, model_size, input, picture)).abs();
    EXPECT_LT(difference.max().item<float>(), 1e-4F);
}

TEST(UpscalePlan, AgreesWithTheReferenceAtTheModelsSize) {
    expect_agreement(16, 64, {64, 64}, {64, 64});
}

TEST(UpscalePlan, AgreesWithTheReferenceOnLargerPictures) {
    expect_agreement(16, 64, {64, 43}, {150, 100});
    expect_agreement(16, 64, {40, 64}, {65, 104});
}

TEST(UpscalePlan, AgreesWithTheReferenceOnSmallerPictures) {
    expect_agreement(16, 64, {64, 48}, {20, 15});
    expect_agreement(16, 64, {64, 64}, {1, 1});
    expect_agreement(16, 64, {64, 1}, {500, 1});
}

TEST(UpscalePlan, AgreesWithTheReferenceWhereOneSideAloneHasTheModelsSize) {
    expect_agreement(16, 64, {64, 33}, {64, 32});
}

TEST(UpscalePlan, TellsWhatASampleIsMadeOf) {
    const UpscalePlan plan(4, 8, {8, 4}, {16, 4});
    ASSERT_EQ(plan.steps.size(), 2u);
    // Column 5 of the picture lies between columns 2 and 3 of the model's square, which reach from 0 to 2.
    EXPECT_EQ(plan.columns.first[5], 0);
    EXPECT_EQ(plan.columns.last[5], 2);
    EXPECT_EQ(plan.columns.first[15], 3);
    EXPECT_EQ(plan.columns.last[15], 3);
    EXPECT_EQ(plan.rows.first[0], 0);
    EXPECT_EQ(plan.rows.last[3], 2);
}

}  // namespace
}  // namespace landseam::mask_generation
