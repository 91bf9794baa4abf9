#include "landseam/bands/preset.h"

#include "landseam/bands/channel_plan.h"
#include "landseam/core/error.h"

#include "bands/make_bands.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::bands {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const char* const kSmallPreset = R"(name = "mine"
[composites]
true-color = ["r", "g", "b"]
[[bands]]
key = "r"
[[bands]]
key = "g"
[[bands]]
key = "b"
)";

std::string parse_error(const std::string& text) {
    return error_text([&] { parse_preset(text, "mine.toml"); });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

class ShippedPreset : public testing::TestWithParam<std::string> {};

std::string preset_test_name(const testing::TestParamInfo<std::string>& info) {
    return info.param;
}

INSTANTIATE_TEST_SUITE_P(Each, ShippedPreset, testing::ValuesIn(preset_names()), preset_test_name);

TEST(PresetNames, CoverTheSensorsThatArePromised) {
    const auto names = preset_names();
    EXPECT_THAT(names, testing::IsSupersetOf({"rgb", "naip", "sentinel1", "sentinel2", "landsat57",
                                              "landsat89", "worldview2", "worldview3", "pleiades",
                                              "planetscope4", "planetscope8", "gaofen2"}));
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

TEST_P(ShippedPreset, IsCalledByItsFileName) {
    const Preset preset = load_preset(GetParam());
    EXPECT_EQ(preset.name, GetParam());
    EXPECT_FALSE(preset.title.empty());
}

TEST_P(ShippedPreset, HasWavelengthsInTheRangesOfTheirCommonNames) {
    // Ranges of the common names of the STAC "eo" extension, widened where sensors of the list exceed them.
    const std::map<std::string, std::pair<double, double>> ranges{
        {"coastal", {400, 450}},    {"blue", {450, 530}},       {"green05", {510, 560}},
        {"green", {510, 600}},      {"yellow", {600, 625}},     {"red", {620, 690}},
        {"rededge", {690, 750}},    {"rededge071", {690, 720}}, {"rededge075", {720, 760}},
        {"rededge078", {760, 800}}, {"nir", {780, 900}},        {"nir08", {840, 890}},
        {"nir09", {900, 1000}},     {"cirrus", {1350, 1400}},   {"swir16", {1550, 1750}},
        {"swir22", {2080, 2350}},   {"pan", {500, 750}},        {"lwir", {10400, 12500}},
        {"lwir11", {10500, 11500}}, {"lwir12", {11500, 12500}}};
    for (const PresetBand& band : load_preset(GetParam()).bands) {
        SCOPED_TRACE(band.key);
        if (GetParam() == "sentinel1") {
            EXPECT_FALSE(band.wavelength_nm);
            continue;
        }
        ASSERT_TRUE(band.wavelength_nm);
        EXPECT_GT(band.bandwidth_nm, 0);
        EXPECT_LT(band.bandwidth_nm, *band.wavelength_nm);
        if (band.common_name.empty()) continue;
        ASSERT_TRUE(ranges.count(band.common_name)) << band.common_name;
        EXPECT_GE(*band.wavelength_nm, ranges.at(band.common_name).first);
        EXPECT_LE(*band.wavelength_nm, ranges.at(band.common_name).second);
    }
}

TEST_P(ShippedPreset, HasNoTwoBandsOfTheSameWavelength) {
    std::set<double> seen;
    for (const PresetBand& band : load_preset(GetParam()).bands) {
        if (!band.wavelength_nm) continue;
        EXPECT_TRUE(seen.insert(*band.wavelength_nm).second) << band.key;
    }
}

TEST_P(ShippedPreset, MakesItsDefaultCompositeFromEachOfItsLayouts) {
    const Preset preset = load_preset(GetParam());
    ASSERT_FALSE(preset.layouts.empty());
    for (const auto& [count, keys] : preset.layouts) {
        SCOPED_TRACE(count);
        const std::set<std::string> in_file(keys.begin(), keys.end());
        if (GetParam() == "sentinel2" && count == 6) continue;  // the 20 m bands have no colours
        std::vector<std::string> warnings;
        const ChannelPlan plan = plan_channels({GetParam(), ""}, plain_bands(count), &warnings);
        EXPECT_EQ(plan.composite, preset.default_composite);
        for (const Channel& channel : plan.channels) {
            ASSERT_GE(channel.first.number, 1);
            ASSERT_LE(channel.first.number, count);
            EXPECT_EQ(keys[static_cast<std::size_t>(channel.first.number) - 1], channel.first.name);
        }
        EXPECT_TRUE(warnings.empty());
    }
}

TEST_P(ShippedPreset, MakesEveryCompositeFromAFileThatNamesAllBands) {
    const Preset preset = load_preset(GetParam());
    std::vector<std::string> keys;
    for (const PresetBand& band : preset.bands) keys.push_back(band.key);
    for (const Composite& composite : preset.composites) {
        SCOPED_TRACE(composite.name);
        const auto file = described_bands(keys);
        const ChannelPlan plan =
            plan_channels({GetParam() + ":" + composite.name, "", composite.channels.size()}, file, nullptr);
        EXPECT_EQ(plan.channels.size(), composite.channels.size());
        for (const Channel& channel : plan.channels)
            EXPECT_EQ(keys[static_cast<std::size_t>(channel.first.number) - 1], channel.first.name);
        EXPECT_NE(plan.stretch.method, StretchMethod::automatic);
    }
}

TEST_P(ShippedPreset, ShowsRedGreenAndBlueInTrueColor) {
    if (GetParam() == "sentinel1") return;  // radar
    const Preset preset = load_preset(GetParam());
    const std::array<const char*, 3> colors{"red", "green", "blue"};
    for (std::size_t c = 0; c < 3; ++c) {
        const auto band = preset.find_band(preset.composite("true-color").channels[c]);
        ASSERT_TRUE(band);
        EXPECT_EQ(preset.bands[*band].common_name, colors[c]);
    }
}

TEST(LoadPreset, SuggestsTheNearestNameForAnUnknownOne) {
    EXPECT_THAT(error_text([] { load_preset("sentinel3"); }),
                AllOf(HasSubstr("'sentinel3'"), HasSubstr("did you mean sentinel1 or sentinel2?")));
    EXPECT_THAT(error_text([] { load_preset("quickbird"); }), HasSubstr("presets are gaofen2, "));
}

TEST(LoadPreset, TreatsUnknownNamesAsWrongUsage) {
    try {
        load_preset("nothing");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
    }
}

TEST(LoadPreset, IgnoresTheCaseOfShippedNames) {
    EXPECT_EQ(load_preset("NAIP").name, "naip");
}

TEST(LoadPreset, ReadsAFileOfTheUsersOwn) {
    const std::string path = testing::TempDir() + "landseam_preset_test.toml";
    std::ofstream(path) << kSmallPreset;
    EXPECT_EQ(load_preset(path).bands.size(), 3u);
    const ChannelPlan plan = plan_channels({path + ":true-color", ""}, plain_bands(3), nullptr);
    EXPECT_EQ(plan.preset, "mine");
    std::remove(path.c_str());
    EXPECT_THAT(error_text([&] { load_preset(path); }), AllOf(HasSubstr(path), HasSubstr("cannot be read")));
    EXPECT_THAT(error_text([&] { load_preset(testing::TempDir()); }), HasSubstr("cannot be read"));
}

TEST(ParsePreset, ReadsEveryField) {
    const Preset preset = parse_preset(R"(name = "x"
title = "X"
default_composite = "Swir Colour"
[stretch]
method = "percentile"
low_percentile = 1
high_percentile = 99.5
gamma = 1.5
[layouts]
2 = ["-", "B1"]
[composites]
swir_color = ["B1", "B1", "B1"]
db = { channels = ["B1", "B1", "B1"], stretch = { method = "fixed", ranges = [[-20, 0.5]] } }
[[bands]]
key = "B1"
name = "One"
common_name = "swir16"
wavelength_nm = 1610.5
bandwidth_nm = 90
aliases = ["first"]
)",
                                       "x.toml");
    EXPECT_EQ(preset.title, "X");
    EXPECT_EQ(preset.default_composite, "swir-color");
    EXPECT_EQ(preset.stretch.method, StretchMethod::percentile);
    EXPECT_EQ(preset.stretch.low_percentile, 1);
    EXPECT_EQ(preset.stretch.high_percentile, 99.5);
    EXPECT_EQ(preset.stretch.gamma, 1.5);
    EXPECT_EQ(preset.layouts.at(2), (std::vector<std::string>{"-", "B1"}));
    EXPECT_EQ(preset.bands[0].wavelength_nm, 1610.5);
    EXPECT_EQ(preset.bands[0].bandwidth_nm, 90);
    EXPECT_EQ(preset.find_band("SWIR16"), 0u);
    EXPECT_EQ(preset.find_band("First"), 0u);
    EXPECT_EQ(preset.find_band("second"), std::nullopt);
    const Composite& db = preset.composite("DB");
    ASSERT_TRUE(db.stretch);
    EXPECT_EQ(db.stretch->method, StretchMethod::fixed);
    EXPECT_EQ(db.stretch->ranges, (std::vector<std::array<double, 2>>{{-20, 0.5}}));
}

TEST(ParsePreset, TakesBritishSpellingOfComposites) {
    const Preset preset = load_preset("naip");
    EXPECT_EQ(preset.composite("false-colour").name, "false-color");
    EXPECT_EQ(preset.composite("False Colour").name, "false-color");
    EXPECT_THAT(error_text([&] { preset.composite("fals-color"); }), HasSubstr("did you mean false-color?"));
    EXPECT_THAT(error_text([&] { preset.composite("xyz"); }),
                HasSubstr("it has false-color, multispectral, true-color, vegetation and water"));
}

TEST(ParsePreset, ReportsTheLineOfASyntaxError) {
    EXPECT_THAT(parse_error("name = \"x\"\n\nthis is not toml"), AllOf(HasSubstr("'mine.toml': line 3: ")));
    EXPECT_THAT(parse_error("name = \"x\"\nname = \"y\""), HasSubstr("line 2: "));
}

TEST(ParsePreset, ReportsTheLineOfAMistake) {
    const std::string good = kSmallPreset;
    ASSERT_EQ(parse_error(good), "");
    EXPECT_THAT(parse_error(replaced(good, "[composites]", "colour = 1\n[composites]")),
                HasSubstr("line 2: unknown key 'colour'"));
    EXPECT_THAT(parse_error(replaced(good, "name = \"mine\"", "name = 3")),
                HasSubstr("line 1: 'name' must be a text"));
    EXPECT_THAT(parse_error(replaced(good, "\"b\"]", "\"x\"]")), HasSubstr("line 3: a composite uses 'x'"));
    EXPECT_THAT(parse_error(replaced(good, "[\"r\", \"g\", \"b\"]", "[]")),
                HasSubstr("line 3: a composite is a list of channels"));
    EXPECT_THAT(parse_error(replaced(good, "key = \"g\"", "key = \"R\"")),
                HasSubstr("line 6: two bands are called 'R'"));
    EXPECT_THAT(parse_error(replaced(good, "key = \"g\"", "key = \"g\"\nwavelength_nm = \"560\"")),
                HasSubstr("line 8: 'wavelength_nm' must be a number"));
    EXPECT_THAT(parse_error(replaced(good, "key = \"g\"", "key = \"g\"\nwavelength_nm = -1")),
                HasSubstr("line 8: a wavelength must be above 0"));
    EXPECT_THAT(parse_error(replaced(good, "key = \"g\"", "key = \"2\"")),
                HasSubstr("line 7: a key of digits only"));
    EXPECT_THAT(parse_error(replaced(good, "[composites]", "[layouts]\n3 = [\"r\", \"g\"]\n[composites]")),
                HasSubstr("line 3: a layout is called by its number of bands, here 2"));
    EXPECT_THAT(parse_error(replaced(good, "[composites]", "[layouts]\n2 = [\"r\", \"q\"]\n[composites]")),
                HasSubstr("line 3: a layout names 'q'"));
    EXPECT_THAT(parse_error(replaced(good, "[composites]", "[stretch]\nmethod = \"log\"\n[composites]")),
                HasSubstr("line 3: 'method' must be"));
    EXPECT_THAT(parse_error(replaced(good, "[composites]", "[stretch]\nmethod = \"fixed\"\n[composites]")),
                HasSubstr("line 2: 'stretch': a fixed stretch needs"));
    EXPECT_THAT(parse_error(replaced(good, "true-color =", "default = [\"r\", \"g\", \"b\"]\ntrue-color =")),
                HasSubstr("needs 'default_composite'"));
}

TEST(ParsePreset, RefusesAFileWithoutTheParts) {
    EXPECT_THAT(parse_error(""), HasSubstr("needs 'name'"));
    EXPECT_THAT(parse_error("name = \"x\""), HasSubstr("needs [[bands]]"));
    EXPECT_THAT(parse_error("name = \"x\"\n[[bands]]\nkey = \"a\""), HasSubstr("needs [composites]"));
}

TEST(ParsePreset, SurvivesBytesThatAreNoText) {
    EXPECT_THAT(parse_error(std::string("\xff\xfe\x00name", 7)), HasSubstr("line 1"));
    EXPECT_NE(parse_error(std::string(100000, '[')), "");
}

}  // namespace
}  // namespace landseam::bands
