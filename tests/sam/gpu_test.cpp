// The model on each GPU there is: against the reference, and against what a CPU learns.
#include "landseam/sam/modules.h"
#include "landseam/sam/predictor.h"
#include "landseam/sam/trainer.h"

#include "sam/tensor_matchers.h"
#include "sam/test_checkpoints.h"
#include "sam/training/boxes_sample.h"
#include "sam/training/tiny_model.h"
#include "support/json.h"
#include "support/ppm.h"
#include "support/temporary_folder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using landseam::test::Json;
using test::close_to;
using test::open_parity_checkpoint;
using test::parity_path;
using test::read_npy_tensor;

std::vector<std::string> gpus() {
    std::vector<std::string> names;
    for (const std::string name : {"cuda:0", "cuda:1"})
        if (device_names().find(name) != std::string::npos) names.push_back(name);
    return names;
}

class Gpu : public ::testing::TestWithParam<std::string> {};

TEST_P(Gpu, GivesTheReferencesEmbeddingAndMasks) {
    for (const std::string model : {"vit", "tiny_vit"}) {
        SCOPED_TRACE(model);
        SamPredictor predictor(load_sam(open_parity_checkpoint(model), GetParam(), 256));
        predictor.set_image(landseam::test::read_ppm(parity_path(model, "image.ppm")));
        const auto tolerance = [](const at::Tensor& of) { return 1e-4 * of.abs().max().item<double>(); };
        const at::Tensor embedding = read_npy_tensor(parity_path(model, "image_embedding.npy"));
        EXPECT_TRUE(close_to(predictor.image_embedding()[0].cpu(), embedding, tolerance(embedding)));
        const Json expected = landseam::test::parse_json_file(parity_path(model, "predictor.json"));
        PointPrompts prompts;
        prompts.coords = {{expected["points"][0][0].number(), expected["points"][0][1].number()}};
        prompts.labels = {expected["labels"][0].integer()};
        const at::Tensor logits = read_npy_tensor(parity_path(model, "one_point_multi_low_res_logits.npy"));
        EXPECT_TRUE(close_to(predictor.predict(prompts).low_res_logits[0].cpu(), logits, tolerance(logits)));
    }
}

TEST_P(Gpu, LearnsWhatACpuLearns) {
    const landseam::test::TemporaryFolder folder;
    landseam::test::write_boxes(folder.file("boxes.safetensors"));
    for (const std::string optimizer : {"adamw", "muon"}) {
        SCOPED_TRACE(optimizer);
        std::vector<double> losses[2];
        for (int i = 0; i < 2; ++i) {
            TrainOptions options;
            options.samples = {{folder.file("boxes.safetensors")}};
            options.output = folder.file(optimizer + std::to_string(i) + ".pth");
            options.optimizer = optimizer;
            options.steps = 8;
            options.crops = 3;
            options.prompts = 4;
            options.warm_up = 2;
            options.log_every = 1;
            options.correct = 0.5;
            train(
                options, nullptr, landseam::test::tiny_model(), i ? GetParam() : "cpu", serial_for,
                [&](const TrainProgress& p) { losses[i].push_back(p.loss); }, nullptr);
        }
        ASSERT_EQ(losses[1].size(), losses[0].size());
        for (std::size_t i = 0; i < losses[0].size(); ++i)
            EXPECT_NEAR(losses[1][i], losses[0][i], 0.01 * losses[0][i]) << "step " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(OfThisMachine, Gpu, ::testing::ValuesIn(gpus()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Gpu);

}  // namespace
}  // namespace landseam::sam
