// The fast decoder against the simple one.
#include "landseam/sam/predictor.h"

#include "sam/cpu/mask_decoder.h"
#include "sam/random_model.h"
#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::close_to;
using test::random_model;
using test::small_vit;

void backwards_on_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
    std::vector<std::thread> threads;
    for (std::size_t i = count; i-- > 0;) threads.emplace_back([&body, i] { body(i); });
    for (std::thread& thread : threads) thread.join();
}

// Predictors of the same model on the same embedding.
struct Both {
    explicit Both(const Sam& model, const ParallelFor& parallel_for = serial_for)
        : simple(with_fast_paths(model, false)), fast(with_fast_paths(model, true)) {
        const at::Tensor embedding =
            at::randn({1, model.info.transformer_dim, model.info.grid, model.info.grid});
        simple.set_image_embedding(embedding, size(model));
        fast.set_image_embedding(embedding, size(model), parallel_for);
    }
    static std::shared_ptr<const Sam> with_fast_paths(Sam model, bool wanted) {
        model.fast_decoder.reset();
        if (wanted) use_fast_paths(model);
        return std::make_shared<const Sam>(std::move(model));
    }
    static PictureSize size(const Sam& model) { return {model.info.image_size, model.info.image_size}; }

    SamPredictor simple, fast;
};

::testing::AssertionResult same(const SamPredictor::Prediction& actual,
                                const SamPredictor::Prediction& expected) {
    const double scale = std::max(1.0, expected.low_res_logits.abs().max().item<double>());
    const auto logits = close_to(actual.low_res_logits, expected.low_res_logits, 1e-5 * scale);
    return logits ? close_to(actual.iou_predictions, expected.iou_predictions, 1e-5) : logits;
}

std::vector<Point> some_points(int count, int side) {
    std::vector<Point> points;
    for (int i = 0; i < count; ++i) points.push_back({i * 37 % side + 0.25, i * 53 % side + 0.75});
    return points;
}

class FastDecoder : public ::testing::TestWithParam<int> {};  // the grid

// 8² pixels are one block, 10² one that is padded, 14² two with the second padded, 16² two whole ones.
INSTANTIATE_TEST_SUITE_P(Grids, FastDecoder, ::testing::Values(8, 10, 14, 16));

TEST_P(FastDecoder, DecodesPointsAsTheSimpleOneDoes) {
    const Both predictors(random_model(small_vit(GetParam())));
    const std::vector<Point> points = some_points(11, 16 * GetParam());
    for (const bool multimask_output : {true, false})
        EXPECT_TRUE(same(predictors.fast.predict_points(points, multimask_output),
                         predictors.simple.predict_points(points, multimask_output)));
}

TEST_P(FastDecoder, DecodesBoxesWithPointsAsTheSimpleOneDoes) {
    const Both predictors(random_model(small_vit(GetParam())));
    const PointPrompts points{{{30, 20}, {60.5, 70}, {5, 90}}, {1, 0, -1}};
    const BoxPrompt box{10, 12, 70, 90};
    EXPECT_TRUE(same(predictors.fast.predict(points, box), predictors.simple.predict(points, box)));
    EXPECT_TRUE(same(predictors.fast.predict({}, box), predictors.simple.predict({}, box)));
    EXPECT_TRUE(same(predictors.fast.predict({}), predictors.simple.predict({})));
}

TEST(FastDecoderOfOtherSizes, AgreesWithTheSimpleOne) {
    for (const int depth : {1, 3}) {
        ModelInfo info = small_vit(12);
        info.decoder_depth = depth;
        info.mask_tokens = 3 + depth;
        info.transformer_dim = 64;
        info.decoder_cross_dim = 64;
        const Both predictors(random_model(info));
        const std::vector<Point> points = some_points(3, info.image_size);
        EXPECT_TRUE(same(predictors.fast.predict_points(points), predictors.simple.predict_points(points)));
    }
}

TEST(FastDecoderOfOtherSizes, AgreesWithTheSimpleOneOfPublishedSize) {
    for (const int grid : {8, 16, 64}) {
        ModelInfo info = small_vit(grid);
        info.transformer_dim = 256;
        info.decoder_cross_dim = 128;
        info.decoder_heads = 8;
        info.decoder_depth = 2;
        const Both predictors(random_model(info));
        const std::vector<Point> points = some_points(3, info.image_size);
        EXPECT_TRUE(same(predictors.fast.predict_points(points), predictors.simple.predict_points(points)));
    }
}

TEST(FastDecoderOfOtherSizes, AgreesWithTheSimpleOneOfEveryCheckpoint) {
    for (const char* const name : {"vit", "tiny_vit"}) {
        const Both predictors(*load_sam(test::open_parity_checkpoint(name)));
        const std::vector<Point> points = some_points(20, 256);
        EXPECT_TRUE(same(predictors.fast.predict_points(points), predictors.simple.predict_points(points)));
    }
}

// Scores far apart, as of a model that is sure of itself, and queries that reach 10⁴.
TEST(FastDecoderOfOtherSizes, StaysFiniteWhereScoresAreLarge) {
    Sam model = random_model(small_vit(10));
    for (auto& [name, tensor] : model.tensors)
        if (name.find("q_proj.weight") != std::string::npos) tensor.mul_(100);
    const Both predictors(model);
    const std::vector<Point> points = some_points(5, 160);
    const auto actual = predictors.fast.predict_points(points),
               expected = predictors.simple.predict_points(points);
    EXPECT_TRUE(close_to(actual.low_res_logits, expected.low_res_logits, 0.1));
    EXPECT_TRUE(actual.low_res_logits.isfinite().all().item<bool>());
}

TEST(FastDecoderInParallel, GivesTheSameBits) {
    const Sam model = random_model(small_vit(14));
    at::manual_seed(2);
    const Both one(model);
    at::manual_seed(2);
    const Both many(model, backwards_on_threads);
    const std::vector<Point> points = some_points(4, 224);
    const auto expected = one.fast.predict_points(points);
    std::vector<SamPredictor::Prediction> results(4);
    backwards_on_threads(results.size(),
                         [&](std::size_t i) { results[i] = many.fast.predict_points(points); });
    for (const auto& result : results) {
        EXPECT_TRUE(at::equal(result.low_res_logits, expected.low_res_logits));
        EXPECT_TRUE(at::equal(result.iou_predictions, expected.iou_predictions));
    }
}

TEST(FastDecoderInParallel, LeavesTheSimpleOneToModelsThatMayChange) {
    const Sam model = random_model(small_vit(8));
    EXPECT_EQ(model.fast_decoder, nullptr);
    EXPECT_NE(load_sam(test::open_parity_checkpoint("vit"))->fast_decoder, nullptr);
}

}  // namespace
}  // namespace landseam::sam
