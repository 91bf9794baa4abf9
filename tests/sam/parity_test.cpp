// The model against what the reference implementation computed with the same weights
// (tests/data/parity/README.md).
#include "landseam/sam/modules.h"
#include "landseam/sam/predictor.h"

#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"
#include "support/json.h"
#include "support/ppm.h"

#include <thread>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using landseam::test::Json;
using test::close_to;
using test::open_parity_checkpoint;
using test::parity_path;
using test::read_npy_tensor;

constexpr double kTolerance = 1e-3;

// The folder with the weights and the picture.
std::string weights_of(const std::string& folder) {
    return folder == "tiny_vit_without_biases" ? "tiny_vit" : folder;
}

std::shared_ptr<const Sam> load_parity_model(const std::string& folder) {
    std::shared_ptr<const Sam> model = load_sam(open_parity_checkpoint(weights_of(folder)), "cpu", 256);
    if (weights_of(folder) == folder) return model;
    std::map<std::string, at::Tensor> tensors = model->tensors;
    for (auto& [name, tensor] : tensors)
        if (name.find("attention_biases") != std::string::npos) tensor = at::zeros_like(tensor);
    return std::make_shared<const Sam>(build_sam(model->info, tensors));
}

class Parity : public ::testing::TestWithParam<const char*> {
protected:
    static std::string path(const std::string& file) { return parity_path(GetParam(), file); }

    // Loads model and picture once for each model.
    static const SamPredictor& predictor() {
        static std::map<std::string, SamPredictor> predictors;
        const auto found = predictors.find(GetParam());
        if (found != predictors.end()) return found->second;
        SamPredictor made(load_parity_model(GetParam()));
        made.set_image(landseam::test::read_ppm(parity_path(weights_of(GetParam()), "image.ppm")));
        return predictors.emplace(GetParam(), made).first->second;
    }

    static const Json& expected() {
        static std::map<std::string, Json> files;
        Json& file = files[GetParam()];
        if (file.kind() == Json::Kind::null) file = landseam::test::parse_json_file(path("predictor.json"));
        return file;
    }

    static PointPrompts points(std::size_t count) {
        PointPrompts prompts;
        for (std::size_t i = 0; i < count; ++i) {
            prompts.coords.push_back(
                {expected()["points"][i][0].number(), expected()["points"][i][1].number()});
            prompts.labels.push_back(expected()["labels"][i].integer());
        }
        return prompts;
    }

    static BoxPrompt box() {
        const Json& corners = expected()["box"];
        return {corners[0].number(), corners[1].number(), corners[2].number(), corners[3].number()};
    }

    // Logits, predicted IoUs and the number of pixels of each mask at picture size.
    static void expect_prompt(const std::string& name, const SamPredictor::Prediction& prediction) {
        SCOPED_TRACE(name);
        const at::Tensor reference = read_npy_tensor(path(name + "_low_res_logits.npy"));
        EXPECT_TRUE(close_to(prediction.low_res_logits[0], reference, kTolerance));
        EXPECT_TRUE(
            close_to(prediction.low_res_logits[0], reference, 1e-4 * reference.abs().max().item<double>()));
        const Json& numbers = expected()["predictor"][name];
        const at::Tensor masks = predictor().upscale(prediction.low_res_logits) > 0;
        ASSERT_EQ(static_cast<std::size_t>(masks.size(1)), numbers["iou"].size());
        EXPECT_EQ(masks.size(2), expected()["image_size"][0].integer());
        EXPECT_EQ(masks.size(3), expected()["image_size"][1].integer());
        for (int i = 0; i < masks.size(1); ++i) {
            EXPECT_NEAR(prediction.iou_predictions[0][i].item<double>(), numbers["iou"][i].number(), 1e-4);
            // A logit within rounding of 0 may fall on either side.
            EXPECT_NEAR(masks[0][i].sum().item<double>(), numbers["mask_pixels"][i].number(), 2);
        }
    }
};

TEST_P(Parity, TheImageEmbeddingIsTheReferences) {
    const at::Tensor reference = read_npy_tensor(path("image_embedding.npy"));
    const at::Tensor embedding = predictor().image_embedding();
    EXPECT_TRUE(close_to(embedding[0], reference, kTolerance));
    EXPECT_TRUE(close_to(embedding[0], reference, 1e-4 * reference.abs().max().item<double>()));
}

TEST_P(Parity, OnePointGivesTheReferencesMasks) {
    expect_prompt("one_point_multi", predictor().predict(points(1)));
    expect_prompt("one_point_single", predictor().predict(points(1), {}, {}, false));
}

TEST_P(Parity, TwoPointsGiveTheReferencesMasks) {
    expect_prompt("two_points_multi", predictor().predict(points(2)));
    expect_prompt("two_points_single", predictor().predict(points(2), {}, {}, false));
}

TEST_P(Parity, ABoxGivesTheReferencesMasks) {
    expect_prompt("box_multi", predictor().predict({}, box()));
    expect_prompt("box_single", predictor().predict({}, box(), {}, false));
}

TEST_P(Parity, ABoxAndAPointGiveTheReferencesMasks) {
    expect_prompt("box_and_point_multi", predictor().predict(points(1), box()));
    expect_prompt("box_and_point_single", predictor().predict(points(1), box(), {}, false));
}

TEST_P(Parity, AMaskPromptGivesTheReferencesMask) {
    const at::Tensor first = read_npy_tensor(path("one_point_multi_low_res_logits.npy"))[0];
    expect_prompt("mask_prompt_single", predictor().predict(points(1), {}, first, false));
}

