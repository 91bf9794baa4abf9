#include "landseam/sam/modules.h"

#include "landseam/core/error.h"
#include "landseam/sam/predictor.h"

#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::close_to;

TEST(Windows, PutTogetherAreWhatWasCut) {
    const at::Tensor x = at::rand({2, 10, 13, 3});
    for (const int side : {1, 4, 5, 13, 14}) {
        const at::Tensor windows = partition_windows(x, side);
        EXPECT_EQ(windows.size(1), side);
        EXPECT_TRUE(close_to(join_windows(windows, 10, 13), x, 0)) << side;
    }
}

TEST(Windows, RunRowByRowWithZerosRightAndBelow) {
    const at::Tensor x = at::arange(1, 7, at::kFloat).view({1, 2, 3, 1});
    const at::Tensor expected = at::tensor({1.f, 2.f, 4.f, 5.f, 3.f, 0.f, 6.f, 0.f}).view({2, 2, 2, 1});
    EXPECT_TRUE(close_to(partition_windows(x, 2), expected, 0));
}

// The definition, pair by pair, against the table arithmetic.
TEST(VitAttention, AddsThePositionsOfEachPairToItsScore) {
    const int side = 3, dim = 4, heads = 2, head_dim = dim / heads;
    VitAttention attention;
    attention.qkv = {at::rand({3 * dim, dim}), at::rand({3 * dim})};
    attention.proj = {at::eye(dim), at::zeros({dim})};
    attention.rel_pos_h = at::randn({2 * side - 1, head_dim});
    attention.rel_pos_w = at::randn({2 * side - 1, head_dim});
    attention.heads = heads;
    const at::Tensor x = at::randn({1, side, side, dim});

    const at::Tensor qkv = attention.qkv(x).view({side * side, 3, heads, head_dim});
    at::Tensor expected = at::zeros({side * side, heads, head_dim});
    for (int head = 0; head < heads; ++head) {
        at::Tensor scores = at::zeros({side * side, side * side});
        for (int i = 0; i < side * side; ++i)
            for (int j = 0; j < side * side; ++j) {
                const at::Tensor q = qkv[i][0][head];
                const at::Tensor bias = attention.rel_pos_h[i / side - j / side + side - 1] +
                                        attention.rel_pos_w[i % side - j % side + side - 1];
                scores[i][j] = (q * qkv[j][1][head]).sum() / std::sqrt(2.0) + (q * bias).sum();
            }
        for (int i = 0; i < side * side; ++i)
            for (int j = 0; j < side * side; ++j)
                expected[i][head] += scores[i].softmax(0)[j] * qkv[j][2][head];
    }
    EXPECT_TRUE(close_to(attention(x), expected.view({1, side, side, dim}), 1e-5));
}

// What a GPU computes, in the terms of a CPU.
TEST(VitAttention, FusedIsTheSameAsInBlocks) {
    const int height = 5, width = 4, heads = 3, head_dim = 6;
    VitAttention attention;
    attention.rel_pos_h = at::randn({2 * height - 1, head_dim});
    attention.rel_pos_w = at::randn({2 * width - 1, head_dim});
    attention.heads = heads;
    const auto some = [&] { return at::randn({2, heads, height * width, head_dim}); };
    const at::Tensor q = some(), k = some(), v = some();
    EXPECT_TRUE(
        close_to(attention.fused(q, k, v, height, width), attention.in_blocks(q, k, v, height, width), 1e-5));
}

TEST(TinyVitAttention, AddsTheBiasOfEachPairsDistanceToItsScore) {
    const int side = 2, dim = 4, heads = 2;
    TinyVitAttention attention;
    attention.norm = {at::ones({dim}), at::zeros({dim})};
    attention.qkv = {at::zeros({3 * dim, dim}), at::zeros({3 * dim})};
    // No content but in the values: the biases alone decide.
    for (int head = 0; head < heads; ++head)
        for (int i = 0; i < 2; ++i) attention.qkv.weight[head * 6 + 4 + i][head * 2 + i] = 1;
    attention.proj = {at::eye(dim), at::zeros({dim})};
    attention.attention_biases =
        at::tensor({1.f, 2.f, 3.f, 4.f, 0.f, -1.f, 5.f, 0.5f}).view({heads, side * side});
    attention.heads = heads;
    attention.window = side;
    const at::Tensor x = at::randn({1, side * side, dim});
    const at::Tensor values = attention.norm(x)[0];
    at::Tensor expected = at::zeros({side * side, dim});
    for (int head = 0; head < heads; ++head)
        for (int i = 0; i < side * side; ++i) {
            at::Tensor scores = at::zeros({side * side});
            for (int j = 0; j < side * side; ++j)
                scores[j] = attention.attention_biases[head][std::abs(i / side - j / side) * side +
                                                             std::abs(i % side - j % side)];
            const at::Tensor weights = scores.softmax(0);
            for (int j = 0; j < side * side; ++j)
                for (int c = 2 * head; c < 2 * head + 2; ++c) expected[i][c] += weights[j] * values[j][c];
        }
    EXPECT_TRUE(close_to(attention(x)[0], expected, 1e-5));
}

