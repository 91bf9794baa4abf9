// Against the predictor, which is itself held against the reference (tests/sam/parity_test.cpp).
#include "landseam/mask_generation/prompted_masks.h"

#include "landseam/core/error.h"
#include "landseam/sam/predictor.h"

#include "mask_generation/parity_model.h"
#include "support/temporary_folder.h"

#include <cmath>

#include <gtest/gtest.h>

namespace landseam::mask_generation {
namespace {

RunMask above_zero(const at::Tensor& logits) {
    const at::Tensor inside = logits.gt(0).to(at::kByte).contiguous();
    ImageU8 image(static_cast<int>(inside.size(1)), static_cast<int>(inside.size(0)));
    std::copy_n(inside.data_ptr<std::uint8_t>(), image.values.size(), image.values.begin());
    return RunMask::from_image(image);
}

class PromptedMasks : public testing::Test {
protected:
    PromptedMasks() { predictor_.set_image(picture_); }

    PromptedMask one(const ObjectPrompt& prompt) const {
        return generator_.generate(picture_, {prompt}).at(0);
    }

    const std::shared_ptr<const sam::Sam> model_ = load_parity_model("vit");
    const ImageU8 picture_ = parity_picture("vit");
    const PromptedMaskGenerator generator_{model_};
    sam::SamPredictor predictor_{model_};
};

ObjectPrompt point(double x, double y) {
    ObjectPrompt prompt;
    prompt.points = {{{x, y}, true}};
    return prompt;
}

TEST_F(PromptedMasks, OfOnePointAreThoseRatedBestOfThree) {
    const auto prediction = predictor_.predict_points({{99.5, 59.5}});
    const std::int64_t best = prediction.iou_predictions[0].argmax().item<std::int64_t>();
    const RunMask expected = above_zero(predictor_.upscale(prediction.low_res_logits)[0][best]);
    const PromptedMask mask = one(point(100, 60));
    ASSERT_FALSE(mask.mask.empty());
    EXPECT_GE(intersection_over_union(mask.mask, expected), 0.999);
    EXPECT_FLOAT_EQ(static_cast<float>(mask.predicted_iou),
                    prediction.iou_predictions[0][best].item<float>());
}

TEST_F(PromptedMasks, OfSeveralPointsAreTheSingleOne) {
    ObjectPrompt points = point(100, 60);
    points.points.push_back({{20, 30}, false});
    const auto expect_single = [&](const ObjectPrompt& prompt,
                                   const sam::SamPredictor::Prediction& prediction) {
        const RunMask expected = above_zero(predictor_.upscale(prediction.low_res_logits)[0][0]);
        const PromptedMask mask = one(prompt);
        EXPECT_GE(intersection_over_union(mask.mask, expected), 0.999);
        EXPECT_FLOAT_EQ(static_cast<float>(mask.predicted_iou),
                        prediction.iou_predictions[0][0].item<float>());
    };
    expect_single(points, predictor_.predict({{{99.5, 59.5}, {19.5, 29.5}}, {1, 0}}, {}, {}, false));
}

TEST_F(PromptedMasks, OfABoxThatTheSingleOneDoesNotFitIsTheOneThatFitsItBest) {
    const auto fit = [](const RunMask& mask, const ObjectPrompt::Box& box) {
        const RunMask filled = RunMask::from_box(mask.bounds());
        const PixelBox whole{std::lround(box.x0), std::lround(box.y0), std::lround(box.x1 - box.x0),
                             std::lround(box.y1 - box.y0)};
        return intersection_over_union(filled, RunMask::from_box(whole));
    };
    int others = 0;
    for (int x = 4; x < picture_.width - 44; x += 30)
        for (int y = 4; y < picture_.height - 44; y += 30) {
            ObjectPrompt prompt;
            prompt.box = ObjectPrompt::Box{1.0 * x, 1.0 * y, x + 40.0, y + 40.0};
            const sam::BoxPrompt box{x - 0.5, y - 0.5, x + 39.5, y + 39.5};
            double best = fit(
                above_zero(predictor_.upscale(predictor_.predict({}, box, {}, false).low_res_logits)[0][0]),
                *prompt.box);
            if (best < 0.5) {
                ++others;
                const at::Tensor logits =
                    predictor_.upscale(predictor_.predict({}, box, {}, true).low_res_logits)[0];
                for (int i = 0; i < 3; ++i) best = std::max(best, fit(above_zero(logits[i]), *prompt.box));
            }
            EXPECT_NEAR(fit(one(prompt).mask, *prompt.box), best, 0.01) << x << ", " << y;
        }
    EXPECT_GT(others, 0) << "no box here needs another mask";
}

TEST_F(PromptedMasks, OutlinesReachTheModelInItsOwnFrame) {
    // Half of the picture as an outline: as logits of the model's frame, positive there and negative
    // elsewhere.
    const double width = picture_.width, height = picture_.height;
    ObjectPrompt prompt;
    prompt.outline = {{{{0, 0}, {width / 2, 0}, {width / 2, height}, {0, height}}, {}}};
    const int side = generator_.model_info().low_res_size();
    const double low_per_picture = static_cast<double>(predictor_.input_size().width) / width * side /
                                   generator_.model_info().image_size;
    at::Tensor logits = at::full({side, side}, -8.0F);
    const auto columns = static_cast<std::int64_t>(std::lround(width / 2 * low_per_picture)),
               rows = static_cast<std::int64_t>(std::lround(height * low_per_picture));
    logits.narrow(0, 0, rows).narrow(1, 0, columns).fill_(8.0F);
    const auto prediction = predictor_.predict({}, {}, logits, false);
    const PromptedMask mask = one(prompt);
    EXPECT_NEAR(mask.predicted_iou, prediction.iou_predictions[0][0].item<float>(), 1e-3);
    EXPECT_GE(
        intersection_over_union(mask.mask, above_zero(predictor_.upscale(prediction.low_res_logits)[0][0])),
        0.99);
}

TEST_F(PromptedMasks, DoNotDependOnTheOtherPromptsNorOnThreads) {
    std::vector<ObjectPrompt> prompts;
    for (int i = 0; i < 37; ++i) {
        prompts.push_back(point(7.0 + i * 5 % 120, 9.0 + i * 11 % 90));
        if (i % 3 == 1) prompts.back().box = ObjectPrompt::Box{5, 5, 80.0 + i, 70};
    }
    const ParallelFor backwards = [](std::size_t count, const std::function<void(std::size_t)>& body) {
        for (std::size_t i = count; i-- > 0;) body(i);
    };
    const std::vector<PromptedMask> masks = generator_.generate(picture_, prompts, nullptr, backwards);
    ASSERT_EQ(masks.size(), prompts.size());
    for (std::size_t i = 0; i < prompts.size(); i += 5) {
        const PromptedMask alone = one(prompts[i]);
        EXPECT_GE(intersection_over_union(masks[i].mask, alone.mask), 0.999) << i;
        EXPECT_NEAR(masks[i].predicted_iou, alone.predicted_iou, 1e-5) << i;
        EXPECT_NEAR(masks[i].stability_score, alone.stability_score, 1e-3) << i;
    }
}

TEST_F(PromptedMasks, CoverValidPixelsOnly) {
    ImageU8 valid(picture_.width, picture_.height, 1, 1);
    const RunMask whole = one(point(100, 60)).mask;
    for (int y = 0; y < valid.height; ++y)
        for (int x = 0; x < 100; ++x) valid.at(x, y) = 0;
    const RunMask part = generator_.generate(picture_, {point(100, 60)}, &valid).at(0).mask;
    EXPECT_EQ(part, whole.clipped({100, 0, picture_.width - 100, picture_.height}));
}

TEST_F(PromptedMasks, NeedAPromptAndAPicture) {
    EXPECT_THROW(generator_.generate(picture_, {ObjectPrompt{}}), Error);
    EXPECT_THROW(generator_.generate(ImageU8(), {point(1, 1)}), Error);
    EXPECT_TRUE(generator_.generate(picture_, {}).empty());
}

TEST_F(PromptedMasks, TakeTheirEmbeddingFromTheCacheTheSecondTime) {
    const test::TemporaryFolder folder;
    sam::EmbeddingCache cache(folder.file("kept"), sam::fingerprint(*model_));
    const PromptedMask first =
        generator_.generate(picture_, {point(100, 60)}, nullptr, serial_for, &cache).at(0);
    const PromptedMask second =
        generator_.generate(picture_, {point(100, 60)}, nullptr, serial_for, &cache).at(0);
    EXPECT_EQ(cache.misses(), 1);
    EXPECT_EQ(cache.hits(), 1);
    EXPECT_EQ(first.mask, second.mask);
}

}  // namespace
}  // namespace landseam::mask_generation
