#include "bands/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::bands {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Squashed, MakesSpellingsOfOneNameEqual) {
    EXPECT_EQ(squashed("Red-Edge 1"), squashed("red_edge1"));
    for (const char* spelling : {"B04", "b4", "Band 4", "BAND_04", "band4"})
        EXPECT_EQ(squashed(spelling), "b4");
    EXPECT_EQ(squashed("B08A"), "b8a");
    EXPECT_EQ(squashed("blue"), "blue");
    EXPECT_EQ(squashed("b0"), "b0");
    EXPECT_EQ(squashed(" -/ "), "");
}

TEST(Squashed, KeepsTwoNumbersApart) {
    EXPECT_NE(squashed("b1-2"), squashed("b12"));
    EXPECT_NE(squashed("4 / 3"), squashed("43"));
}

TEST(Words, SplitsAtAnythingThatIsNoLetterOrDigit) {
    EXPECT_THAT(words("B2, central wavelength 490 nm"),
                ElementsAre("b2", "central", "wavelength", "490", "nm"));
    EXPECT_THAT(words("Band 05 - Red"), ElementsAre("b5", "red"));
    EXPECT_THAT(words(" "), IsEmpty());
    EXPECT_THAT(words("Pl\xc3\xa9iades"), ElementsAre("pl\xc3\xa9iades"));
}

TEST(CompositeName, TakesBothSpellings) {
    EXPECT_EQ(composite_name("False Colour"), "false-color");
    EXPECT_EQ(composite_name("true_color"), "true-color");
}

TEST(SimilarNames, PutsTheNearestFirst) {
    const std::vector<std::string> known{"naip", "sentinel1", "sentinel2", "rgb"};
    EXPECT_THAT(similar_names("sentinal2", known), ElementsAre("sentinel2", "sentinel1"));
    EXPECT_THAT(similar_names("NAIPP", known), ElementsAre("naip"));
    EXPECT_THAT(similar_names("sent", known), ElementsAre("sentinel1", "sentinel2"));
    EXPECT_THAT(similar_names("worldview", known), IsEmpty());
}

TEST(Joined, ReadsAsASentence) {
    EXPECT_EQ(joined({}), "");
    EXPECT_EQ(joined({"a"}), "a");
    EXPECT_EQ(joined({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace landseam::bands
