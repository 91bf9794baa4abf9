// Whole runs on tiny pictures, and their parts.
#include "landseam/core/error.h"
#include "landseam/sam/samples.h"
#include "landseam/sam/trainer.h"

#include "sam/training/boxes_sample.h"
#include "sam/training/losses.h"
#include "sam/training/new_model.h"
#include "sam/training/optimizer.h"
#include "sam/training/tiny_model.h"
#include "support/temporary_folder.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace landseam::sam {
namespace {

using test::TemporaryFolder;
using test::tiny_model;
using test::write_boxes;

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    return all.str();
}

TrainOptions tiny_run(const TemporaryFolder& folder, const std::string& name) {
    TrainOptions options;
    const std::string samples = folder.file("boxes.safetensors");
    if (!std::filesystem::exists(samples)) write_boxes(samples);
    options.samples = {{samples}};
    options.output = folder.file(name + ".pth");
    options.steps = 12;
    options.crops = 3;
    options.prompts = 4;
    options.warm_up = 2;
    options.log_every = 2;
    options.validate_every = 6;
    options.correct = 0.5;
    options.validation_crops = 2;
    return options;
}

TrainReport run(const TrainOptions& options, const ParallelFor& parallel_for = serial_for,
                std::int64_t stop_after = 1 << 30) {
    std::int64_t asked = 0;
    return train(options, nullptr, tiny_model(), "cpu", parallel_for, nullptr,
                 [&] { return asked++ < stop_after; });
}

// Backwards, each on a thread of its own.
void scattered_for(std::size_t count, const std::function<void(std::size_t)>& body) {
    std::vector<std::thread> threads;
    for (std::size_t i = count; i > 0; --i) threads.emplace_back([&body, i] { body(i - 1); });
    for (std::thread& thread : threads) thread.join();
}

TEST(Training, InterruptedGoesOnAsIfItHadNotBeen) {
    const TemporaryFolder folder;
    TrainOptions whole = tiny_run(folder, "whole"), parts = tiny_run(folder, "parts");
    whole.validation = parts.validation = {folder.file("boxes.safetensors")};
    run(whole);
    const TrainReport first = run(parts, serial_for, 5);
    EXPECT_TRUE(first.interrupted);
    EXPECT_EQ(first.last_step, 5);
    const TrainReport second = run(parts);
    EXPECT_EQ(second.first_step, 5);
    EXPECT_EQ(second.last_step, 12);
    EXPECT_EQ(bytes_of(whole.output), bytes_of(parts.output));
    EXPECT_EQ(bytes_of(whole.output + ".state"), bytes_of(parts.output + ".state"));
}

TEST(Training, DoesNotDependOnThreads) {
    const TemporaryFolder folder;
    const TrainOptions serial = tiny_run(folder, "serial"), scattered = tiny_run(folder, "scattered");
    run(serial);
    run(scattered, scattered_for);
    EXPECT_EQ(bytes_of(serial.output), bytes_of(scattered.output));
}

TEST(Training, OfAnotherSeedGivesOtherWeights) {
    const TemporaryFolder folder;
    TrainOptions one = tiny_run(folder, "one"), two = tiny_run(folder, "two");
    two.seed = 2;
    run(one);
    run(two);
    EXPECT_NE(bytes_of(one.output), bytes_of(two.output));
}

TEST(Training, MakesTheLossSmaller) {
    const TemporaryFolder folder;
    TrainOptions options = tiny_run(folder, "longer");
    options.steps = 60;
    options.log_every = 15;
    options.validate_every = 1000;
    options.rate = 3e-3;
    std::vector<double> losses;
    train(
        options, nullptr, tiny_model(), "cpu", serial_for,
        [&](const TrainProgress& p) { losses.push_back(p.loss); }, nullptr);
    ASSERT_EQ(losses.size(), 4u);
    EXPECT_LT(losses.back(), 0.8 * losses.front());
}

TEST(Training, WritesCheckpointsThatLoadAndAreGoneOnWith) {
    const TemporaryFolder folder;
    for (const std::string name : {"a.pth", "a.safetensors"}) {
        TrainOptions options = tiny_run(folder, "ignored");
        options.output = folder.file(name);
        options.steps = 2;
        run(options);
        const CheckpointFile file = CheckpointFile::open(options.output);
        const ModelInfo info = describe_checkpoint(file);
        EXPECT_EQ(info.image_size, 64);
        EXPECT_EQ(info.patch_size, 8);
        EXPECT_EQ(info.global_blocks, std::vector<int>{1});
        EXPECT_EQ(info.transformer_dim, 32);

        TrainOptions finer = tiny_run(folder, "finer_" + name);
        finer.part = "decoder";
        finer.steps = 2;
        EXPECT_EQ(train(finer, &file, {}, "cpu", serial_for, nullptr, nullptr).last_step, 2);
        const CheckpointFile after = CheckpointFile::open(finer.output);
        const auto same = [&](const char* key) {
            return file.read(*file.find(key)) == after.read(*after.find(key));
        };
        EXPECT_TRUE(same("image_encoder.neck.0.weight"));
        EXPECT_FALSE(same("mask_decoder.iou_token.weight"));
    }
}

