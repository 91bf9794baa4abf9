// From three bands to more: the first layer made anew, and runs that do so.
#include "sam/training/bands.h"

#include "landseam/core/error.h"
#include "landseam/sam/samples.h"
#include "landseam/sam/trainer.h"

#include "sam/random_model.h"
#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"
#include "sam/training/material.h"
#include "sam/training/state.h"
#include "sam/training/tiny_model.h"
#include "support/temporary_folder.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using landseam::test::TemporaryFolder;
using test::close_to;
using landseam::test::tiny_model;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using training::BandStatistics;

ModelInfo small_tiny_vit() {
    ModelInfo info = test::small_vit(4);
    info.encoder = "tiny_vit";
    info.patch_embed_dim = 6;
    info.global_blocks.clear();
    info.stages = {{12, 1, 0, 0, 20}, {24, 1, 3, 4, 24}, {32, 1, 2, 4, 30}, {320, 1, 10, 4, 40}};
    return info;
}

// Values 0 … 255 [1, 3, S, S].
at::Tensor random_picture(const Sam& model) {
    at::manual_seed(5);
    return 255 * at::rand({1, 3, model.info.image_size, model.info.image_size});
}

at::Tensor embedding(const Sam& model, const at::Tensor& picture) {
    return model.encode_image(model.preprocess(picture));
}

BandStatistics statistics_of(const std::vector<std::string>& names) {
    BandStatistics bands{names, {}, {}};
    for (std::size_t i = 0; i < names.size(); ++i) {
        bands.mean.push_back(60 + 17.5f * static_cast<float>(i));
        bands.deviation.push_back(70 - 8 * static_cast<float>(i));
    }
    return bands;
}

TEST(InflatedModel, SeesThePictureThatItSawWhereItsBandsAreFoundAgain) {
    const Sam model = test::random_model(test::small_vit(4));
    const at::Tensor picture = random_picture(model), expected = embedding(model, picture);
    const at::Tensor red = picture.narrow(1, 0, 1), green = picture.narrow(1, 1, 1),
                     blue = picture.narrow(1, 2, 1);
    const double scale = expected.abs().max().item<double>();
    const auto gives_the_same = [&](const std::vector<std::string>& names,
                                    const std::vector<at::Tensor>& bands) {
        const Sam more = training::inflated(model, statistics_of(names));
        EXPECT_EQ(more.info.bands, static_cast<int>(names.size()));
        return close_to(embedding(more, at::cat(bands, 1)), expected, 1e-4 * scale);
    };
    EXPECT_TRUE(gives_the_same({"red", "green", "blue", "red", "green", "blue"},
                               {red, green, blue, red, green, blue}));
    EXPECT_TRUE(gives_the_same({"Blue", "green", "Red", "nir"}, {blue, green, red, at::full_like(red, 77)}))
        << "what is no colour counts for nothing yet";
}

TEST(InflatedModel, TakesTheMeanOfTheOtherBandsForAColourItLacks) {
    const Sam model = test::random_model(test::small_vit(4));
    const at::Tensor picture = random_picture(model);
    const at::Tensor one = picture.narrow(1, 0, 1), two = picture.narrow(1, 1, 1), mean = (one + two) / 2;
    const auto same = [&](const std::vector<std::string>& names, const at::Tensor& as_colours) {
        const at::Tensor expected = embedding(model, as_colours);
        const Sam more = training::inflated(model, statistics_of(names));
        return close_to(embedding(more, at::cat({one, two}, 1)), expected,
                        1e-4 * expected.abs().max().item<double>());
    };
    EXPECT_TRUE(same({"vv", "vh"}, at::cat({mean, mean, mean}, 1)));
    EXPECT_TRUE(same({"nir", "red"}, at::cat({two, one, one}, 1)));
    EXPECT_TRUE(same({"blue", "red"}, at::cat({two, mean, one}, 1)));
}

TEST(InflatedModel, OfTinyViTDoesSoInsideThePicture) {
    const Sam model = test::random_model(small_tiny_vit());
    const at::Tensor picture = random_picture(model);
    const Sam more = training::inflated(model, statistics_of({"green", "blue", "nir", "red"}));
    const at::Tensor bands = at::cat({picture.narrow(1, 1, 1), picture.narrow(1, 2, 1),
                                      at::full_like(picture.narrow(1, 0, 1), 9), picture.narrow(1, 0, 1)},
                                     1);
    const auto first = [](const Sam& of, const at::Tensor& pixels) {
        return std::get<TinyVitEncoder>(of.image_encoder)
            .patch1(of.preprocess(pixels))
            .narrow(2, 1, 30)
            .narrow(3, 1, 30);
    };
    const at::Tensor expected = first(model, picture);
    EXPECT_TRUE(close_to(first(more, bands), expected, 1e-4 * expected.abs().max().item<double>()));
    EXPECT_EQ(embedding(more, bands).sizes(), embedding(model, picture).sizes());
}

