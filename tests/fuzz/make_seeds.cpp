// Writes the seeds: make_seeds FOLDER. Those whose names begin with "good" are files that must be read.
#include "sam/checkpoint_writer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

using landseam::sam::test::bytes_of;
using landseam::sam::test::PickleWriter;
using landseam::sam::test::safetensors_file;
using landseam::sam::test::torch_file;
using landseam::sam::test::u8;
using landseam::sam::test::ZipWriter;

namespace {

std::filesystem::path folder;

void save(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
}

// Views of one storage, a parameter, and _metadata, as torch.save writes them.
std::string state_dict() {
    PickleWriter pickle;
    pickle.ordered_dict().raw("q" + u8(0) + "(");
    pickle.text("module.a").tensor("FloatStorage", "0", 16, 4, {2, 3}, {1, 4}, "cuda:0");
    pickle.text("module.b").tensor("HalfStorage", "1", 8, 0, {8}, {1});
    pickle.text("module.c").global("torch._utils", "_rebuild_parameter").raw("(");
    pickle.tensor("LongStorage", "1", 8, 0, {}, {}).raw("\x88").ordered_dict().raw("tR");
    return pickle.raw("u}").text("_metadata").ordered_dict().raw("sb").stop();
}

// A model beside what training leaves: numbers, None, a namespace, a NumPy scalar, lists with memo.
std::string training_state() {
    PickleWriter pickle;
    pickle.raw("}(");
    pickle.text("epoch").integer(300).text("best").raw("G" + std::string(8, '\x3f'));
    pickle.text("args").global("argparse", "Namespace").raw(")\x81}").text("lr").raw("Nsb");
    pickle.text("losses")
        .raw("]q" + u8(1) + "(")
        .integer(-1)
        .raw("h" + u8(1) + "\x89" + "er" + std::string("\2\0\0\0", 4));
    pickle.text("seed").raw("\x8a\x09" + std::string(9, '\x11'));
    pickle.text("score").global("numpy.core.multiarray", "scalar").raw("N\x85R");
    pickle.text("model").raw("}").text("w").tensor("BoolStorage", "0", 5, 1, {2, 2}, {2, 1}).raw("s");
    return pickle.raw("u").stop();
}

std::string newer_protocol() {
    const std::string frame = u8(0x95) + std::string(8, '\0');
    std::string bytes =
        "\x80\x04" + frame + "}\x94\x8c\x01w" + "\x8c\x0ctorch._utils\x8c\x12_rebuild_tensor_v2\x93((";
    bytes +=
        "\x8c\x07storage\x8c\x05torch\x94\x8c\x0b"
        "ByteStorage\x93\x8c\x01"
        "0\x8c\x03"
        "cpuK\x04tQ";
    return bytes + "K" + u8(0) + "K\x04\x85K\x01\x85\x89}tRs.";
}

const char* const header = R"({"__metadata__":{"format":"pt\u00e9\ud83d\ude00"},)"
                           R"("model.a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                           R"( "model.b" : {"data_offsets":[24,32],"shape":[],"dtype":"I64"},)"
                           R"( "model.c":{"dtype":"BOOL","shape":[0,1],"data_offsets":[32,32]}} )";

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: make_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    save("pickle/good_state_dict", state_dict());
    save("pickle/good_training_state", training_state());
    save("pickle/good_newer_protocol", newer_protocol());
    save("pickle/bad_code", PickleWriter().global("os", "system").text("true").raw("\x85R").stop());
    save("safetensors/good", header);
    save("safetensors/bad_nesting", R"({"a":{"shape":[[[[)");

    const std::vector<std::string> storages = {std::string(64, '\x01'), std::string(64, '\x02')};
    save("file/good_zip", torch_file(state_dict(), storages));
    save("file/good_zip64", torch_file(training_state(), storages, true));
    save("file/good_safetensors", safetensors_file(header, std::string(64, '\x03')));
    save("file/bad_torchscript",
         ZipWriter().add("a/data.pkl", state_dict()).add("a/code/x.py", "pass").finish());
    save("file/bad_legacy", state_dict());
    ZipWriter newer;  // with the records of PyTorch 2
    newer.add("a/data.pkl", state_dict()).add("a/byteorder", "little").add("a/.format_version", "1");
    save("file/good_byteorder", newer.add("a/data/0", storages[0]).add("a/data/1", storages[1]).finish());
    return 0;
}