TEST(MeanOfCheckpoints, IsTheMeanOfEveryTensor) {
    const TemporaryFolder folder;
    std::vector<CheckpointFile> files;
    for (std::uint64_t seed : {1, 2, 3}) {
        TrainOptions options = tiny_run(folder, "run" + std::to_string(seed));
        options.seed = seed;
        options.steps = 2;
        run(options);
        files.push_back(CheckpointFile::open(options.output));
    }
    for (const std::string name : {"mean.pth", "mean.safetensors"}) {
        write_mean(files, folder.file(name), false);
        const CheckpointFile mean = CheckpointFile::open(folder.file(name));
        EXPECT_EQ(describe_checkpoint(mean).summary(), describe_checkpoint(files[0]).summary());
        ASSERT_EQ(mean.tensors().size(), files[0].tensors().size());
        for (const TensorEntry& entry : mean.tensors()) {
            const auto values = [&](const CheckpointFile& file) {
                const std::vector<std::byte> bytes = file.read(*file.find(entry.name));
                std::vector<float> result(bytes.size() / sizeof(float));
                std::memcpy(result.data(), bytes.data(), bytes.size());
                return result;
            };
            const auto of_mean = values(mean), a = values(files[0]), b = values(files[1]),
                       c = values(files[2]);
            for (std::size_t i = 0; i < of_mean.size(); ++i)
                ASSERT_NEAR(of_mean[i], (a[i] + b[i] + c[i]) / 3, 1e-6) << entry.name;
        }
    }
    write_mean(files, folder.file("half.pth"), true);
    EXPECT_EQ(CheckpointFile::open(folder.file("half.pth")).tensors().front().dtype, DType::f16);
}

TEST(MeanOfCheckpoints, NeedsSeveralThatAreAlike) {
    const TemporaryFolder folder;
    TrainOptions options = tiny_run(folder, "one"), wide = tiny_run(folder, "wide");
    options.steps = wide.steps = 1;
    run(options);
    NewModel sizes = tiny_model();
    sizes.decoder_mlp_dim *= 2;
    train(wide, nullptr, sizes, "cpu", serial_for, nullptr, nullptr);
    const CheckpointFile one = CheckpointFile::open(options.output),
                         other = CheckpointFile::open(wide.output);
    EXPECT_THROW(write_mean({}, folder.file("mean.pth"), false), Error);
    EXPECT_THROW(write_mean({one}, folder.file("mean.pth"), false), Error);
    EXPECT_THROW(write_mean({one, other}, folder.file("mean.pth"), false), Error);
    EXPECT_FALSE(std::filesystem::exists(folder.file("mean.pth")));
    write_mean({one, one}, folder.file("mean.pth"), false);
    EXPECT_EQ(bytes_of(folder.file("mean.pth")), bytes_of(options.output));
}

TEST(Training, InHalfPrecisionWritesHalfTheBytes) {
    const TemporaryFolder folder;
    TrainOptions whole = tiny_run(folder, "whole"), half = tiny_run(folder, "half");
    whole.steps = half.steps = 1;
    half.half = true;
    run(whole);
    run(half);
    EXPECT_LT(std::filesystem::file_size(half.output),
              0.65 * static_cast<double>(std::filesystem::file_size(whole.output)));
    EXPECT_EQ(CheckpointFile::open(half.output).tensors().front().dtype, DType::f16);
}