TEST_P(Parity, ManyPointsAtOnceGiveWhatTheyGiveOneByOne) {
    const std::vector<Point> many{{80, 51}, {192, 142.8}, {3.5, 200}, {319, 0}};
    for (const bool multimask : {true, false}) {
        const SamPredictor::Prediction together = predictor().predict_points(many, multimask);
        for (std::size_t i = 0; i < many.size(); ++i) {
            const SamPredictor::Prediction alone = predictor().predict({{many[i]}, {1}}, {}, {}, multimask);
            const auto row = static_cast<std::int64_t>(i);
            EXPECT_TRUE(close_to(together.low_res_logits[row], alone.low_res_logits[0], kTolerance));
            EXPECT_TRUE(close_to(together.iou_predictions[row], alone.iou_predictions[0], 1e-5));
        }
    }
}

TEST_P(Parity, ChosenMasksAreThoseOfTheFullPrediction) {
    const std::vector<Point> many{{80, 51}, {192, 142.8}, {3.5, 200}};
    const SamPredictor::Prediction full = predictor().predict_points(many);
    const SamPredictor::TokenPrediction tokens = predictor().predict_tokens(many);
    EXPECT_TRUE(close_to(tokens.iou_predictions, full.iou_predictions, 0));
    const at::Tensor chosen = predictor().predict_masks(tokens, {{2, 1}, {0, 2}, {2, 0}});
    EXPECT_TRUE(close_to(chosen[0], full.low_res_logits[2][1], 1e-4));
    EXPECT_TRUE(close_to(chosen[1], full.low_res_logits[0][2], 1e-4));
    EXPECT_TRUE(close_to(chosen[2], full.low_res_logits[2][0], 1e-4));
    EXPECT_EQ(predictor().predict_masks(tokens, {}).size(0), 0);
}

// An image shared by all prompts is a saving, not another result.
TEST_P(Parity, ASharedImageDecodesAsOneCopyAPrompt) {
    const Sam& model = predictor().model();
    const at::Tensor points = at::tensor({40.0, 30.0, 200.0, 99.0}).view({2, 1, 2});
    const at::Tensor sparse = model.prompt_encoder.sparse(points, at::ones({2, 1}, at::kLong), {});
    const at::Tensor image = predictor().image_embedding() + model.prompt_encoder.dense_without_mask();
    const auto shared = model.mask_decoder.decode_tokens(image, model.image_positions, sparse);
    const auto copied =
        model.mask_decoder.decode_tokens(image.repeat({2, 1, 1, 1}), model.image_positions, sparse);
    EXPECT_TRUE(close_to(shared.image, copied.image, 1e-4));
    EXPECT_TRUE(close_to(model.mask_decoder.decode_masks(shared), model.mask_decoder.decode_masks(copied),
                         kTolerance));
}

TEST_P(Parity, SeveralThreadsMayAskOnePredictor) {
    const std::vector<Point> many{{80, 51}, {192, 142.8}};
    const at::Tensor alone = predictor().predict_points(many).low_res_logits;
    at::Tensor results[4];
    std::vector<std::thread> threads;
    for (at::Tensor& result : results)
        threads.emplace_back([&] { result = predictor().predict_points(many).low_res_logits; });
    for (std::thread& thread : threads) thread.join();
    for (const at::Tensor& result : results) EXPECT_TRUE(close_to(result, alone, 1e-4));
}

TEST_P(Parity, GradientsReachEveryWeight) {
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, tensor] : predictor().model().tensors) {
        tensors[name] = tensor.clone();
        if (name.find("running_") == std::string::npos && name.find("gaussian") == std::string::npos)
            tensors[name].requires_grad_(true);
    }
    const Sam model = build_sam(predictor().model().info, tensors);
    const at::Tensor embedding = model.encode_image(model.preprocess(at::full({1, 3, 256, 200}, 90.f)));
    const at::Tensor points = at::tensor({40.0, 30.0, 80.0, 70.0, 9.0, 9.0}).view({1, 3, 2});
    const at::Tensor labels = at::tensor({1, 0, -1}).view({1, 3}),
                     box = at::tensor({9.0, 9.0, 90.0, 90.0}).view({1, 4});
    const at::Tensor dense = model.prompt_encoder.dense(at::ones({1, 1, 64, 64}));
    at::Tensor loss;
    for (const at::Tensor& prompt : {dense, model.prompt_encoder.dense_without_mask()}) {
        const auto tokens = model.mask_decoder.decode_tokens(
            embedding + prompt, model.image_positions, model.prompt_encoder.sparse(points, labels, box));
        const at::Tensor part =
            model.mask_decoder.decode_masks(tokens).square().mean() + tokens.iou_predictions.sum();
        loss = loss.defined() ? loss + part : part;
    }
    loss.backward();
    for (const auto& [name, tensor] : model.tensors)
        EXPECT_TRUE(!tensor.requires_grad() || tensor.grad().defined()) << name;
}

TEST_P(Parity, AnEmbeddingKeptForLaterGivesTheSameMasks) {
    SamPredictor other(load_parity_model(GetParam()));
    other.set_image_embedding(predictor().image_embedding(), predictor().picture_size());
    EXPECT_TRUE(
        close_to(other.predict(points(1)).low_res_logits, predictor().predict(points(1)).low_res_logits, 0));
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, ::testing::Values("vit", "tiny_vit", "tiny_vit_without_biases"));

}  // namespace
}  // namespace landseam::sam
