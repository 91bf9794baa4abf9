#include "mask_generation/row_upscaler.h"

#include <algorithm>

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
    at::Tensor rows = at::full({picture.height, picture.width}, -99.0, at::kFloat);
    int next = 0;
    const RowUpscaler upscaler(low_res_size, model_size, input, picture);
    upscaler.for_each_row(logits.data_ptr<float>(), [&](int y, const float* row) {
        ASSERT_EQ(y, next++);
        std::copy_n(row, picture.width, rows[y].data_ptr<float>());
    });
    EXPECT_EQ(next, picture.height);
    const at::Tensor difference = (rows - upscale_whole(logits, model_size, input, picture)).abs();
    EXPECT_LT(difference.max().item<float>(), 1e-4F);
}

TEST(RowUpscaler, AgreesWithTheReferenceAtTheModelsSize) {
    expect_agreement(16, 64, {64, 64}, {64, 64});
}

TEST(RowUpscaler, AgreesWithTheReferenceOnLargerPictures) {
    expect_agreement(16, 64, {64, 43}, {150, 100});
    expect_agreement(16, 64, {40, 64}, {65, 104});
}

TEST(RowUpscaler, AgreesWithTheReferenceOnSmallerPictures) {
    expect_agreement(16, 64, {64, 48}, {20, 15});
    expect_agreement(16, 64, {64, 64}, {1, 1});
    expect_agreement(16, 64, {64, 1}, {500, 1});
}

TEST(RowUpscaler, AgreesWithTheReferenceWhereOneSideAloneHasTheModelsSize) {
    expect_agreement(16, 64, {64, 33}, {64, 32});
}

}  // namespace
}  // namespace landseam::mask_generation
