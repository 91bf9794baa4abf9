// Weights files that are damaged, or made to do harm: each must end in an Error, and nothing else.
#include "sam/checkpoint_test_support.h"

#include <filesystem>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::error_of;
using test::one_tensor_pickle;
using test::PickleWriter;
using test::torch_file;
using test::two_floats;
using test::u8;
using test::ZipFaults;
using test::ZipWriter;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A file of one tensor over the storage "0" of two floats.
std::string error_of_tensor(std::int64_t count, std::int64_t offset, const std::vector<std::int64_t>& shape,
                            const std::vector<std::int64_t>& strides) {
    PickleWriter pickle;
    pickle.raw("}").text("weight").tensor("FloatStorage", "0", count, offset, shape, strides).raw("s");
    return error_of(torch_file(pickle.stop(), {two_floats()}));
}

TEST(HostileCheckpoint, IsNeverExecuted) {
    const std::string trace = ::testing::TempDir() + "executed_by_pickle";
    PickleWriter pickle;
    pickle.raw("}").text("weight").global("os", "system").text("touch " + trace).raw(u8(0x85) + "Rs");
    EXPECT_THAT(
        error_of(torch_file(pickle.stop(), {})),
        AllOf(HasSubstr("'weights.pth': loading it would run code: os.system; "), HasSubstr("torch.save(")));
    EXPECT_FALSE(std::filesystem::exists(trace));
}

TEST(HostileCheckpoint, CutAnywhereIsRefused) {
    for (const bool zip64 : {false, true}) {
        const std::string whole = torch_file(one_tensor_pickle(), {two_floats()}, zip64);
        ASSERT_EQ(error_of(whole), "");
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("'weights.pth': ")) << length;
    }
}

TEST(HostileCheckpoint, WithAnyByteChangedGivesAnErrorOrTheSameTensor) {
    const std::string whole = torch_file(one_tensor_pickle(), {two_floats()});
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x41);
        if (!error_of(changed).empty()) continue;
        EXPECT_THAT(test::values<float>(test::open_bytes(changed), "weight"),
                    ::testing::ElementsAre(1.5f, -2.0f))
            << at;
    }
}

TEST(HostileCheckpoint, OfRandomBytesIsRefused) {
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
        std::string bytes(random() % 300, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        if (i % 3 == 0) bytes = "PK\x03\x04" + bytes;
        EXPECT_THAT(error_of(bytes), HasSubstr("'weights.pth': ")) << i;
    }
}

TEST(HostileCheckpoint, ThatClaimsMoreElementsThanTheFileHoldsIsRefused) {
    for (const std::int64_t count : {std::int64_t{3}, std::int64_t{1} << 30, std::int64_t{1} << 62,
                                     std::numeric_limits<std::int64_t>::max()})
        EXPECT_THAT(error_of_tensor(count, 0, {count}, {1}), HasSubstr("but the file holds 8 bytes of them"))
            << count;
    EXPECT_THAT(error_of_tensor(-1, 0, {1}, {1}), HasSubstr("not described"));
}

