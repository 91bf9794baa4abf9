// Models whose pictures have other than three bands: what their checkpoints tell, and what they compute.
#include "landseam/core/error.h"
#include "landseam/sam/checkpoint_writer.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/sam/modules.h"
#include "landseam/sam/predictor.h"

#include "sam/random_model.h"
#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"
#include "support/json.h"
#include "support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::close_to;
using test::open_parity_checkpoint;
using test::parity_path;
using test::read_npy_tensor;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kSixBands = "six_bands";

ImageU8 six_band_picture() {
    const auto values = landseam::test::read_npy_f32(parity_path(kSixBands, "picture.npy"));
    ImageU8 picture(static_cast<int>(values.shape[1]), static_cast<int>(values.shape[0]), 6);
    std::transform(values.values.begin(), values.values.end(), picture.values.begin(),
                   [](float value) { return static_cast<std::uint8_t>(value); });
    return picture;
}

void expect_reference(const std::string& name, const SamPredictor& predictor,
                      const SamPredictor::Prediction& prediction) {
    SCOPED_TRACE(name);
    const at::Tensor reference = read_npy_tensor(parity_path(kSixBands, name + "_low_res_logits.npy"));
    EXPECT_TRUE(
        close_to(prediction.low_res_logits[0], reference, 1e-4 * reference.abs().max().item<double>()));
    const auto expected = landseam::test::parse_json_file(parity_path(kSixBands, "predictor.json"));
    const auto& numbers = expected["predictor"][name];
    const at::Tensor masks = predictor.upscale(prediction.low_res_logits) > 0;
    ASSERT_EQ(static_cast<std::size_t>(masks.size(1)), numbers["iou"].size());
    for (int i = 0; i < masks.size(1); ++i) {
        EXPECT_NEAR(prediction.iou_predictions[0][i].item<double>(), numbers["iou"][i].number(), 1e-4);
        EXPECT_NEAR(masks[0][i].sum().item<double>(), numbers["mask_pixels"][i].number(), 2);
    }
}

TEST(MoreBands, GiveTheReferencesEmbeddingAndMasks) {
    SamPredictor predictor(load_sam(open_parity_checkpoint(kSixBands)));
    predictor.set_image(six_band_picture());
    const at::Tensor reference = read_npy_tensor(parity_path(kSixBands, "image_embedding.npy"));
    EXPECT_TRUE(
        close_to(predictor.image_embedding()[0], reference, 1e-4 * reference.abs().max().item<double>()));
    expect_reference("one_point_multi", predictor, predictor.predict({{{20, 15}}, {1}}));
    expect_reference("box_single", predictor, predictor.predict({}, BoxPrompt{6, 6, 30, 24}, {}, false));
}

TEST(MoreBands, AreReadOffTheFile) {
    const ModelInfo info = describe_checkpoint(open_parity_checkpoint(kSixBands));
    EXPECT_EQ(info.bands, 6);
    EXPECT_THAT(info.pixel_mean, ElementsAre(90.5f, 101.25f, 80, 120, 60.75f, 140));
    EXPECT_THAT(info.pixel_std, ElementsAre(40, 51.5f, 38.25f, 62, 30, 45));
    EXPECT_THAT(info.band_names, ElementsAre("blue", "green", "red", "nir", "swir16", "swir22"));
    EXPECT_THAT(info.summary(), HasSubstr("64 px, 6 bands, "));
    EXPECT_EQ(describe_checkpoint(open_parity_checkpoint("vit")).summary().find("bands"), std::string::npos);
}

TEST(MoreBands, RefuseAPictureOfThree) {
    SamPredictor predictor(load_sam(open_parity_checkpoint(kSixBands)));
    try {
        predictor.set_image(ImageU8(40, 30, 3));
        ADD_FAILURE() << "it was taken";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("3 channels"), HasSubstr("of 6 channels")));
    }
}

// A copy of a parity checkpoint with some tensors changed, in both formats.
class ChangedCheckpoint {
public:
    explicit ChangedCheckpoint(const std::string& name) {
        const CheckpointFile file = open_parity_checkpoint(name);
        for (const TensorEntry& entry : file.tensors())
            tensors[entry.name] = {entry.dtype, entry.shape, file.read(entry)};
    }

    struct Tensor {
        DType dtype;
        std::vector<std::int64_t> shape;
        std::vector<std::byte> values;
    };
    std::map<std::string, Tensor> tensors;

    template <class Number>
    void set(const std::string& name, DType dtype, const std::vector<std::int64_t>& shape,
             const std::vector<Number>& values) {
        const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
        tensors[name] = {dtype, shape, {bytes, bytes + values.size() * sizeof(Number)}};
    }
    void set_statistics(const std::vector<float>& mean, const std::vector<float>& deviation) {
        set("pixel_mean", DType::f32, {static_cast<std::int64_t>(mean.size()), 1, 1}, mean);
        set("pixel_std", DType::f32, {static_cast<std::int64_t>(deviation.size()), 1, 1}, deviation);
    }
    void set_names(const std::string& names) {
        set("pixel_bands", DType::u8, {static_cast<std::int64_t>(names.size())},
            std::vector<char>(names.begin(), names.end()));
    }