TEST(InflatedModel, BeginsWithThreeBandsOnly) {
    const Sam six =
        training::inflated(test::random_model(test::small_vit(4)), statistics_of({"a", "b", "c", "d"}));
    EXPECT_THROW(training::inflated(six, statistics_of({"a", "b"})), Error);
}

// Boxes that stand out in the last band alone.
Sample boxes(const std::vector<std::string>& bands) {
    Sample sample;
    sample.width = sample.height = 80;
    sample.bands = bands;
    sample.valid.assign(80 * 80, 1);
    sample.levels = {{"boxes", std::vector<std::int32_t>(80 * 80, 0)}};
    for (std::size_t band = 0; band < bands.size(); ++band)
        for (int i = 0; i < 80 * 80; ++i)
            sample.pixels.push_back(
                static_cast<std::uint8_t>(20 * (band + 1) + static_cast<std::size_t>(i * 7 % 5)));
    for (int box = 0; box < 9; ++box)
        for (int y = 0; y < 14; ++y)
            for (int x = 0; x < 16; ++x) {
                const auto at =
                    static_cast<std::size_t>(80 * (6 + 25 * (box / 3) + y) + 5 + 25 * (box % 3) + x);
                sample.levels[0].ids[at] = box + 1;
                sample.pixels[(bands.size() - 1) * 80 * 80 + at] = static_cast<std::uint8_t>(150 + 10 * box);
            }
    return sample;
}

TEST(BandsOfSamples, HaveMeanAndDeviationOfTheirValidPixels) {
    const TemporaryFolder folder;
    Sample sample = boxes({"a", "b"});
    for (std::size_t i = 0; i < sample.valid.size(); ++i) {
        sample.valid[i] = i < 4;
        sample.pixels[i] = static_cast<std::uint8_t>(i < 4 ? (i < 2 ? 10 : 30) : 255);
        sample.pixels[sample.valid.size() + i] = 200;
    }
    write_sample(folder.file("one.safetensors"), sample);
    std::fill_n(sample.pixels.begin(), 4, std::uint8_t{20});
    write_sample(folder.file("two.safetensors"), sample);
    const training::Material material({{folder.file("one.safetensors")}, {folder.file("two.safetensors")}});
    const BandStatistics bands = material.bands();
    EXPECT_THAT(bands.names, ElementsAre("a", "b"));
    EXPECT_THAT(bands.mean, ElementsAre(20, 200));
    EXPECT_NEAR(bands.deviation[0], std::sqrt(50.0), 1e-4);
    EXPECT_EQ(bands.deviation[1], 1) << "one that does not deviate at all";
}

class BandRuns : public ::testing::Test {
protected:
    std::string sample(const std::string& name, const std::vector<std::string>& bands) const {
        const std::string path = folder_.file(name);
        write_sample(path, boxes(bands));
        return path;
    }

    TrainOptions options(const std::string& output, const std::string& samples) const {
        TrainOptions options;
        options.samples = {{samples}};
        options.output = folder_.file(output);
        options.steps = 4;
        options.crops = 2;
        options.prompts = 3;
        options.warm_up = 1;
        return options;
    }

    static void run(const TrainOptions& options, const CheckpointFile* start) {
        train(options, start, tiny_model(), "cpu", serial_for, nullptr, nullptr);
    }

    static std::string refusal(const TrainOptions& options, const CheckpointFile* start) {
        try {
            run(options, start);
        } catch (const Error& error) {
            return error.what();
        }
        return "nothing was thrown";
    }

    TemporaryFolder folder_;
    const std::string three_ = sample("three.safetensors", {"red", "green", "blue"}),
                      five_ = sample("five.safetensors", {"blue", "green", "red", "nir", "swir16"});
};

TEST_F(BandRuns, MakeAModelOfTheSamplesBandsInBothFormats) {
    run(options("three.pth", three_), nullptr);
    const CheckpointFile start = CheckpointFile::open(folder_.file("three.pth"));
    EXPECT_EQ(start.find("pixel_mean"), nullptr) << "three bands are told of as the published checkpoints do";
    EXPECT_EQ(start.find("pixel_bands"), nullptr);
    const BandStatistics expected = training::Material({{five_}}).bands();
    for (const std::string name : {"model.pth", "model.safetensors"}) {
        for (const bool half : {false, true}) {
            TrainOptions more = options((half ? "half_" : "") + name, five_);
            more.half = half;
            run(more, &start);
            const CheckpointFile file = CheckpointFile::open(more.output);
            const auto model = load_sam(file);
            EXPECT_EQ(model_info(*model).bands, 5);
            EXPECT_EQ(model_info(*model).pixel_mean, expected.mean);
            EXPECT_EQ(model_info(*model).pixel_std, expected.deviation);
            EXPECT_EQ(model_info(*model).band_names, expected.names);
            EXPECT_EQ(model_info(*model).parameters, describe_checkpoint(start).parameters + 2 * 16 * 8 * 8);
        }
    }
}

