#include "landseam/core/error.h"
#include "landseam/sam/default_checkpoint.h"
#include "landseam/sam/model.h"

#include "sam/test_checkpoints.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::open_parity_checkpoint;
using test::ShapesOnlyFile;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string message_of(ShapesOnlyFile& file, int image_size = 0) {
    try {
        describe_checkpoint(file.file(), image_size);
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

// Not what TinyViT's pre-training leaves in a checkpoint.
bool is_used(const std::string& name) {
    for (const char* left_over : {"image_encoder.head.", "image_encoder.norm_head.", "num_batches_tracked"})
        if (name.find(left_over) != std::string::npos) return false;
    return true;
}

TEST(DescribeCheckpoint, ReadsEverySizeOfAViT) {
    const ModelInfo info = describe_checkpoint(open_parity_checkpoint("vit"));
    EXPECT_EQ(info.encoder, "vit");
    EXPECT_EQ(info.image_size, 256);
    EXPECT_EQ(info.patch_size, 16);
    EXPECT_EQ(info.grid, 16);
    ASSERT_EQ(info.stages.size(), 1u);
    EXPECT_EQ(info.stages[0].dim, 96);
    EXPECT_EQ(info.stages[0].depth, 4);
    EXPECT_EQ(info.stages[0].heads, 3);
    EXPECT_EQ(info.stages[0].window, 7);
    EXPECT_EQ(info.stages[0].mlp_dim, 384);
    EXPECT_THAT(info.global_blocks, ElementsAre(1, 3));
    EXPECT_EQ(info.transformer_dim, 64);
    EXPECT_EQ(info.decoder_depth, 2);
    EXPECT_EQ(info.decoder_mlp_dim, 128);
    EXPECT_EQ(info.decoder_cross_dim, 32);
    EXPECT_EQ(info.mask_tokens, 4);
    EXPECT_EQ(info.iou_head_depth, 3);
    EXPECT_EQ(info.low_res_size(), 64);
    EXPECT_THAT(info.summary(), AllOf(HasSubstr("ViT 96 × 4"), HasSubstr("256 px"), HasSubstr("0.8 M")));
}

TEST(DescribeCheckpoint, ReadsEverySizeOfATinyViT) {
    const ModelInfo info = describe_checkpoint(open_parity_checkpoint("tiny_vit"), 256);
    EXPECT_EQ(info.encoder, "tiny_vit");
    EXPECT_EQ(info.image_size, 256);
    EXPECT_EQ(info.grid, 16);
    EXPECT_EQ(info.patch_embed_dim, 8);
    std::vector<int> dims, depths, heads, windows;
    for (const ModelInfo::Stage& stage : info.stages) {
        dims.push_back(stage.dim);
        depths.push_back(stage.depth);
        heads.push_back(stage.heads);
        windows.push_back(stage.window);
    }
    EXPECT_THAT(dims, ElementsAre(16, 32, 64, 320));
    EXPECT_THAT(depths, ElementsAre(1, 1, 2, 1));
    EXPECT_THAT(heads, ElementsAre(0, 1, 2, 10));
    EXPECT_THAT(windows, ElementsAre(0, 7, 14, 7));
    EXPECT_EQ(info.transformer_dim, 256);
}

TEST(DescribeCheckpoint, TakesTheSizePublishedTinyViTsHaveUnlessTheFileOrTheCallerSaysOtherwise) {
    ShapesOnlyFile file(open_parity_checkpoint("tiny_vit"));
    EXPECT_EQ(describe_checkpoint(file.file()).image_size, 1024);
    file.metadata = "\"image_size\":\"512\"";
    EXPECT_EQ(describe_checkpoint(file.file()).image_size, 512);
    EXPECT_EQ(describe_checkpoint(file.file(), 256).image_size, 256);
}

TEST(DescribeCheckpoint, RefusesPictureSizesTheEncoderCannotTake) {
    ShapesOnlyFile tiny_vit(open_parity_checkpoint("tiny_vit")), vit(open_parity_checkpoint("vit"));
    EXPECT_THAT(message_of(tiny_vit, 250), HasSubstr("multiple of 16"));
    tiny_vit.metadata = "\"image_size\":\"-4\"";
    EXPECT_THAT(message_of(tiny_vit), HasSubstr("multiple of 16"));
    EXPECT_THAT(message_of(vit, 1024), HasSubstr("takes pictures of 256 pixels"));
}

TEST(DescribeCheckpoint, AcceptsHalfPrecision) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    for (auto& [name, tensor] : file.tensors) tensor.type = "F16";
    EXPECT_EQ(describe_checkpoint(file.file()).grid, 16);
}

TEST(DescribeCheckpoint, NamesAMissingTensor) {
    const CheckpointFile original = open_parity_checkpoint("vit");
    for (const TensorEntry& tensor : original.tensors()) {
        ShapesOnlyFile file(original);
        file.tensors.erase(tensor.name);
        // Without one of its first tensors a block or layer does not count at all, and its others do not
        // belong.
        EXPECT_THAT(message_of(file), AllOf(HasSubstr("changed.safetensors"),
                                            AnyOf(HasSubstr("tensor '"), HasSubstr("neither"))));
    }
    ShapesOnlyFile file(original);
    file.tensors.erase("image_encoder.blocks.2.mlp.lin2.bias");
    EXPECT_THAT(message_of(file), HasSubstr("no tensor 'image_encoder.blocks.2.mlp.lin2.bias'"));
}

TEST(DescribeCheckpoint, NamesAMisshapenTensorWithBothShapes) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    file.tensors["mask_decoder.transformer.layers.1.self_attn.q_proj.weight"].shape = {64, 63};
    EXPECT_THAT(message_of(file),
                AllOf(HasSubstr("mask_decoder.transformer.layers.1.self_attn.q_proj.weight"),
                      HasSubstr("[64, 63]"), HasSubstr("[64, 64]")));
}