    std::string write(const landseam::test::TemporaryFolder& folder, const std::string& name) const {
        std::vector<TensorToWrite> list;
        for (const auto& [key, tensor] : tensors)
            list.push_back({key, tensor.dtype, tensor.shape, tensor.values.data()});
        const std::string path = folder.file(name);
        name.find(".pth") != std::string::npos ? write_torch_archive(path, list)
                                               : write_safetensors(path, list);
        return path;
    }
};

std::string refusal(const std::function<void(ChangedCheckpoint&)>& change) {
    const landseam::test::TemporaryFolder folder;
    ChangedCheckpoint checkpoint(kSixBands);
    change(checkpoint);
    std::string first;
    for (const char* name : {"a.pth", "a.safetensors"}) {
        const std::string path = checkpoint.write(folder, name);
        try {
            load_sam(CheckpointFile::open(path));
            ADD_FAILURE() << "it was loaded: " << name;
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr(path));
            first = error.what();
        }
    }
    return first;
}

TEST(MoreBands, NeedMeanAndDeviation) {
    EXPECT_THAT(refusal([](auto& c) { c.tensors.erase("pixel_mean"); }),
                AllOf(HasSubstr("6 bands"), HasSubstr("'pixel_mean'")));
    EXPECT_THAT(refusal([](auto& c) { c.tensors.erase("pixel_std"); }), HasSubstr("'pixel_std'"));
    EXPECT_THAT(refusal([](auto& c) {
                    c.tensors.erase("pixel_mean");
                    c.tensors.erase("pixel_std");
                }),
                AllOf(HasSubstr("6 bands"), HasSubstr("landseam train")));
}

TEST(MoreBands, RefuseMeansAndDeviationsThatNoPixelsHave) {
    const std::vector<float> fine(6, 50.0f);
    const auto with = [&](float value, bool deviation) {
        return refusal([&](auto& c) {
            std::vector<float> changed = fine;
            changed[4] = value;
            deviation ? c.set_statistics(fine, changed) : c.set_statistics(changed, fine);
        });
    };
    const float nan = std::nanf(""), infinite = std::numeric_limits<float>::infinity();
    for (const float value : {0.0f, -1.0f, 1e-40f, nan, infinite})
        EXPECT_THAT(with(value, true), HasSubstr("'pixel_std'")) << value;
    for (const float value : {nan, infinite, -infinite, 1e30f})
        EXPECT_THAT(with(value, false), HasSubstr("'pixel_mean'")) << value;
    EXPECT_THAT(refusal([&](auto& c) {
                    c.set_statistics({1, 2, 3}, {1, 2, 3});
                }),
                AllOf(HasSubstr("[3, 1, 1]"), HasSubstr("[6, 1, 1]")));
    EXPECT_THAT(refusal([&](auto& c) {
                    c.set("pixel_std", DType::i32, {6, 1, 1}, std::vector<int>(6, 50));
                }),
                HasSubstr("integers"));
}

TEST(MoreBands, RefuseNamesThatAreNone) {
    for (const std::string names :
         {"a,b,c,d,e", "a,b,c,d,e,f,g", "a,b,,d,e,f", "a,b,c,d,e,\n", "a,b,c,d,e,f\x7f"})
        EXPECT_THAT(refusal([&](auto& c) { c.set_names(names); }), HasSubstr("'pixel_bands'")) << names;
    EXPECT_THAT(refusal([&](auto& c) { c.set_names("a,b,c,d,e," + std::string(500, 'f')); }),
                HasSubstr("'pixel_bands'"));
}

TEST(MoreBands, AreNoMoreThanAFirstLayerMayHave) {
    EXPECT_THAT(refusal([](auto& c) {
                    c.set("image_encoder.patch_embed.proj.weight", DType::f32, {24, 257, 1, 1},
                          std::vector<float>(24 * 257));
                }),
                HasSubstr("257 bands"));
}

TEST(MoreBands, OfThreeMayTellTheirOwnMeanAndDeviation) {
    const landseam::test::TemporaryFolder folder;
    ChangedCheckpoint checkpoint("vit");
    checkpoint.set_statistics({100, 90, 80}, {20, 25, 50});
    const auto model = load_sam(CheckpointFile::open(checkpoint.write(folder, "a.pth")));
    const at::Tensor seen = model->preprocess(at::full({1, 3, 4, 4}, 100.f));
    EXPECT_NEAR(seen[0][0][0][0].item<double>(), 0, 1e-6);
    EXPECT_NEAR(seen[0][1][3][3].item<double>(), 0.4, 1e-6);
    EXPECT_NEAR(seen[0][2][1][2].item<double>(), 0.4, 1e-6);
    const auto published = load_sam(open_parity_checkpoint("vit"));
    EXPECT_NE(fingerprint(*model), fingerprint(*published))
        << "embeddings of one would be taken for the other's";
    EXPECT_EQ(published->preprocess(at::full({1, 3, 4, 4}, 123.675f))[0][0][0][0].item<double>(), 0);
}

}  // namespace
}  // namespace landseam::sam
