// The fast image encoders against the simple ones.
#include "landseam/sam/modules.h"

#include "sam/cpu/image_encoder.h"
#include "sam/random_model.h"
#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::close_to;
using test::random_model;

void backwards_on_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
    constexpr std::size_t kThreads = 3;
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < kThreads; ++first)
        threads.emplace_back([&body, first, count] {
            for (std::size_t i = count; i-- > 0;)
                if (i % kThreads == first) body(i);
        });
    for (std::thread& thread : threads) thread.join();
}

at::Tensor random_picture(const Sam& model) {
    at::manual_seed(3);
    return at::randn({1, model.info.bands, model.info.image_size, model.info.image_size});
}

at::Tensor encode(const cpu::ImageEncoder& encoder, const Sam& model, const at::Tensor& picture,
                  const ParallelFor& parallel_for = serial_for) {
    at::Tensor embedding = at::full({1, model.info.transformer_dim, model.info.grid, model.info.grid}, NAN);
    encoder(picture.data_ptr<float>(), embedding.data_ptr<float>(), parallel_for);
    return embedding;
}

// Relative to the largest value.
::testing::AssertionResult agrees(const Sam& model, double tolerance = 1e-4) {
    const at::Tensor picture = random_picture(model), expected = model.encode_image(picture);
    const auto encoder = cpu::make_image_encoder(model);
    const double scale = expected.abs().max().item<double>();
    if (!(scale > 0.1)) return ::testing::AssertionFailure() << "nothing to compare: all below " << scale;
    const auto first = close_to(encode(*encoder, model, picture), expected, tolerance * scale);
    // A second time, on memory that the first has left.
    return first ? close_to(encode(*encoder, model, picture), expected, tolerance * scale) : first;
}

ModelInfo vit(int grid, int window) {
    ModelInfo info = test::small_vit(grid);
    info.stages.front().depth = 5;
    info.stages.front().window = window;
    info.global_blocks = {1, 4};
    return info;
}

// Maps of a quarter of the picture, an eighth, and twice a sixteenth.
ModelInfo tiny_vit(int image_size, const std::vector<int>& windows) {
    ModelInfo info = test::small_vit(image_size / 16);
    info.encoder = "tiny_vit";
    info.patch_embed_dim = 6;
    info.global_blocks.clear();
    info.stages = {{12, 2, 0, 0, 40},
                   {24, 2, 3, windows[0], 44},
                   {32, 2, 2, windows[1], 70},
                   {320, 1, 10, windows[2], 200}};
    return info;
}

class FastEncoderOfCheckpoint : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Committed, FastEncoderOfCheckpoint, ::testing::Values("vit", "tiny_vit"),
                         [](const auto& name) { return std::string(name.param); });

TEST_P(FastEncoderOfCheckpoint, AgreesWithTheSimpleOne) {
    EXPECT_TRUE(agrees(*load_sam(test::open_parity_checkpoint(GetParam()), "cpu", 256)));
}

TEST(FastVitEncoder, AgreesWithTheSimpleOneWhateverTheWindow) {
    for (const int grid : {8, 10, 13})
        for (const int window : {1, 3, 4, 7}) {
            SCOPED_TRACE(::testing::Message() << "grid " << grid << ", window " << window);
            EXPECT_TRUE(agrees(random_model(vit(grid, window))));
        }
}

// Grids that are no multiple of a vector, wider than one, and of more keys than are looked at together.
TEST(FastVitEncoder, AgreesWithTheSimpleOneOnLargeGrids) {
    EXPECT_TRUE(agrees(random_model(vit(32, 17))));
    EXPECT_TRUE(agrees(random_model(vit(37, 14))));
}

TEST(FastVitEncoder, AgreesWithTheSimpleOneOfOtherSizes) {
    ModelInfo info = vit(9, 4);
    info.patch_size = 8;
    info.image_size = 72;
    info.transformer_dim = 48;
    for (const auto& [dim, heads] : std::vector<std::pair<int, int>>{{16, 1}, {40, 5}, {160, 2}}) {
        SCOPED_TRACE(dim);
        info.stages.front().dim = dim;
        info.stages.front().heads = heads;
        info.stages.front().mlp_dim = dim + 3;
        EXPECT_TRUE(agrees(random_model(info)));
    }
}

TEST(FastVitEncoder, AgreesWithTheSimpleOneWithoutWindows) {
    ModelInfo info = vit(8, 0);
    info.global_blocks = {0, 1, 2, 3, 4};
    EXPECT_TRUE(agrees(random_model(info)));
}

// As of a model that is sure of itself: one key takes everything.
TEST(FastVitEncoder, AgreesWithTheSimpleOneWhereScoresAreFarApart) {
    Sam model = random_model(vit(10, 4));
    for (auto& [name, tensor] : model.tensors)
        if (name.find("rel_pos") != std::string::npos) tensor.mul_(30);
    EXPECT_TRUE(agrees(model, 1e-3));
}

TEST(FastTinyVitEncoder, AgreesWithTheSimpleOneWhateverTheWindows) {
    for (const std::vector<int>& windows : {std::vector<int>{7, 7, 7}, {4, 3, 2}, {1, 5, 10}}) {
        SCOPED_TRACE(::testing::PrintToString(windows));
        EXPECT_TRUE(agrees(random_model(tiny_vit(112, windows))));
        EXPECT_TRUE(agrees(random_model(tiny_vit(160, windows))));
    }
}

// Maps of odd sides: 36, 18, 9.
TEST(FastEncoders, AgreeWithTheSimpleOnesOnAnyNumberOfBands) {
    for (const int bands : {1, 2, 10}) {
        SCOPED_TRACE(bands);
        for (ModelInfo info : {vit(8, 3), tiny_vit(64, {7, 7, 7})}) {
            info.bands = bands;
            EXPECT_TRUE(agrees(random_model(info))) << info.encoder;
        }
    }
}

TEST(FastTinyVitEncoder, AgreesWithTheSimpleOneOnOddMaps) {
    EXPECT_TRUE(agrees(random_model(tiny_vit(144, {7, 14, 7}))));
}

class FastEncoderInParallel : public ::testing::TestWithParam<bool> {
protected:
    static Sam model() { return random_model(GetParam() ? tiny_vit(160, {7, 4, 3}) : vit(13, 4)); }
};

INSTANTIATE_TEST_SUITE_P(Encoders, FastEncoderInParallel, ::testing::Bool(),
                         [](const auto& tiny) { return std::string(tiny.param ? "TinyVit" : "Vit"); });

TEST_P(FastEncoderInParallel, GivesTheSameBits) {
    const Sam sam = model();
    const at::Tensor picture = random_picture(sam);
    const auto encoder = cpu::make_image_encoder(sam);
    EXPECT_TRUE(
        at::equal(encode(*encoder, sam, picture, backwards_on_threads), encode(*encoder, sam, picture)));
}

TEST_P(FastEncoderInParallel, EncodesSeveralPicturesAtOnce) {
    const Sam sam = model();
    const auto encoder = cpu::make_image_encoder(sam);
    std::vector<at::Tensor> pictures, expected, actual(4);
    for (int i = 0; i < 4; ++i) {
        pictures.push_back(random_picture(sam) + i);
        expected.push_back(encode(*encoder, sam, pictures.back()));
    }
    backwards_on_threads(4, [&](std::size_t i) { actual[i] = encode(*encoder, sam, pictures[i]); });
    for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(at::equal(actual[i], expected[i])) << i;
}

}  // namespace
}  // namespace landseam::sam