TEST(HostileCheckpoint, WithTensorsBeyondTheirStorageIsRefused) {
    const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    const std::string beyond = "tensor 'weight' reaches beyond its storage";
    EXPECT_THAT(error_of_tensor(2, 0, {3}, {1}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(2, 1, {2}, {1}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(2, huge, {1}, {1}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(2, 0, {2}, {huge}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(2, 0, {2, 2}, {huge, huge}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(1, 0, {2}, {1}), HasSubstr(beyond));
    EXPECT_THAT(error_of_tensor(2, 2, {}, {}), HasSubstr(beyond));
}

TEST(HostileCheckpoint, WithImpossibleShapesIsRefused) {
    const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
    EXPECT_THAT(error_of_tensor(2, 0, {-1}, {1}), HasSubstr("negative size"));
    EXPECT_THAT(error_of_tensor(2, 1, {2}, {-1}), HasSubstr("negative stride"));
    EXPECT_THAT(error_of_tensor(2, -1, {2}, {1}), HasSubstr("not described"));
    EXPECT_THAT(error_of_tensor(2, 0, {2, 1}, {1}), HasSubstr("not as many strides"));
    EXPECT_THAT(error_of_tensor(2, 0, {huge, huge}, {0, 0}), HasSubstr("impossible size"));
    EXPECT_THAT(error_of_tensor(2, 0, {0, huge, huge}, {1, 1, 1}), HasSubstr("impossible size"));
    EXPECT_THAT(error_of_tensor(2, 0, std::vector<std::int64_t>(17, 1), std::vector<std::int64_t>(17, 1)),
                HasSubstr("too many dimensions"));
    EXPECT_THAT(error_of_tensor(2, 0, std::vector<std::int64_t>(5000, 1), {}),
                HasSubstr("shape that is none"));
}

TEST(HostileCheckpoint, ThatRepeatsFewBytesEndlesslyIsRefused) {
    EXPECT_THAT(error_of_tensor(2, 0, {1 << 30}, {0}), HasSubstr("repeat the same bytes"));
    // Many tensors, each of them small: 3,000 times 16 kB out of a file of a few hundred kB.
    PickleWriter pickle;
    pickle.raw("}(");
    for (int i = 0; i < 3000; ++i)
        pickle.text("w" + std::to_string(i)).tensor("FloatStorage", "0", 4096, 0, {4096}, {1});
    EXPECT_THAT(error_of(torch_file(pickle.raw("u").stop(), {std::string(16384, '\0')})),
                HasSubstr("repeat the same bytes"));
}

TEST(HostileCheckpoint, WithoutTheStorageItNamesIsRefused) {
    EXPECT_THAT(error_of(torch_file(one_tensor_pickle(), {})),
                HasSubstr("its values in the record 'archive/data/0', which is missing"));
}

TEST(HostileCheckpoint, WithUnsupportedElementsIsRefused) {
    const std::string pickle = PickleWriter()
                                   .raw("}")
                                   .text("weight")
                                   .tensor("ComplexFloatStorage", "0", 1, 0, {1}, {1})
                                   .raw("s")
                                   .stop();
    EXPECT_THAT(error_of(torch_file(pickle, {two_floats()})),
                HasSubstr("unsupported type (torch.ComplexFloatStorage)"));
}

TEST(HostileCheckpoint, WithBadNamesIsRefused) {
    const auto named = [](const std::vector<std::string>& names) {
        PickleWriter pickle;
        pickle.raw("}(");
        for (const std::string& name : names) pickle.text(name).tensor("FloatStorage", "0", 2, 0, {2}, {1});
        return error_of(torch_file(pickle.raw("u").stop(), {two_floats()}));
    };
    EXPECT_THAT(named({"a", "b", "a"}), HasSubstr("the tensor 'a' twice"));
    EXPECT_THAT(named({std::string("a\0b", 3)}), HasSubstr("contains NUL"));
    EXPECT_THAT(named({""}), HasSubstr("name is empty"));
    EXPECT_THAT(named({std::string(2000, 'a')}), HasSubstr("key is no name"));
}

TEST(HostileCheckpoint, WhoseDictionariesHoldThemselvesIsRefused) {
    const std::string pickle = PickleWriter().raw("}q" + u8(0)).text("model").raw("h" + u8(0) + "s").stop();
    EXPECT_THAT(error_of(torch_file(pickle, {})), HasSubstr("holds no dictionary of tensors, only 'model'"));
}

TEST(HostileCheckpoint, WithTenThousandWrappersOrExponentialOnesIsRefused) {
    PickleWriter deep;
    for (int i = 0; i < 10000; ++i) deep.raw("}").text("model");
    deep.raw("N" + std::string(10000, 's'));
    EXPECT_THAT(error_of(torch_file(deep.stop(), {})), HasSubstr("no dictionary of tensors"));

    // Each dictionary refers to the next one under every wrapper key there is.
    PickleWriter wide;
    wide.raw("}q" + u8(0));
    for (unsigned i = 1; i < 200; ++i) {
        wide.raw("}q" + u8(i) + "(");
        for (const char* key : {"model", "state_dict", "ema", "module", "net", "network"})
            wide.text(key).raw("h" + u8(i - 1));
        wide.raw("u");
    }
    EXPECT_THAT(error_of(torch_file(wide.stop(), {})), HasSubstr("no dictionary of tensors"));
}

TEST(HostileCheckpoint, WithAChangedStorageIsRefusedWhenItIsRead) {
    ZipFaults faults;
    faults.checksum_error = 1;
    const std::string bytes =
        ZipWriter().add("a/data.pkl", one_tensor_pickle()).add("a/data/0", two_floats(), faults).finish();
    EXPECT_NO_THROW(test::open_bytes(bytes));
    EXPECT_THAT(error_of(bytes), HasSubstr("'a/data/0' that does not match its checksum"));
}

TEST(HostileCheckpoint, ReadRefusesEntriesThatWereTamperedWith) {
    const std::string bytes = torch_file(one_tensor_pickle(), {two_floats()});
    const CheckpointFile file = test::open_bytes(bytes);
    TensorEntry entry = file.tensors()[0];
    entry.shape = {1000};
    EXPECT_THROW(file.read(entry), Error);
    entry.strides = {0};
    entry.shape = {std::int64_t{1} << 40};
    EXPECT_THROW(file.read(entry), Error);
    entry = file.tensors()[0];
    entry.storage_begin = bytes.size() - 4;
    EXPECT_THROW(file.read(entry), Error);
}

TEST(HostileCheckpoint, ThatIsSomethingElseSaysWhatItIs) {
    const std::string padding(100, ' ');
    EXPECT_THAT(error_of(""), HasSubstr("is empty"));
    EXPECT_THAT(error_of("\x80\x02\x8a\nl\xfc\x9c" + padding),
                AllOf(HasSubstr("PyTorch before 1.6"), HasSubstr("torch.save(torch.load(path), path)")));
    EXPECT_THAT(error_of("version https://git-lfs.github.com/spec/v1\n"), HasSubstr("git lfs pull"));
    EXPECT_THAT(error_of("<!DOCTYPE html>" + padding), HasSubstr("web page"));
    EXPECT_THAT(error_of("{\"metadata\": {}, \"weight_map\": {}}"), HasSubstr("several files"));
    EXPECT_THAT(error_of("\x1f\x8b" + padding), HasSubstr("gzip"));
    EXPECT_THAT(error_of(padding), HasSubstr("neither a PyTorch weights file nor safetensors"));
    EXPECT_THAT(error_of(ZipWriter().add("photos/1.jpg", "x").finish()), HasSubstr("no data.pkl"));
    EXPECT_THAT(error_of(ZipWriter().add("a/data.pkl", one_tensor_pickle()).add("b/data.pkl", "x").finish()),
                HasSubstr("several saved files"));
}

TEST(HostileCheckpoint, WithCompressedOrEncryptedRecordsIsRefused) {
    ZipFaults compressed, encrypted;
    compressed.method = 8;
    encrypted.flags = 1;
    for (const ZipFaults& faults : {compressed, encrypted}) {
        ZipWriter zip;
        zip.add("a/data.pkl", one_tensor_pickle()).add("a/data/0", two_floats(), faults);
        EXPECT_THAT(error_of(zip.finish()),
                    HasSubstr("compressed or encrypted record 'a/data/0'; save it again"));
    }
}

TEST(HostileCheckpoint, ThatIsATorchScriptArchiveSaysSo) {
    ZipFaults compressed;  // as PyTorch stores programs
    compressed.method = 8;
    for (const char* extra : {"a/constants.pkl", "a/code/__torch__.py"}) {
        ZipWriter zip;
        zip.add("a/data.pkl", one_tensor_pickle()).add(extra, "x", compressed);
        const std::string bytes = zip.finish();
        EXPECT_THAT(error_of(bytes), AllOf(HasSubstr("TorchScript"), HasSubstr("state_dict()")));
    }
}

TEST(HostileCheckpoint, OfABigEndianMachineIsRefused) {
    const auto with_order = [](const std::string& order) {
        return error_of(ZipWriter()
                            .add("a/data.pkl", one_tensor_pickle())
                            .add("a/byteorder", order)
                            .add("a/data/0", two_floats())
                            .finish());
    };
    EXPECT_EQ(with_order("little"), "");
    EXPECT_THAT(with_order("big"), HasSubstr("little-endian"));
}

TEST(HostileCheckpoint, WhoseRootIsNoDictionaryIsRefused) {
    EXPECT_THAT(error_of(torch_file("\x80\x02].", {})), HasSubstr("does not hold a dictionary of tensors"));
    EXPECT_THAT(error_of(torch_file("\x80\x02}.", {})), HasSubstr("holds no tensors"));
}

TEST(HostileCheckpoint, WithAPickleOfManyMegabytesIsRefusedUnread) {
    EXPECT_THAT(error_of(torch_file(std::string((16u << 20) + 1, ']'), {})),
                HasSubstr("more than any model needs"));
}

}  // namespace
}  // namespace landseam::sam