TEST_F(BandRuns, BeginAnewWithAnyNumber) {
    const TrainOptions more = options("new.pth", five_);
    run(more, nullptr);
    const ModelInfo info = describe_checkpoint(CheckpointFile::open(more.output));
    EXPECT_EQ(info.bands, 5);
    EXPECT_THAT(info.band_names, ElementsAre("blue", "green", "red", "nir", "swir16"));
}

TEST_F(BandRuns, InterruptedGoOnToTheSameWeights) {
    run(options("three.pth", three_), nullptr);
    const CheckpointFile start = CheckpointFile::open(folder_.file("three.pth"));
    const TrainOptions whole = options("whole.pth", five_), parts = options("parts.pth", five_);
    run(whole, &start);
    int asked = 0;
    train(parts, &start, tiny_model(), "cpu", serial_for, nullptr, [&] { return asked++ < 2; });
    run(parts, &start);
    const CheckpointFile a = CheckpointFile::open(whole.output), b = CheckpointFile::open(parts.output);
    for (const TensorEntry& entry : a.tensors())
        EXPECT_EQ(a.read(entry), b.read(*b.find(entry.name))) << entry.name;
    // With other samples the same weights would see other values.
    TrainOptions other = parts;
    Sample brighter = boxes({"blue", "green", "red", "nir", "swir16"});
    for (std::uint8_t& value : brighter.pixels) value = static_cast<std::uint8_t>(value / 2 + 100);
    write_sample(folder_.file("brighter.safetensors"), brighter);
    other.samples = {{folder_.file("brighter.safetensors")}};
    EXPECT_THAT(refusal(other, &start),
                AllOf(HasSubstr("parts.pth.state"), HasSubstr("another mean or deviation")));
}

TEST_F(BandRuns, KeepTheModelsOwnMeanAndDeviation) {
    run(options("five.pth", five_), nullptr);
    const CheckpointFile start = CheckpointFile::open(folder_.file("five.pth"));
    Sample brighter = boxes({"blue", "green", "red", "nir", "swir16"});
    for (std::uint8_t& value : brighter.pixels) value = static_cast<std::uint8_t>(value / 2 + 100);
    write_sample(folder_.file("brighter.safetensors"), brighter);
    run(options("finer.pth", folder_.file("brighter.safetensors")), &start);
    EXPECT_EQ(describe_checkpoint(CheckpointFile::open(folder_.file("finer.pth"))).pixel_mean,
              describe_checkpoint(start).pixel_mean);
}

TEST_F(BandRuns, TeachANewFirstLayerWhateverElseLearns) {
    run(options("three.pth", three_), nullptr);
    const CheckpointFile start = CheckpointFile::open(folder_.file("three.pth"));
    TrainOptions decoder = options("decoder.pth", five_);
    decoder.part = "decoder";
    run(decoder, &start);
    const CheckpointFile after = CheckpointFile::open(decoder.output);
    const auto model = load_sam(after);
    const at::Tensor weight = model->tensors.at("image_encoder.patch_embed.proj.weight");
    EXPECT_GT(weight.select(1, 4).abs().max().item<double>(), 0) << "swir16, which was nothing before";
    const auto same = [&](const char* key) {
        return start.read(*start.find(key)) == after.read(*after.find(key));
    };
    EXPECT_TRUE(same("image_encoder.neck.0.weight"));
}

TEST_F(BandRuns, RefuseSamplesOfOtherBandsThanTheModelTakes) {
    run(options("five.pth", five_), nullptr);
    const CheckpointFile start = CheckpointFile::open(folder_.file("five.pth"));
    EXPECT_THAT(refusal(options("a.pth", three_), &start),
                AllOf(HasSubstr("three.safetensors"), HasSubstr("3 bands where the model takes 5")));
    const std::string turned = sample("turned.safetensors", {"red", "green", "blue", "nir", "swir16"});
    EXPECT_THAT(refusal(options("a.pth", turned), &start),
                AllOf(HasSubstr("turned.safetensors"), HasSubstr("--bands blue,green,red,nir,swir16")));
    TrainOptions mixed = options("a.pth", five_);
    mixed.samples.push_back({three_});
    EXPECT_THAT(refusal(mixed, nullptr), AllOf(HasSubstr("three.safetensors"), HasSubstr("same --bands")));
    TrainOptions scored = options("a.pth", five_);
    scored.validation = {three_};
    EXPECT_THAT(refusal(scored, nullptr), HasSubstr("three.safetensors"));
    EXPECT_FALSE(std::filesystem::exists(folder_.file("a.pth")));
}

}  // namespace
}  // namespace landseam::sam
