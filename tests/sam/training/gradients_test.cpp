// The gradients made for speed, against libtorch's own.
#include "landseam/sam/modules.h"

#include "sam/cpu/kernels.h"
#include "sam/random_model.h"
#include "sam/tensor_matchers.h"
#include "sam/training/attention.h"
#include "sam/training/products.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace landseam::sam {
namespace {

using test::close_to;

using Function = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

// Values and gradients of both functions for the same inputs and the same gradient of the output.
void expect_same_gradients(const Function& fast, const Function& plain,
                           const std::vector<at::Tensor>& inputs) {
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& input : inputs) leaves.push_back(input.detach().clone().requires_grad_(true));
    const at::Tensor a = fast(leaves), b = plain(leaves);
    ASSERT_TRUE(close_to(a, b, 1e-5));
    const at::Tensor d = at::randn(a.sizes());
    const auto ga = torch::autograd::grad({a}, leaves, {d}), gb = torch::autograd::grad({b}, leaves, {d});
    for (std::size_t i = 0; i < leaves.size(); ++i)
        EXPECT_TRUE(close_to(ga[i], gb[i], 1e-4)) << "input " << i;
}

TEST(Gradients, OfLinearLayersAreLibtorchs) {
    at::manual_seed(1);
    const auto plain = [](const auto& in) { return at::linear(in[0], in[1], in[2]); };
    const auto fast = [](const auto& in) { return linear_that_learns(in[0], in[1], in[2]); };
    expect_same_gradients(fast, plain, {at::randn({3, 5, 7}), at::randn({4, 7}), at::randn({4})});
    // Rows that are not dense.
    expect_same_gradients(
        [&](const auto& in) {
            return fast(std::vector<at::Tensor>{in[0].transpose(0, 1), in[1], in[2]});
        },
        [&](const auto& in) {
            return plain(std::vector<at::Tensor>{in[0].transpose(0, 1), in[1], in[2]});
        },
        {at::randn({7, 5}), at::randn({4, 7}), at::randn({4})});
}

TEST(Gradients, OfProductsAreLibtorchs) {
    at::manual_seed(2);
    expect_same_gradients([](const auto& in) { return product_that_learns(in[0], in[1], false); },
                          [](const auto& in) { return at::bmm(in[0], in[1]); },
                          {at::randn({3, 5, 7}), at::randn({3, 7, 2})});
    expect_same_gradients([](const auto& in) { return product_that_learns(in[0], in[1], true); },
                          [](const auto& in) { return at::bmm(in[0], in[1].transpose(1, 2)); },
                          {at::randn({3, 5, 7}), at::randn({3, 2, 7})});
}

