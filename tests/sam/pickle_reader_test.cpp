#include "sam/pickle_reader.h"

#include "landseam/core/error.h"

#include "sam/checkpoint_writer.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::sam {
namespace {

using test::PickleWriter;
using test::u8;
using ::testing::HasSubstr;

Pickle parse(const std::string& bytes) {
    return Pickle::parse(std::vector<unsigned char>(bytes.begin(), bytes.end()), "w.pth");
}

std::string error_of(const std::string& bytes) {
    try {
        parse(bytes);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(PickleReader, ReadsIntegersOfEveryWidth) {
    const std::vector<std::pair<std::string, std::int64_t>> encodings = {
        {"K\xff", 255},
        {"M\xff\xff", 65535},
        {"J\xff\xff\xff\xff", -1},
        {std::string("\x8a\x00", 2), 0},
        {"\x8a\x01\x80", -128},
        {u8(0x8a) + u8(8) + little_endian(std::numeric_limits<std::int64_t>::min()),
         std::numeric_limits<std::int64_t>::min()},
        {u8(0x8b) + little_endian<std::uint32_t>(2) + std::string("\xff\x00", 2), 255},
    };
    for (const auto& [bytes, value] : encodings) {
        const PickleValue root = parse("\x80\x02" + bytes + ".").root();
        EXPECT_EQ(root.kind, PickleKind::integer);
        EXPECT_EQ(root.number, value);
    }
}

TEST(PickleReader, ReadsNestedContainersAndTexts) {
    // {"a": [(), (None,), (True, "b")]}, with the newer text opcode and a frame.
    const std::string bytes = "\x80\x04\x95" + std::string(8, '\0') + "}\x8c\x01" + "a](" + ")N\x85\x88X" +
                              little_endian<std::uint32_t>(1) + "b\x86" + "es.";
    const Pickle pickle = parse(bytes);
    const auto& dict = pickle.items(pickle.root());
    ASSERT_EQ(dict.size(), 2u);
    EXPECT_EQ(pickle.text(dict[0]), "a");
    const auto& list = pickle.items(dict[1]);
    ASSERT_EQ(list.size(), 3u);
    EXPECT_TRUE(pickle.items(list[0]).empty());
    EXPECT_EQ(pickle.items(list[1])[0].kind, PickleKind::none);
    EXPECT_EQ(pickle.items(list[2])[0].kind, PickleKind::boolean);
    EXPECT_EQ(pickle.text(pickle.items(list[2])[1]), "b");
}

TEST(PickleReader, RecallsWhatItMemorized) {
    // A list memorized before it is filled, holding -1 twice: (list, list).
    const std::string bytes =
        "\x80\x02]q" + u8(0) + "J\xff\xff\xff\xffq" + u8(1) + "ah" + u8(1) + "ah" + u8(0) + "\x86.";
    const Pickle pickle = parse(bytes);
    const auto& pair = pickle.items(pickle.root());
    ASSERT_EQ(pair.size(), 2u);
    EXPECT_EQ(pair[0].number, pair[1].number);
    ASSERT_EQ(pickle.items(pair[0]).size(), 2u);
    EXPECT_EQ(pickle.items(pair[0])[1].number, -1);
}

TEST(PickleReader, RefusesEveryUnknownNameAndSaysWhichItIs) {
    for (const auto& [module, name] :
         std::vector<std::pair<std::string, std::string>>{{"os", "system"},
                                                          {"posix", "system"},
                                                          {"builtins", "eval"},
                                                          {"torch", "load"},
                                                          {"torch._utils", "x"},
                                                          {"torch.nn", "FloatStorage"},
                                                          {"torch", "os.Storage"}}) {
        const std::string refusal = "'w.pth': loading it would run code: " + module + "." + name + "; ";
        EXPECT_THAT(error_of(PickleWriter().global(module, name).text("true").raw(u8(0x85) + "R").stop()),
                    HasSubstr(refusal));
        EXPECT_THAT(error_of(PickleWriter().text(module).text(name).raw(u8(0x93)).stop()),
                    HasSubstr(refusal));
        EXPECT_THAT(error_of(PickleWriter().raw("(i" + module + "\n" + name + "\n").stop()),
                    HasSubstr(refusal));
    }
    EXPECT_THAT(error_of(PickleWriter().raw("\x82\x01").stop()), HasSubstr("would run code: opcode 0x82"));
}

TEST(PickleReader, ShowsControlCharactersInNamesAsQuestionMarks) {
    EXPECT_THAT(error_of(PickleWriter().global("os\x1b[2J", "system").stop()),
                HasSubstr("code: os?[2J.system;"));
}

TEST(PickleReader, RefusesToCallStorageClasses) {
    EXPECT_THAT(error_of(PickleWriter().global("torch", "FloatStorage").raw(")R").stop()),
                HasSubstr("would run code: torch.FloatStorage"));
}

TEST(PickleReader, PassesOverHarmlessObjects) {
    // {"args": Namespace(a=1), "milestones": Counter({3: 1})}
    PickleWriter pickle;
    pickle.raw("}(")
        .text("args")
        .global("argparse", "Namespace")
        .raw(")\x81}")
        .text("a")
        .integer(1)
        .raw("sb");
    pickle.text("milestones")
        .global("collections", "Counter")
        .raw("}")
        .integer(3)
        .integer(1)
        .raw("s\x85R")
        .raw("u");
    const Pickle parsed = parse(pickle.stop());
    ASSERT_EQ(parsed.items(parsed.root()).size(), 4u);
    EXPECT_EQ(parsed.items(parsed.root())[1].kind, PickleKind::opaque);
    EXPECT_EQ(parsed.items(parsed.root())[3].kind, PickleKind::opaque);
}

TEST(PickleReader, RefusesMalformedStreams) {
    const std::vector<std::pair<std::string, std::string>> streams = {
        {"", "ends too early"},
        {".", "value is missing"},
        {"a.", "value is missing"},
        {"R.", "value is missing"},
        {"N(e.", "items are added"},
        {"(e.", "value is missing"},
        {"](\x85.", "value is missing"},
        {"t.", "mark is missing"},
        {"NNa.", "items are added"},
        {"](NNu.", "items are added"},
        {"}(Nu.", "key without value"},
        {"h" + u8(0), "empty memo slot"},
        {"Nq" + u8(3) + "h" + u8(2) + ".", "empty memo slot"},
        {"Nr\xff\xff\xff\xff.", "memo slot out of range"},
        {"X\xff\xff\xff\xffshort.", "ends too early"},
        {u8(0x8d) + std::string(8, '\xff') + ".", "0x8d is not known"},
        {"\x8b\xff\xff\xff\x7f.", "ends too early"},
        {"N)R.", "no function"},
        {"NQ.", "storage without description"},
        {"NNb.", "attributes of a plain value"},
        {"ccollections\nOrderedDict", "ends too early"},
        {"ccollections\nOrderedDict\nNR.", "call without arguments"},
        {"ctorch._utils\n_rebuild_parameter\nN\x85R.", "parameter without tensor"},
        {"\xee.", "opcode 0xee is not known"},
    };
    for (const auto& [bytes, cause] : streams) EXPECT_THAT(error_of(bytes), HasSubstr(cause)) << bytes;
}

TEST(PickleReader, RefusesAStreamCutAnywhere) {
    const std::string whole = PickleWriter()
                                  .raw("}")
                                  .text("weight")
                                  .tensor("FloatStorage", "0", 1 << 20, 3, {2, 300}, {70000, -1})
                                  .raw("s")
                                  .stop();
    EXPECT_EQ(error_of(whole), "");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("w.pth")) << length;
}

TEST(PickleReader, TakesAMillionNestedListsWithoutRecursion) {
    const std::size_t depth = Pickle::most_containers;
    EXPECT_EQ(error_of(std::string(depth, ']') + std::string(depth - 1, 'a') + "."), "");
    EXPECT_THAT(error_of(std::string(depth + 1, ']') + "."), HasSubstr("too many values"));
}

TEST(PickleReader, KeepsRepeatedReferencesSmall) {
    // l1 = [l0, l0], l2 = [l1, l1], ...: 2^200 items if followed.
    std::string bytes = "]q" + u8(0);
    for (unsigned i = 1; i <= 200; ++i) bytes += "]q" + u8(i) + "(h" + u8(i - 1) + "h" + u8(i - 1) + "e";
    const Pickle pickle = parse(bytes + ".");
    EXPECT_EQ(pickle.container_count(), 201u);
}

TEST(PickleReader, TakesAListThatHoldsItself) {
    const Pickle pickle = parse("]q" + u8(0) + "h" + u8(0) + "a.");
    EXPECT_EQ(pickle.items(pickle.root())[0].number, pickle.root().number);
}

}  // namespace
}  // namespace landseam::sam
