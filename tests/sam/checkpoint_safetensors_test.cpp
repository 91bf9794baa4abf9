#include "sam/checkpoint_test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::bytes_of;
using test::error_of;
using test::open_bytes;
using test::safetensors_file;
using test::values;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string eight_bytes = bytes_of<float>({1.5f, -2.0f});

std::string error_of_header(const std::string& header) {
    return error_of(safetensors_file(header, eight_bytes));
}

std::string error_of_entry(const std::string& entry) {
    return error_of_header(R"({"w":)" + entry + "}");
}

TEST(Safetensors, AreReadInTheOrderOfTheHeaderWithTheirMetadata) {
    const std::string header =
        R"({"__metadata__":{"format":"pt","note":"a \"b\" \u00e9\ud83d\ude00\n"},)"
        R"("z.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
        R"( "a.half" : { "shape" : [ 3 ] , "data_offsets" : [ 8 , 14 ] , "dtype" : "BF16" } ,)"
        R"("none":{"dtype":"I64","shape":[0,5],"data_offsets":[14,14]},)"
        R"("scalar":{"dtype":"U8","shape":[],"data_offsets":[14,15]}}   )";
    const std::string data = eight_bytes + bytes_of<std::uint16_t>({1, 2, 0x3f80}) + "\x07";
    const std::string bytes = safetensors_file(header, data);
    const CheckpointFile file = open_bytes(bytes);

    ASSERT_EQ(file.tensors().size(), 4u);
    EXPECT_EQ(file.tensors()[0].name, "z.weight");
    EXPECT_THAT(file.tensors()[0].shape, ElementsAre(1, 2));
    EXPECT_EQ(file.tensors()[1].dtype, DType::bf16);
    EXPECT_THAT(values<float>(file, "z.weight"), ElementsAre(1.5f, -2.0f));
    EXPECT_THAT(values<std::uint16_t>(file, "a.half"), ElementsAre(1, 2, 0x3f80));
    EXPECT_THAT(values<std::uint8_t>(file, "scalar"), ElementsAre(7));
    EXPECT_TRUE(values<std::int64_t>(file, "none").empty());
    EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt"), Pair("note", "a \"b\" é😀\n")));
}

TEST(Safetensors, KnowEveryElementType) {
    for (const auto& [name, dtype] : std::vector<std::pair<std::string, DType>>{{"F32", DType::f32},
                                                                                {"F16", DType::f16},
                                                                                {"BF16", DType::bf16},
                                                                                {"F64", DType::f64},
                                                                                {"U8", DType::u8},
                                                                                {"I8", DType::i8},
                                                                                {"I16", DType::i16},
                                                                                {"I32", DType::i32},
                                                                                {"I64", DType::i64},
                                                                                {"BOOL", DType::boolean}}) {
        const std::string count = std::to_string(8 / element_size(dtype));
        const std::string bytes = safetensors_file(
            R"({"w":{"dtype":")" + name + R"(","shape":[)" + count + R"(],"data_offsets":[0,8]}})",
            eight_bytes);
        EXPECT_EQ(open_bytes(bytes).tensors()[0].dtype, dtype) << name;
    }
    EXPECT_THAT(error_of_entry(R"({"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]})"),
                HasSubstr("unsupported type (F8_E4M3)"));
}

TEST(Safetensors, CutAnywhereAreRefused) {
    const std::string whole =
        safetensors_file(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", eight_bytes);
    ASSERT_EQ(error_of(whole), "");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("'weights.pth': ")) << length;
}