at::Tensor heads_of(const at::Tensor& x, std::int64_t heads) {
    return x.reshape({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t heads,
                           const at::Tensor& rows = {}, const at::Tensor& columns = {}) {
    const at::Tensor qh = heads_of(q, heads), kh = heads_of(k, heads), vh = heads_of(v, heads);
    at::Tensor scores = at::matmul(qh, kh.transpose(2, 3)) / std::sqrt(static_cast<double>(qh.size(3)));
    if (rows.defined()) {
        const std::int64_t height = rows.size(0), width = columns.size(0);
        for (std::int64_t query = 0; query < height * width; ++query)
            for (std::int64_t key = 0; key < height * width; ++key) {
                const at::Tensor position =
                    rows[query / width][key / width] + columns[query % width][key % width];
                const at::Tensor gain = (qh.select(2, query) * position).sum(-1);  // [B, heads]
                at::Tensor mark = at::zeros({1, 1, height * width, height * width});
                mark[0][0][query][key] = 1;
                scores = scores + gain.unsqueeze(-1).unsqueeze(-1) * mark;
            }
    }
    return at::matmul(scores.softmax(-1), vh).transpose(1, 2).flatten(2);
}

TEST(Gradients, OfAttentionAreLibtorchs) {
    at::manual_seed(3);
    struct Sizes {
        std::int64_t batch_q, batch_k, n, m;
    };
    // Few keys and many; either side shared by all.
    for (const Sizes& s : {Sizes{2, 2, 5, 37}, Sizes{2, 2, 37, 5}, Sizes{3, 1, 4, 50}, Sizes{1, 3, 50, 7},
                           Sizes{1, 1, 40, 40}})
        expect_same_gradients([](const auto& in) { return attention_that_learns(in[0], in[1], in[2], 3); },
                              [](const auto& in) { return plain_attention(in[0], in[1], in[2], 3); },
                              {at::randn({s.batch_q, s.n, 12}), at::randn({s.batch_k, s.m, 12}),
                               at::randn({s.batch_k, s.m, 12})});
}

TEST(Gradients, OfAttentionWithPositionsAreLibtorchs) {
    at::manual_seed(4);
    const std::int64_t height = 3, width = 5, heads = 2, head = 4;
    expect_same_gradients(
        [&](const auto& in) { return attention_that_learns(in[0], in[1], in[2], heads, in[3], in[4]); },
        [&](const auto& in) { return plain_attention(in[0], in[1], in[2], heads, in[3], in[4]); },
        {at::randn({2, height * width, heads * head}), at::randn({2, height * width, heads * head}),
         at::randn({2, height * width, heads * head}), at::randn({height, height, head}),
         at::randn({width, width, head})});
}

TEST(Gradients, OfAttentionReachTheThirdsOfOneTensor) {
    at::manual_seed(5);
    const auto thirds = [](const at::Tensor& x) { return x.chunk(3, 2); };
    expect_same_gradients(
        [&](const auto& in) {
            const auto t = thirds(in[0]);
            return attention_that_learns(t[0], t[1], t[2], 2);
        },
        [&](const auto& in) {
            const auto t = thirds(in[0]);
            return plain_attention(t[0], t[1], t[2], 2);
        },
        {at::randn({2, 40, 3 * 6})});
}

TEST(Gradients, OfGeluAreLibtorchs) {
    const at::Tensor x = at::cat({at::linspace(-9, 9, 1001), at::tensor({0.f, 1e-7f, -1e-7f, 40.f, -40.f})});
    expect_same_gradients([](const auto& in) { return gelu_that_learns(in[0]); },
                          [](const auto& in) { return at::gelu(in[0]); }, {x});
}

// The kernels of every instruction set, with lengths that do not fill vectors.
TEST(TrainingKernels, SoftmaxAndItsGradientAreLibtorchsInEveryInstructionSet) {
    for (const cpu::Kernels* set : cpu::runnable_kernels())
        for (const int columns : {1, 7, 16, 21, 64, 67}) {
            SCOPED_TRACE(std::string(set->instruction_set) + " " + std::to_string(columns));
            at::manual_seed(6);
            const at::Tensor s = 3 * at::randn({5, columns}), d = at::randn({5, columns});
            for (const int axis : {1, 0}) {
                const at::Tensor leaf = s.clone().requires_grad_(true), expected = (leaf * 0.5).softmax(axis);
                const at::Tensor slope = torch::autograd::grad({expected}, {leaf}, {d})[0];
                const at::Tensor p = s.clone(), g = d.clone();
                const auto& k = set->training;
                if (axis == 1) {
                    k.softmax_along(p.data_ptr<float>(), 5, columns, 0.5f, nullptr, nullptr, 1);
                    k.softmax_along_gradient(p.data_ptr<float>(), g.data_ptr<float>(), 5, columns, 0.5f,
                                             nullptr, nullptr, 1);
                } else {
                    k.softmax_down(p.data_ptr<float>(), 5, columns, 0.5f);
                    k.softmax_down_gradient(p.data_ptr<float>(), g.data_ptr<float>(), 5, columns, 0.5f);
                }
                EXPECT_TRUE(close_to(p, expected, 1e-6));
                EXPECT_TRUE(close_to(g, slope, 1e-6));
            }
        }
}

TEST(Cells, AreThePictureOfTheUpscaledEmbeddingInAnotherOrder) {
    const Sam model = test::random_model(test::small_vit(6));
    const at::Tensor image = at::randn({2, 36, 32});
    const at::Tensor expected = model.mask_decoder.upscale(image);  // [2, 4, 24, 24]
    const at::Tensor cells = model.mask_decoder.upscale_in_cells(image);
    ASSERT_EQ(cells.sizes(), (std::vector<std::int64_t>{2, 16 * 36, 4}));
    for (std::int64_t channel = 0; channel < 4; ++channel) {
        EXPECT_TRUE(
            close_to(picture_of(cells.select(2, channel).contiguous()), expected.select(1, channel), 1e-5));
        EXPECT_TRUE(
            close_to(cells_of(expected.select(1, channel).contiguous()), cells.select(2, channel), 1e-5));
    }
}

// Weights that learn take other paths through the model than weights that do not.
TEST(Gradients, AModelThatLearnsGivesTheSameMasksAsOneThatDoesNot) {
    const Sam model = test::random_model(test::small_vit(8));
    const at::Tensor picture = at::randn({1, 3, 128, 128});
    const at::Tensor sparse = at::randn({3, 2, 32});
    const auto run = [&](const Sam& sam) {
        const at::Tensor image = sam.encode_image(picture) + sam.prompt_encoder.dense_without_mask();
        return sam.mask_decoder.decode_masks(
            sam.mask_decoder.decode_tokens(image, sam.image_positions, sparse));
    };
    const at::Tensor expected = run(model);
    for (const auto& [name, tensor] : model.tensors) at::Tensor(tensor).requires_grad_(true);
    const at::Tensor masks = run(model);
    EXPECT_TRUE(masks.requires_grad());
    EXPECT_TRUE(close_to(masks.detach(), expected, 1e-4));
}

}  // namespace
}  // namespace landseam::sam
