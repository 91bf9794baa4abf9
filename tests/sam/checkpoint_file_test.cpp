#include "landseam/sam/checkpoint_file.h"

#include "sam/checkpoint_test_support.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace landseam::sam {
namespace {

using test::bytes_of;
using test::error_of;
using test::open_bytes;
using test::PickleWriter;
using test::torch_file;
using test::values;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A file in the test's temporary folder, gone afterwards.
class TemporaryFile {
public:
    TemporaryFile(const std::string& name, const std::string& bytes)
        : path_(::testing::TempDir() + std::to_string(getpid()) + "_" + name) {
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~TemporaryFile() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string numbered_floats(int count) {
    std::vector<float> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(static_cast<float>(i));
    return bytes_of(numbers);
}

TEST(CheckpointFile, ReadsAnOrderedDictOfTensorsInFileOrder) {
    PickleWriter pickle;
    pickle.ordered_dict().raw("(");
    pickle.text("b.weight").tensor("FloatStorage", "0", 6, 0, {2, 3}, {3, 1});
    pickle.text("a.bias").tensor("LongStorage", "1", 1, 0, {}, {});
    // As torch.save ends it: _metadata is set on the dictionary.
    pickle.raw("u}").text("_metadata").ordered_dict().raw("sb");
    const std::string bytes = torch_file(pickle.stop(), {numbered_floats(6), bytes_of<std::int64_t>({-7})});
    const CheckpointFile file = open_bytes(bytes);

    ASSERT_EQ(file.tensors().size(), 2u);
    EXPECT_EQ(file.tensors()[0].name, "b.weight");
    EXPECT_EQ(file.tensors()[0].dtype, DType::f32);
    EXPECT_THAT(file.tensors()[0].shape, ElementsAre(2, 3));
    EXPECT_EQ(file.tensors()[1].name, "a.bias");
    EXPECT_TRUE(file.tensors()[1].shape.empty());
    EXPECT_THAT(values<float>(file, "b.weight"), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(values<std::int64_t>(file, "a.bias"), ElementsAre(-7));
    EXPECT_EQ(file.find("a"), nullptr);
    EXPECT_EQ(file.name(), "weights.pth");
    EXPECT_TRUE(file.metadata().empty());
}

TEST(CheckpointFile, ReadsArchivesWithSixtyFourBitDirectories) {
    const std::string bytes = torch_file(test::one_tensor_pickle(), {test::two_floats()}, true);
    EXPECT_THAT(values<float>(open_bytes(bytes), "weight"), ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, GathersTransposedSlicedAndExpandedViewsOfOneStorage) {
    PickleWriter pickle;
    pickle.raw("}(");
    pickle.text("whole").tensor("FloatStorage", "0", 12, 0, {3, 4}, {4, 1}, "cuda:0");
    pickle.text("transposed").tensor("FloatStorage", "0", 12, 0, {4, 3}, {1, 4}, "cuda:0");
    pickle.text("second_row").tensor("FloatStorage", "0", 12, 4, {4}, {1}, "cuda:0");
    pickle.text("odd_columns").tensor("FloatStorage", "0", 12, 1, {3, 2}, {4, 2}, "cuda:0");
    pickle.text("expanded").tensor("FloatStorage", "0", 12, 11, {2, 2}, {0, 0}, "cuda:0");
    pickle.text("single").tensor("FloatStorage", "0", 12, 5, {1, 1}, {99, 7}, "cuda:0");
    pickle.text("empty").tensor("FloatStorage", "0", 12, 0, {0, 4}, {4, 1}, "cuda:0");
    const std::string bytes = torch_file(pickle.raw("u").stop(), {numbered_floats(12)});
    const CheckpointFile file = open_bytes(bytes);

    EXPECT_THAT(values<float>(file, "whole"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    EXPECT_THAT(values<float>(file, "transposed"), ElementsAre(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    EXPECT_THAT(values<float>(file, "second_row"), ElementsAre(4, 5, 6, 7));
    EXPECT_THAT(values<float>(file, "odd_columns"), ElementsAre(1, 3, 5, 7, 9, 11));
    EXPECT_THAT(values<float>(file, "expanded"), ElementsAre(11, 11, 11, 11));
    EXPECT_THAT(values<float>(file, "single"), ElementsAre(5));
    ASSERT_NE(file.find("empty"), nullptr);
    EXPECT_THAT(file.find("empty")->shape, ElementsAre(0, 4));
    EXPECT_TRUE(file.read(*file.find("empty")).empty());
}

TEST(CheckpointFile, KnowsEveryElementType) {
    const std::vector<std::pair<std::string, DType>> types = {
        {"FloatStorage", DType::f32},   {"HalfStorage", DType::f16}, {"BFloat16Storage", DType::bf16},
        {"DoubleStorage", DType::f64},  {"ByteStorage", DType::u8},  {"CharStorage", DType::i8},
        {"ShortStorage", DType::i16},   {"IntStorage", DType::i32},  {"LongStorage", DType::i64},
        {"BoolStorage", DType::boolean}};
    const std::vector<std::size_t> sizes = {4, 2, 2, 8, 1, 1, 2, 4, 8, 1};
    const std::string data("\x01\x00\x01\x01\x00\x01\x00\x00\x01\x01\x01\x01\x00\x00\x01\x01", 16);
    PickleWriter pickle;
    pickle.raw("}(");
    for (std::size_t i = 0; i < types.size(); ++i) {
        const auto count = static_cast<std::int64_t>(16 / sizes[i]);
        pickle.text(types[i].first).tensor(types[i].first, "0", count, 0, {count}, {1});
    }
    const std::string bytes = torch_file(pickle.raw("u").stop(), {data});
    const CheckpointFile file = open_bytes(bytes);
    for (std::size_t i = 0; i < types.size(); ++i) {
        const TensorEntry* entry = file.find(types[i].first);
        ASSERT_NE(entry, nullptr) << types[i].first;
        EXPECT_EQ(entry->dtype, types[i].second) << types[i].first;
        EXPECT_EQ(element_size(entry->dtype), sizes[i]) << types[i].first;
        EXPECT_EQ(entry->byte_count(), 16u);
        const std::vector<std::byte> read = file.read(*entry);
        ASSERT_EQ(read.size(), 16u);
        EXPECT_EQ(std::memcmp(read.data(), data.data(), 16), 0) << types[i].first;
    }
}

TEST(CheckpointFile, MakesEveryNonZeroBooleanOne) {
    const std::string pickle =
        PickleWriter().raw("}").text("flags").tensor("BoolStorage", "0", 3, 0, {3}, {1}).raw("s").stop();
    const std::string bytes = torch_file(pickle, {std::string("\x00\x02\xff", 3)});
    EXPECT_THAT(values<std::uint8_t>(open_bytes(bytes), "flags"), ElementsAre(0, 1, 1));
}

TEST(CheckpointFile, TakesParametersForTensors) {
    PickleWriter pickle;
    pickle.raw("}").text("weight").global("torch._utils", "_rebuild_parameter").raw("(");
    pickle.tensor("FloatStorage", "0", 2, 0, {2}, {1}).raw(test::u8(0x88)).ordered_dict().raw("tRs");
    const std::string bytes = torch_file(pickle.stop(), {test::two_floats()});
    EXPECT_THAT(values<float>(open_bytes(bytes), "weight"), ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, DescendsToTheModelAndLeavesOutWhatLiesBesideIt) {
    PickleWriter pickle;
    pickle.raw("}(");
    pickle.text("ema").raw("}").text("weight").tensor("FloatStorage", "1", 1, 0, {1}, {1}).raw("s");
    pickle.text("epoch").integer(3);
    pickle.text("best").raw("G" + std::string(8, '\0'));
    pickle.text("args").global("argparse", "Namespace").raw(")\x81}").text("lr").raw("Nsb");
    pickle.text("seed").raw("\x8a\x09" + std::string(9, '\x11'));
    pickle.text("optimizer")
        .raw("}")
        .text("state")
        .tensor("ComplexFloatStorage", "9", 1, 0, {1}, {1})
        .raw("s");
    pickle.text("model").raw("}").text("state_dict").raw("}(");
    pickle.text("weight").tensor("FloatStorage", "0", 2, 0, {2}, {1}).text("version").integer(1).raw("us");
    const std::string bytes = torch_file(pickle.raw("u").stop(), {test::two_floats(), test::two_floats()});
    const CheckpointFile file = open_bytes(bytes);
    ASSERT_EQ(file.tensors().size(), 1u);
    EXPECT_THAT(values<float>(file, "weight"), ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, TakesTheOnlyDictionaryOfTensorsUnderAnUnknownKey) {
    PickleWriter pickle;
    pickle.raw("}(").text("step").integer(300).text("generator").raw("}");
    pickle.text("weight").tensor("FloatStorage", "0", 2, 0, {2}, {1}).raw("su");
    EXPECT_THAT(values<float>(open_bytes(torch_file(pickle.stop(), {test::two_floats()})), "weight"),
                ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, AsksWhenSeveralDictionariesCouldBeTheModel) {
    PickleWriter pickle;
    pickle.raw("}(");
    for (const char* name : {"student", "teacher"})
        pickle.text(name).raw("}").text("weight").tensor("FloatStorage", "0", 2, 0, {2}, {1}).raw("s");
    const std::string message = error_of(torch_file(pickle.raw("u").stop(), {test::two_floats()}));
    EXPECT_THAT(message, HasSubstr("several dictionaries of tensors among 'student' 'teacher'"));
}

TEST(CheckpointFile, TakesOffPrefixesThatAllKeysShare) {
    PickleWriter pickle;
    pickle.raw("}(");
    for (const char* name : {"module._orig_mod.a", "module._orig_mod.b"})
        pickle.text(name).tensor("FloatStorage", "0", 2, 0, {2}, {1});
    const std::string bytes = torch_file(pickle.raw("u").stop(), {test::two_floats()});
    const CheckpointFile file = open_bytes(bytes);
    EXPECT_EQ(file.tensors()[0].name, "a");
    EXPECT_NE(file.find("b"), nullptr);
}

TEST(CheckpointFile, KeepsPrefixesThatOnlySomeKeysHave) {
    PickleWriter pickle;
    pickle.raw("}(");
    for (const char* name : {"module.a", "modules"})
        pickle.text(name).tensor("FloatStorage", "0", 2, 0, {2}, {1});
    const std::string bytes = torch_file(pickle.raw("u").stop(), {test::two_floats()});
    EXPECT_NE(open_bytes(bytes).find("module.a"), nullptr);
}

TEST(CheckpointFile, DecidesByContentAndNotByName) {
    const TemporaryFile torch("really_torch.safetensors",
                              torch_file(test::one_tensor_pickle(), {test::two_floats()}));
    EXPECT_THAT(values<float>(CheckpointFile::open(torch.path()), "weight"), ElementsAre(1.5f, -2.0f));
    const TemporaryFile safetensors(
        "really_safetensors.pth",
        test::safetensors_file(R"({"weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                               test::two_floats()));
    EXPECT_THAT(values<float>(CheckpointFile::open(safetensors.path()), "weight"), ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, ReadsFromSeveralThreadsAtOnce) {
    const TemporaryFile stored("threads.pth", torch_file(test::one_tensor_pickle(), {test::two_floats()}));
    const CheckpointFile file = CheckpointFile::open(stored.path());
    std::vector<std::vector<float>> read(4);
    std::vector<std::thread> threads;
    for (auto& result : read)
        threads.emplace_back([&, copy = file] { result = values<float>(copy, "weight"); });
    for (std::thread& thread : threads) thread.join();
    for (const auto& result : read) EXPECT_THAT(result, ElementsAre(1.5f, -2.0f));
}

TEST(CheckpointFile, SaysWhichFileCannotBeOpenedAndWhy) {
    const auto message = [](const std::string& path) -> std::string {
        try {
            CheckpointFile::open(path);
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    EXPECT_THAT(message("/nowhere/weights.pth"), HasSubstr("'/nowhere/weights.pth': cannot be opened"));
    EXPECT_THAT(message(::testing::TempDir()), HasSubstr("is a folder"));
    EXPECT_THAT(message("/dev/null"), HasSubstr("is not a regular file"));
    const TemporaryFile shard("model-00001-of-00003.safetensors", "");
    EXPECT_THAT(message(shard.path()), HasSubstr("one of several files"));
    const TemporaryFile only("model-00001-of-00001.safetensors", "");
    EXPECT_THAT(message(only.path()), HasSubstr("is empty"));
}

TEST(CheckpointFile, NoticesThatTheFileBecameShorterAfterItWasOpened) {
    const TemporaryFile stored("shrinking.pth", torch_file(test::one_tensor_pickle(), {test::two_floats()}));
    const CheckpointFile file = CheckpointFile::open(stored.path());
    std::filesystem::resize_file(stored.path(), 20);
    EXPECT_THROW(file.read(file.tensors()[0]), Error);
}

struct ParityFile {
    const char* folder;
    std::size_t tensors;
    const char* key;
    std::vector<std::int64_t> shape;
    double sum;  // of the values, as Python computes it from torch.load
};

class ParityWeights : public ::testing::TestWithParam<ParityFile> {};

TEST_P(ParityWeights, HaveTheTensorsThatPyTorchReads) {
    const ParityFile& expected = GetParam();
    const std::string path = std::string(LANDSEAM_TEST_DATA) + "/parity/" + expected.folder + "/weights.pth";
    const CheckpointFile file = CheckpointFile::open(path);
    EXPECT_EQ(file.tensors().size(), expected.tensors);
    const TensorEntry* entry = file.find(expected.key);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->dtype, DType::f32);
    EXPECT_EQ(entry->shape, expected.shape);
    double sum = 0;
    for (const float value : values<float>(file, expected.key)) sum += value;
    EXPECT_NEAR(sum, expected.sum, 1e-9 * std::abs(expected.sum));
    for (const TensorEntry& each : file.tensors())
        EXPECT_EQ(file.read(each).size(), each.byte_count()) << each.name;
}

INSTANTIATE_TEST_SUITE_P(
    Checkpoints, ParityWeights,
    ::testing::Values(ParityFile{"vit", 202, "image_encoder.pos_embed", {1, 16, 16, 96}, -37.33989923971967},
                      ParityFile{"tiny_vit",
                                 307,
                                 "image_encoder.layers.3.blocks.0.attn.qkv.weight",
                                 {960, 320},
                                 -5.987355186413424}),
    [](const auto& tested) { return std::string(tested.param.folder); });

}  // namespace
}  // namespace landseam::sam