TEST(Training, KeepsALogWithoutGapsOrRepetitions) {
    const TemporaryFolder folder;
    TrainOptions options = tiny_run(folder, "run");
    options.validation = {folder.file("boxes.safetensors")};
    run(options, serial_for, 5);
    run(options);
    std::istringstream lines(bytes_of(options.output + ".csv"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line.rfind("step,rate,loss", 0), 0u);
    for (int step = 2; step <= 12; step += 2) {
        ASSERT_TRUE(std::getline(lines, line)) << step;
        EXPECT_EQ(std::atoi(line.c_str()), step);
        EXPECT_EQ(line.back() == ',', step % 6 != 0) << "scores belong to validations: " << line;
    }
    EXPECT_FALSE(std::getline(lines, line));
}

TEST(Training, EndsWhenPatienceRunsOut) {
    const TemporaryFolder folder;
    TrainOptions options = tiny_run(folder, "run");
    options.validation = {folder.file("boxes.safetensors")};
    options.steps = 200;
    options.validate_every = 1;
    options.patience = 2;
    options.rate = 1e-9;  // so that nothing is gained
    const TrainReport report = run(options);
    EXPECT_TRUE(report.ended_early);
    EXPECT_LE(report.last_step, 20);
}

TEST(Training, RefusesTheStateOfAnotherModelOrOfNone) {
    const TemporaryFolder folder;
    TrainOptions options = tiny_run(folder, "run");
    options.steps = 1;
    run(options);
    NewModel wider = tiny_model();
    wider.dim = 24;
    EXPECT_THROW(train(options, nullptr, wider, "cpu", serial_for, nullptr, nullptr), Error);
    std::filesystem::resize_file(options.output + ".state", 100);
    EXPECT_THROW(run(options), Error);
}

TEST(Training, RefusesOptionsThatMakeNoSense) {
    const TemporaryFolder folder;
    const auto refused = [&](const std::function<void(TrainOptions&)>& change) {
        TrainOptions options = tiny_run(folder, "run");
        change(options);
        EXPECT_THROW(options.validate(), Error);
    };
    refused([](TrainOptions& o) { o.samples.clear(); });
    refused([](TrainOptions& o) { o.output.clear(); });
    refused([](TrainOptions& o) { o.part = "half"; });
    refused([](TrainOptions& o) { o.steps = 0; });
    refused([](TrainOptions& o) { o.crops = 0; });
    refused([](TrainOptions& o) { o.prompts = 0; });
    refused([](TrainOptions& o) { o.rate = 0; });
    refused([](TrainOptions& o) { o.average = 1; });
    refused([](TrainOptions& o) { o.smallest_scale = 3; });
    refused([](TrainOptions& o) { o.region_worth = 0; });
    refused([](TrainOptions& o) { o.region_worth = 1.1; });
    EXPECT_NO_THROW(tiny_run(folder, "run").validate());
    NewModel sizes = tiny_model();
    EXPECT_NO_THROW(sizes.validate());
    sizes.window = 8;  // as wide as the picture
    EXPECT_THROW(sizes.validate(), Error);
    sizes = tiny_model();
    sizes.image_size = 60;
    EXPECT_THROW(sizes.validate(), Error);
    sizes = tiny_model();
    sizes.heads = 3;
    EXPECT_THROW(sizes.validate(), Error);
}

TEST(MaskLoss, LearnsFromTheBestMaskAndFromEveryScore) {
    // Two prompts, two masks of four logits, one target each; the second prompt lies on nothing.
    const at::Tensor logits =
        at::tensor({9.f, 9.f, -9.f, -9.f, 9.f, 9.f, 9.f, -9.f, 9.f, -9.f, -9.f, -9.f, 9.f, 9.f, 9.f, 9.f})
            .view({2, 2, 4})
            .requires_grad_(true);
    const at::Tensor target = at::tensor({1.f, 1.f, 0.f, 0.f, 0.f, 0.f, 0.f, 0.f}).view({2, 1, 4});
    const at::Tensor scores = at::tensor({1.f, 0.f, 0.f, 0.5f}).view({2, 2}),
                     worth = at::tensor({1.f, 0.f}).view({2, 1});
    const training::MaskLoss result = training::mask_loss(logits, scores, target, worth);
    EXPECT_EQ(result.best[0].item<std::int64_t>(), 0);
    EXPECT_NEAR(result.iou[0][0].item<double>(), 1, 1e-6);
    EXPECT_NEAR(result.iou[0][1].item<double>(), 2.0 / 3, 1e-6);
    EXPECT_EQ(result.iou[1].abs().sum().item<double>(), 0) << "nothing has no IoU";
    // The first mask is right; scores are off by 0, 2/3, 0 and 1/2.
    EXPECT_NEAR(result.loss.item<double>(), (4.0 / 9 + 0.25) / 4, 1e-3);
    const at::Tensor slope = torch::autograd::grad({result.loss}, {logits})[0];
    EXPECT_GT(slope[0][0].abs().sum().item<double>(), 0);
    EXPECT_EQ(slope[0][1].abs().sum().item<double>(), 0);
    EXPECT_EQ(slope[1].abs().sum().item<double>(), 0);
}

TEST(MaskLoss, LetsEachTargetTeachTheMaskNearestToIt) {
    // One prompt on a part (the first target), which lies in a whole, which a guess found; a blank follows.
    const at::Tensor logits = at::tensor({9.f, -9.f, -9.f, -9.f, 9.f, 9.f, 9.f, -9.f, -9.f, -9.f, -9.f, 9.f})
                                  .view({1, 3, 4})
                                  .requires_grad_(true);
    const at::Tensor targets =
        at::tensor({1.f, 0.f, 0.f, 0.f, 1.f, 1.f, 1.f, 0.f, 0.f, 0.f, 0.f, 0.f}).view({1, 3, 4});
    const at::Tensor worth = at::tensor({1.f, 0.6f, 0.f}).view({1, 3});
    const at::Tensor scores = at::tensor({1.f, 0.6f, 0.f}).view({1, 3}).requires_grad_(true);
    const training::MaskLoss result = training::mask_loss(logits, scores, targets, worth);
    EXPECT_EQ(result.best[0].item<std::int64_t>(), 0);
    EXPECT_NEAR(result.iou[0][0].item<double>(), 1, 1e-6);
    EXPECT_NEAR(result.iou[0][1].item<double>(), 1.0 / 3, 1e-6) << "with the first target only";
    EXPECT_NEAR(result.loss.item<double>(), 0, 1e-3) << "both masks and all scores are right";
    const auto slopes = torch::autograd::grad({result.loss}, {logits, scores});
    EXPECT_GT(slopes[0][0][0].abs().sum().item<double>(), 0);
    EXPECT_GT(slopes[0][0][1].abs().sum().item<double>(), 0);
    EXPECT_EQ(slopes[0][0][2].abs().sum().item<double>(), 0) << "the blank has nothing to teach";
    EXPECT_NEAR(slopes[1].abs().sum().item<double>(), 0, 1e-5);
}

TEST(Optimizer, MovesWeightsAsAdamWDoes) {
    const at::Tensor matrix = at::tensor({1.f, 2.f}).view({1, 2}), bias = at::tensor({3.f});
    training::Optimizer optimizer({matrix, bias}, 0.1, 0.9);
    optimizer.step({at::tensor({0.1f, -0.2f}).view({1, 2}), {}}, 0.01);
    // The first step is as long as the rate, against the gradient's sign; matrices decay before it.
    EXPECT_NEAR(matrix[0][0].item<double>(), 1 * (1 - 0.001) - 0.01, 1e-5);
    EXPECT_NEAR(matrix[0][1].item<double>(), 2 * (1 - 0.001) + 0.01, 1e-5);
    EXPECT_EQ(bias.item<double>(), 3);
    const double keep = 2.0 / 11;
    EXPECT_NEAR(optimizer.averages[0][0][0].item<double>(),
                keep * 1 + (1 - keep) * matrix[0][0].item<double>(), 1e-5);
}

TEST(Optimizer, MakesMatricesOrthogonalAndKeepsTheirDirections) {
    for (const std::int64_t rows : {16, 48}) {
        const at::Tensor matrix = at::sin(at::arange(rows * 32, at::kFloat).square()).view({rows, 32});
        const at::Tensor result = training::orthogonalized(100 * matrix);
        const auto [u, singular, v] = at::linalg_svd(result, /*full_matrices=*/false);
        EXPECT_GT(singular.min().item<double>(), 0.6);
        EXPECT_LT(singular.max().item<double>(), 1.3);
        // The same singular vectors: the product with the original is symmetric and positive.
        const at::Tensor both = at::matmul(matrix, result.t());
        EXPECT_LT((both - both.t()).abs().max().item<double>(), 1e-3 * both.abs().max().item<double>());
        EXPECT_GT(at::matmul(result.t(), matrix).trace().item<double>(), 0);
    }
}

TEST(Optimizer, MovesMatricesByMuonAsFarAsAdamWMovesThem) {
    const at::Tensor gradient = at::sin(at::arange(24 * 32, at::kFloat).square()).view({24, 32});
    const at::Tensor matrix = at::zeros({24, 32}), bias = at::zeros({24});
    training::Optimizer optimizer({matrix, bias}, 0, 0.9, {true, false});
    optimizer.step({1e-3 * gradient, {}}, 0.01);
    const double step = matrix.square().mean().sqrt().item<double>();
    EXPECT_NEAR(step, 0.2 * 0.01, 0.15 * 0.2 * 0.01);
    EXPECT_LT((matrix * gradient).sum().item<double>(), 0) << "down the slope";
    EXPECT_EQ(optimizer.second_moments[0].abs().sum().item<double>(), 0);
}

TEST(Optimizer, TakesNoStepWithGradientsThatAreNoNumbers) {
    const at::Tensor weight = at::tensor({1.f});
    training::Optimizer optimizer({weight}, 0, 0.9);
    optimizer.step({at::tensor({std::nanf("")})}, 0.1);
    EXPECT_EQ(weight.item<double>(), 1);
    EXPECT_EQ(optimizer.steps(), 1);
}

}  // namespace
}  // namespace landseam::sam