TEST(Safetensors, WithClaimsBeyondTheFileAreRefused) {
    for (const char* offsets :
         {"[0,9]", "[8,16]", "[0,4294967296]", "[9223372036854775800,9223372036854775807]", "[8,0]"})
        EXPECT_THAT(
            error_of_entry(std::string(R"({"dtype":"F32","shape":[2],"data_offsets":)") + offsets + "}"),
            HasSubstr("but the file holds 8"))
            << offsets;
    EXPECT_THAT(error_of(little_endian<std::uint64_t>(90'000'000) + "{}" + eight_bytes),
                HasSubstr("cut short"));
    EXPECT_THAT(error_of(little_endian<std::uint64_t>(~std::uint64_t{0}) + "{}" + eight_bytes),
                HasSubstr("neither"));
    EXPECT_THAT(error_of(little_endian<std::uint64_t>(17 << 20) + "{" + std::string(17 << 20, ' ')),
                HasSubstr("safetensors header of 17825792 bytes"));
}

TEST(Safetensors, WhoseShapesDoNotFitTheirBytesAreRefused) {
    for (const char* shape : {"[1]", "[3]", "[]", "[0]", "[4294967296,4294967296]", "[4611686018427387904,4]",
                              "[9223372036854775807]", "[2,0,9223372036854775807,9223372036854775807]"})
        EXPECT_THAT(
            error_of_entry(std::string(R"({"dtype":"F32","data_offsets":[0,8],"shape":)") + shape + "}"),
            HasSubstr("does not fit its type and shape"))
            << shape;
}

TEST(Safetensors, WhoseTensorsShareBytesAreRefused) {
    EXPECT_THAT(error_of_header(R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},)"
                                R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})"),
                HasSubstr("overlap"));
}

TEST(Safetensors, WithAKeyTwiceAreRefused) {
    EXPECT_THAT(error_of_header(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
                                R"("a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})"),
                HasSubstr("'a' twice"));
    EXPECT_THAT(error_of_entry(R"({"dtype":"U8","dtype":"U8","shape":[8],"data_offsets":[0,8]})"),
                HasSubstr("second or unknown member 'dtype'"));
    EXPECT_THAT(error_of_header(R"({"__metadata__":{"a":"1","a":"2"}})"), HasSubstr("metadata key twice"));
    EXPECT_THAT(error_of_header(R"({"__metadata__":{},"__metadata__":{}})"), HasSubstr("__metadata__ twice"));
}

TEST(Safetensors, WithoutTensorsAreRefused) {
    EXPECT_THAT(error_of_header("{}"), HasSubstr("holds no tensors"));
    EXPECT_THAT(error_of_header(R"({"__metadata__":{"a":"b"}})"), HasSubstr("holds no tensors"));
}

TEST(Safetensors, WithMalformedHeadersAreRefused) {
    const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
    ASSERT_EQ(error_of_entry(good), "");
    for (const std::string& entry : std::vector<std::string>{
             "1",
             "null",
             "[]",
             "{}",
             "\"x\"",
             R"({"dtype":"F32","shape":[2]})",
             R"({"dtype":"F32","shape":[2],"data_offsets":[0]})",
             R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})",
             R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[02],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[2,],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[[2]],"data_offsets":[0,8]})",
             R"({"dtype":4,"shape":[2],"data_offsets":[0,8]})",
             R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1})",
             good + "," + good,
             good + " x",
             good + R"(,"b\x":)" + good,
             good + R"(,"b\ud83d":)" + good,
             good + R"(,"b\u12g4":)" + good,
             good + ",\"b\n\":" + good,
             good + ","})
        EXPECT_THAT(error_of_entry(entry), HasSubstr("header cannot be read")) << entry;
    EXPECT_THAT(error_of_header("{" + std::string(100000, '[')), HasSubstr("header cannot be read"));
    EXPECT_THAT(error_of_header(R"({"w":)" + std::string(100000, '{')), HasSubstr("header cannot be read"));
}

TEST(Safetensors, ShowControlCharactersInNamesAsQuestionMarks) {
    EXPECT_THAT(error_of_header(R"({"\u001b[2J":{"dtype":"F32","shape":[9],"data_offsets":[0,8]}})"),
                HasSubstr("tensor '?[2J' has"));
}

}  // namespace
}  // namespace landseam::sam