TEST(DescribeCheckpoint, NoticesAGridThatIsSmallerThanAnAttentionWindow) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    file.tensors["image_encoder.pos_embed"].shape = {1, 7, 7, 96};
    EXPECT_THAT(message_of(file), AllOf(HasSubstr("blocks.1.attn.rel_pos_h"), HasSubstr("pos_embed")));
}

// Two, because one head more can make another valid model.
TEST(DescribeCheckpoint, NoticesEveryTensorThatGrowsByTwoRows) {
    for (const char* model : {"vit", "tiny_vit"}) {
        const CheckpointFile original = open_parity_checkpoint(model);
        for (const TensorEntry& tensor : original.tensors()) {
            if (!is_used(tensor.name)) continue;
            ShapesOnlyFile file(original);
            file.tensors[tensor.name].shape[0] += 2;
            EXPECT_NE(message_of(file), "nothing was thrown") << model << ": " << tensor.name;
        }
    }
}

TEST(DescribeCheckpoint, NoticesTensorsOfAnotherRank) {
    const CheckpointFile original = open_parity_checkpoint("tiny_vit");
    for (const TensorEntry& tensor : original.tensors()) {
        if (!is_used(tensor.name)) continue;
        ShapesOnlyFile file(original);
        file.tensors[tensor.name].shape.push_back(1);
        EXPECT_NE(message_of(file), "nothing was thrown") << tensor.name;
    }
}

TEST(DescribeCheckpoint, NamesATensorThatDoesNotBelong) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    file.tensors["image_encoder.blocks.0.adapter.weight"] = {{3}, "F32"};
    EXPECT_THAT(message_of(file),
                AllOf(HasSubstr("image_encoder.blocks.0.adapter.weight"), HasSubstr("no part")));
}

TEST(DescribeCheckpoint, RefusesIntegerWeights) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    file.tensors["image_encoder.pos_embed"].type = "I64";
    EXPECT_THAT(message_of(file), AllOf(HasSubstr("image_encoder.pos_embed"), HasSubstr("integers")));
}

TEST(DescribeCheckpoint, RefusesFilesOfAnotherKind) {
    ShapesOnlyFile file(open_parity_checkpoint("vit"));
    file.tensors = {{"conv1.weight", {{64, 3, 7, 7}, "F32"}}};
    EXPECT_THAT(message_of(file), AllOf(HasSubstr("neither"), HasSubstr("sam_vit_b")));
}

TEST(DescribeCheckpoint, NeedsNeitherTheClassifierNorTheCountersOfATinyViT) {
    ShapesOnlyFile file(open_parity_checkpoint("tiny_vit"));
    const std::int64_t parameters = describe_checkpoint(file.file()).parameters;
    for (auto it = file.tensors.begin(); it != file.tensors.end();)
        it = is_used(it->first) ? std::next(it) : file.tensors.erase(it);
    EXPECT_EQ(describe_checkpoint(file.file()).parameters, parameters);
}

TEST(LoadSam, NamesADeviceThatIsNotThere) {
    const CheckpointFile file = open_parity_checkpoint("vit");
    for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "", "cuda:99"}) {
        try {
            load_sam(file, device);
            ADD_FAILURE() << device << " was accepted";
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr("cpu")) << device;
        }
    }
}

TEST(DefaultCheckpoint, IsACompleteModel) {
    const DefaultCheckpoint checkpoint = default_checkpoint();
    const CheckpointFile file = CheckpointFile::from_memory(checkpoint.data, checkpoint.size, "default");
    const auto model = load_sam(file);
    EXPECT_GT(model_info(*model).parameters, 100000);
    EXPECT_GT(checkpoint.pred_iou_thresh, 0);
    EXPECT_LT(checkpoint.stability_score_thresh, 1);
}

}  // namespace
}  // namespace landseam::sam