TEST(ConvBn, IsAConvolutionFollowedByBatchNormalisation) {
    ConvBn layer{
        at::randn({6, 1, 3, 3}), at::rand({6}), at::randn({6}), at::randn({6}), at::rand({6}) + 0.5, 2, 1, 6};
    const at::Tensor x = at::randn({2, 6, 9, 8});
    const at::Tensor convolved = at::conv2d(x, layer.weight, {}, 2, 1, 1, 6);
    const at::Tensor expected = at::batch_norm(convolved, layer.bn_weight, layer.bn_bias, layer.running_mean,
                                               layer.running_var, false, 0, 1e-5, false);
    EXPECT_TRUE(close_to(layer(x), expected, 1e-5));
}

TEST(LayerNorm2d, NormalisesEachPixelOverItsChannels) {
    LayerNorm2d norm{at::full({3}, 2.f), at::full({3}, 1.f)};
    const at::Tensor x = at::tensor({1.f, 2.f, 3.f}).view({1, 3, 1, 1}).expand({1, 3, 2, 2});
    const float one_and_a_half = std::sqrt(1.5f);
    const at::Tensor expected = at::tensor({1 - 2 * one_and_a_half, 1.f, 1 + 2 * one_and_a_half})
                                    .view({1, 3, 1, 1})
                                    .expand({1, 3, 2, 2});
    EXPECT_TRUE(close_to(norm(x), expected, 1e-4));
}

TEST(Preprocess, NormalisesBeforeItPads) {
    const auto model = load_sam(test::open_parity_checkpoint("vit"));
    const at::Tensor padded = model->preprocess(at::full({1, 3, 100, 256}, 255.f));
    EXPECT_EQ(padded.sizes(), (std::vector<std::int64_t>{1, 3, 256, 256}));
    EXPECT_NEAR(padded[0][0][99][255].item<double>(), (255 - 123.675) / 58.395, 1e-5);
    EXPECT_EQ(padded.narrow(2, 100, 156).abs().max().item<double>(), 0);
}

TEST(Precision, HasThreeNames) {
    EXPECT_EQ(precision_named("fp32"), Precision::fp32);
    EXPECT_EQ(precision_named("bf16"), Precision::bf16);
    EXPECT_EQ(precision_named("fp16"), Precision::fp16);
    for (const char* const name : {"", "FP32", "int8"}) EXPECT_THROW(precision_named(name), Error) << name;
}

TEST(Precision, OfACpuIsNotFp16) {
    const CheckpointFile file = test::open_parity_checkpoint("vit");
    EXPECT_THROW(load_sam(file, "cpu", 0, Precision::fp16), Error);
    EXPECT_EQ(load_sam(file, "cpu", 0, Precision::bf16)->precision, Precision::bf16);
}

// As on a GPU: the encoder in the type of its weights, its embedding in fp32.
TEST(Precision, OfTheEncoderIsThatOfItsWeights) {
    const auto model = load_sam(test::open_parity_checkpoint("tiny_vit"));
    auto tensors = model->tensors;
    for (auto& [name, tensor] : tensors)
        if (name.rfind("image_encoder.", 0) == 0) tensor = tensor.to(at::kBFloat16);
    const at::Tensor picture = at::randn({1, 3, 256, 256});
    const at::Tensor rough = build_sam(model->info, tensors).encode_image(picture);
    EXPECT_EQ(rough.scalar_type(), at::kFloat);
    const double scale = model->encode_image(picture).abs().max().item<double>();
    EXPECT_TRUE(close_to(rough, model->encode_image(picture), 0.1 * scale));
    EXPECT_FALSE(close_to(rough, model->encode_image(picture), 1e-5 * scale));
}

TEST(BuildSam, NamesATensorOfAnotherShape) {
    const auto model = load_sam(test::open_parity_checkpoint("vit"));
    auto tensors = model->tensors;
    tensors["mask_decoder.iou_token.weight"] = at::zeros({2, 64});
    EXPECT_THROW(build_sam(model->info, tensors), Error);
    tensors.erase("mask_decoder.iou_token.weight");
    EXPECT_THROW(build_sam(model->info, tensors), Error);
}

TEST(SamPredictor, SaysWhatIsWrongWithAPrompt) {
    SamPredictor predictor(load_sam(test::open_parity_checkpoint("vit")));
    EXPECT_THROW(predictor.predict_points({{1, 1}}), Error);  // no picture yet
    EXPECT_THROW(predictor.set_image(ImageU8(8, 8, 1)), Error);
    predictor.set_image(ImageU8(8, 8, 3, 100));
    EXPECT_THROW(predictor.predict({{{1, 1}}, {}}), Error);
    EXPECT_THROW(predictor.predict({{{1, 1}}, {7}}), Error);
    EXPECT_THROW(predictor.predict({}, {}, at::zeros({1, 1, 16, 16})), Error);
    EXPECT_THROW(predictor.predict_masks(predictor.predict_tokens({{1, 1}}), {{1, 0}}), Error);
    EXPECT_THROW(predictor.set_image_embedding(at::zeros({1, 64, 8, 8}), {8, 8}), Error);
}

TEST(SamPredictor, TakesPicturesFromOnePixelUp) {
    SamPredictor predictor(load_sam(test::open_parity_checkpoint("vit")));
    for (const PictureSize size : {PictureSize{1, 1}, PictureSize{3000, 1}, PictureSize{256, 256}}) {
        predictor.set_image(ImageU8(size.width, size.height, 3, 50));
        const at::Tensor masks = predictor.upscale(predictor.predict_points({{0, 0}}).low_res_logits);
        EXPECT_EQ(masks.sizes(), (std::vector<std::int64_t>{1, 3, size.height, size.width}));
        EXPECT_TRUE(masks.isfinite().all().item<bool>());
    }
}

}  // namespace
}  // namespace landseam::sam
