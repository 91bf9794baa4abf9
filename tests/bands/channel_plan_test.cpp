#include "landseam/bands/channel_plan.h"

#include "landseam/core/error.h"

#include "bands/make_bands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::bands {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Bands = std::vector<BandDescription>;

std::array<int, 3> numbers(const ChannelPlan& plan) {
    return {plan.channels[0].first.number, plan.channels[1].first.number, plan.channels[2].first.number};
}

std::array<int, 3> planned(const std::string& preset, const std::string& request, const Bands& bands) {
    return numbers(plan_channels({preset, request}, bands, nullptr));
}

using Rgb = std::array<int, 3>;

std::string plan_error(const std::string& preset, const std::string& request, const Bands& bands) {
    return error_text([&] { plan_channels({preset, request}, bands, nullptr); });
}

std::string plan_error_of(std::size_t count, const std::string& preset, const std::string& request,
                          const Bands& bands, const std::string& model_bands = {}) {
    return error_text([&] { plan_channels({preset, request, count, model_bands}, bands, nullptr); });
}

ErrorKind plan_error_kind(const std::string& preset, const std::string& request, const Bands& bands) {
    try {
        plan_channels({preset, request}, bands, nullptr);
    } catch (const Error& error) {
        return error.kind();
    }
    ADD_FAILURE() << "no error";
    return ErrorKind::passing;
}

TEST(PlanChannels, MatchesDescriptionsInAnyOrder) {
    EXPECT_EQ(planned("sentinel2", "", described_bands({"B8", "B02", "B3", "B04"})), (Rgb{4, 3, 2}));
    EXPECT_EQ(planned("sentinel2:false-color", "", described_bands({"B8", "B02", "B3", "B04"})),
              (Rgb{1, 4, 3}));
}

TEST(PlanChannels, MatchesDescriptionsAsTheyAreFoundInFiles) {
    // GDAL's Sentinel-2 driver, product file names, Landsat surface reflectance, USGS's wording, PlanetScope,
    // words alone.
    EXPECT_EQ(planned("sentinel2", "",
                      described_bands({"B4, central wavelength 665 nm", "B3, central wavelength 560 nm",
                                       "B2, central wavelength 490 nm"})),
              (Rgb{1, 2, 3}));
    EXPECT_EQ(planned("sentinel2", "",
                      described_bands(
                          {"T30UVD_20210527_B02_10m", "T30UVD_20210527_B03_10m", "T30UVD_20210527_B04_10m"})),
              (Rgb{3, 2, 1}));
    EXPECT_EQ(planned("landsat89", "", described_bands({"SR_B2", "SR_B3", "SR_B4", "SR_B5"})),
              (Rgb{3, 2, 1}));
    EXPECT_EQ(
        planned("landsat89:false-color", "",
                described_bands({"Band 5 - Near Infrared", "Band 4 - Red", "Band 3 - Green", "QA_PIXEL"})),
        (Rgb{1, 2, 3}));
    EXPECT_EQ(planned("planetscope8", "",
                      described_bands(
                          {"coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir"})),
              (Rgb{6, 4, 2}));
    EXPECT_EQ(planned("naip:false-color", "", described_bands({"Near Infrared", "Red", "Green", "Blue"})),
              (Rgb{1, 2, 3}));
    EXPECT_EQ(planned("sentinel1", "", described_bands({"Sigma0_VH_db", "Sigma0_VV_db"})), (Rgb{2, 1, 2}));
}

TEST(PlanChannels, TakesNoBandForAColorItOnlyMentions) {
    EXPECT_THAT(plan_error("naip", "", described_bands({"red edge", "green", "blue"})),
                HasSubstr("it needs band red,"));
}

TEST(PlanChannels, MatchesWavelengthsToTheNearestBand) {
    const Bands bands = bands_of_wavelengths({2186, 864, 833, 665, 559, 492});
    EXPECT_EQ(planned("sentinel2", "", bands), (Rgb{4, 5, 6}));
    EXPECT_EQ(planned("sentinel2", "B12,B8A,B8", bands), (Rgb{1, 2, 3}));
}

TEST(PlanChannels, MatchesWavelengthsWithinHalfTheBandwidthOnly) {
    // Sentinel-2's green is 559.8 nm, 36 nm wide.
    EXPECT_EQ(planned("sentinel2", "B3", bands_of_wavelengths({577.7})), (Rgb{1, 1, 1}));
    EXPECT_THAT(plan_error("sentinel2", "B3", bands_of_wavelengths({578})), HasSubstr("578 nm"));
    // Red edge 1 is 15 nm wide; neighbours of a series differ by more than half of that.
    EXPECT_EQ(planned("sentinel2", "B5", bands_of_wavelengths({719})), (Rgb{1, 1, 1}));
    EXPECT_NE(plan_error("sentinel2", "B5", bands_of_wavelengths({720})), "");
}

TEST(PlanChannels, PicksTheNearestOfManyNarrowBands) {
    std::vector<double> wavelengths;
    for (int i = 0; i < 200; ++i) wavelengths.push_back(400 + 10 * i);
    // 660 nm, 560 nm and 490 nm are nearest to Sentinel-2's 664.6, 559.8 and 492.4.
    EXPECT_EQ(planned("sentinel2", "", bands_of_wavelengths(wavelengths)), (Rgb{27, 17, 10}));
}

TEST(PlanChannels, BelievesTheWavelengthWhereTheDescriptionContradictsIt) {
    Bands bands = bands_of_wavelengths({450, 490, 560, 665, 705});
    for (int i = 0; i < 5; ++i)
        bands[static_cast<std::size_t>(i)].description = "Band " + std::to_string(i + 4);
    EXPECT_EQ(planned("sentinel2", "", bands), (Rgb{4, 3, 2}));
}

TEST(PlanChannels, MatchesColorInterpretationWhereNothingElseIsKnown) {
    EXPECT_EQ(planned("rgb", "", tagged_bands({"blue", "green", "red", "alpha"})), (Rgb{3, 2, 1}));
    std::vector<std::string> warnings;
    const auto bands = tagged_bands({"red", "green", "blue", "undefined"});
    EXPECT_EQ(numbers(plan_channels({"planetscope4:false-color", ""}, bands, &warnings)), (Rgb{4, 1, 2}));
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("colour interpretation differs")));
}

TEST(PlanChannels, IgnoresColorInterpretationThatIsNotDistinct) {
    EXPECT_EQ(planned("planetscope4", "", tagged_bands({"red", "red", "blue", "green"})), (Rgb{3, 2, 1}));
}

TEST(PlanChannels, FallsBackToTheLayoutForTheNumberOfBands) {
    EXPECT_EQ(planned("sentinel2:vegetation", "", plain_bands(10)), (Rgb{9, 7, 3}));
    EXPECT_EQ(planned("sentinel2:vegetation", "", plain_bands(13)), (Rgb{12, 8, 4}));
    EXPECT_EQ(planned("landsat57:vegetation", "", plain_bands(6)), (Rgb{5, 4, 3}));
    EXPECT_EQ(planned("landsat57", "B7", plain_bands(6)), (Rgb{6, 6, 6}));
    EXPECT_EQ(planned("landsat89", "", plain_bands(6)), (Rgb{3, 2, 1}));
    EXPECT_EQ(planned("landsat89", "", plain_bands(11)), (Rgb{4, 3, 2}));
}

TEST(PlanChannels, TakesDescriptionsThatOnlyCountForNoDescriptions) {
    EXPECT_EQ(planned("sentinel2", "", described_bands({"Band 1", "Band 2", "Band 3", "Band 4"})),
              (Rgb{3, 2, 1}));
    EXPECT_EQ(planned("landsat57", "B7",
                      described_bands({"Band 1", "Band 2", "Band 3", "Band 4", "Band 5", "Band 6"})),
              (Rgb{6, 6, 6}));
}

TEST(PlanChannels, WarnsWhenDescriptionsNameNoBandOfThePreset) {
    std::vector<std::string> warnings;
    plan_channels({"naip", ""}, described_bands({"first", "second", "third", "fourth"}), &warnings);
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("descriptions name no band of preset 'naip'")));
}

TEST(PlanChannels, UsesTheBetterNamedOfTwoBandsAndWarns) {
    std::vector<std::string> warnings;
    const auto bands = described_bands({"band 9 red", "red", "green", "blue"});
    EXPECT_EQ(numbers(plan_channels({"rgb", ""}, bands, &warnings)), (Rgb{2, 3, 4}));
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("bands 1 and 2 are both described as red; band 2 is used")));
}

TEST(PlanChannels, KeepsTheFilesOwnNumbersWhereBandsAreLeftOut) {
    Bands bands = described_bands({"blue", "green", "red"});
    bands[2].number = 7;  // four masks between
    EXPECT_EQ(planned("rgb", "", bands), (Rgb{7, 2, 1}));
    EXPECT_EQ(planned("", "7,2,1", bands), (Rgb{7, 2, 1}));
    EXPECT_THAT(plan_error("", "3", bands), HasSubstr("there is no band 3"));
}

TEST(PlanChannels, SaysWhichBandsAreThereWhenAPresetDoesNotFit) {
    auto bands = described_bands({"B2", "B3", "B4"});
    bands[0].wavelength_nm = 492.4;
    const std::string text = plan_error("sentinel2:false-color", "", bands);
    EXPECT_THAT(text,
                HasSubstr("'sentinel2:false-color': it needs band B8 (nir), which the file does not have"));
    EXPECT_THAT(
        text,
        HasSubstr("the file has 3 bands: 1 'B2' (492 nm, gray, UInt16), 2 'B3' (UInt16), 3 'B4' (UInt16)"));
    EXPECT_THAT(text, HasSubstr("choose another preset"));
    EXPECT_EQ(plan_error_kind("sentinel2:false-color", "", bands), ErrorKind::failed);
}

TEST(PlanChannels, SaysWhichStacksAPresetKnowsWhenTheCountDoesNotFit) {
    EXPECT_THAT(plan_error("sentinel2", "", plain_bands(5)),
                AllOf(HasSubstr("5 bands"), HasSubstr("knows files of 3, 4, 6, 10, 12 or 13 bands")));
}

TEST(PlanChannels, RefusesFilesWhoseWavelengthsFitNoBandOfThePreset) {
    EXPECT_NE(plan_error("sentinel2", "", bands_of_wavelengths({8300, 8600, 9100, 10600})), "");
}

TEST(PlanChannels, UnderstandsBandNumbersNamesAndIndices) {
    const Bands bands = plain_bands(10);
    EXPECT_EQ(planned("sentinel2", "4,3,2", bands), (Rgb{4, 3, 2}));
    EXPECT_EQ(planned("sentinel2", " B8 , b4,GREEN", bands), (Rgb{7, 3, 2}));
    EXPECT_EQ(planned("sentinel2", "swir16,nir,red", bands), (Rgb{9, 7, 3}));

    const ChannelPlan plan = plan_channels({"sentinel2", "ndvi,ndwi,ndbi"}, bands, nullptr);
    const std::array<Rgb, 3> expected{{{7, 3, 0}, {2, 7, 0}, {9, 7, 0}}};
    for (std::size_t c = 0; c < 3; ++c) {
        EXPECT_EQ(plan.channels[c].kind, Channel::Kind::normalized_difference);
        EXPECT_EQ(plan.channels[c].first.number, expected[c][0]);
        EXPECT_EQ(plan.channels[c].second.number, expected[c][1]);
    }
    EXPECT_THAT(plan.source_bands, ElementsAre(2, 3, 7, 9));
}

TEST(PlanChannels, UnderstandsRatiosAndDifferences) {
    const ChannelPlan plan = plan_channels({"", "2/1,2-1,1"}, plain_bands(2), nullptr);
    EXPECT_EQ(plan.channels[0].kind, Channel::Kind::ratio);
    EXPECT_EQ(plan.channels[1].kind, Channel::Kind::difference);
    EXPECT_EQ(plan.channels[1].first.number, 2);
    EXPECT_EQ(plan.channels[1].second.number, 1);
    // "b1-2" is no spelling of B12.
    const ChannelPlan other =
        plan_channels({"sentinel2", "b1-2,red-edge 1,near-infrared"}, plain_bands(13), nullptr);
    EXPECT_EQ(other.channels[0].kind, Channel::Kind::difference);
    EXPECT_EQ(other.channels[1].first.number, 5);
    EXPECT_EQ(other.channels[2].first.number, 8);
    EXPECT_EQ(plan_error_kind("", "2/,1,1", plain_bands(2)), ErrorKind::usage);
}

TEST(PlanChannels, UnderstandsPrincipalComponents) {
    const ChannelPlan plan = plan_channels({"", "pca"}, plain_bands(5), nullptr);
    for (int c = 0; c < 3; ++c) {
        EXPECT_EQ(plan.channels[static_cast<std::size_t>(c)].kind, Channel::Kind::principal_component);
        EXPECT_EQ(plan.channels[static_cast<std::size_t>(c)].component, c + 1);
    }
    EXPECT_THAT(plan.source_bands, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(plan.components.bands, ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(plan_channels({"", "pca2,1,1"}, plain_bands(3), nullptr).source_bands, ElementsAre(1, 2, 3));
    EXPECT_THAT(plan_error("", "pca", plain_bands(2)), HasSubstr("no principal component 3 of 2 bands"));
}

TEST(PlanChannels, MakesOneChannelAGreyPicture) {
    EXPECT_EQ(planned("", "2", plain_bands(4)), (Rgb{2, 2, 2}));
    EXPECT_EQ(plan_channels({"", "2"}, plain_bands(4), nullptr).source_bands, std::vector<int>{2});
}

TEST(PlanChannels, FindsCommonNamesWithoutAnyPreset) {
    EXPECT_EQ(planned("", "nir,red,green", described_bands({"Blue", "Green", "Red", "NIR"})), (Rgb{4, 3, 2}));
    EXPECT_EQ(planned("", "nir,red,green", bands_of_wavelengths({485, 560, 655, 850, 9000})), (Rgb{4, 3, 2}));
    EXPECT_EQ(planned("", "blue,red,green", tagged_bands({"red", "green", "blue"})), (Rgb{3, 1, 2}));
    EXPECT_EQ(planned("", "height,red,ndvi", described_bands({"red", "nir", "green", "Height"})),
              (Rgb{4, 1, 2}));
    EXPECT_THAT(plan_error("", "nir,red,green", plain_bands(4)), HasSubstr("it needs band nir"));
}

TEST(PlanChannels, PrefersABandThatTheFileCallsNdvi) {
    const ChannelPlan plan = plan_channels({"", "ndvi"}, described_bands({"red", "nir", "NDVI"}), nullptr);
    EXPECT_EQ(plan.channels[0].kind, Channel::Kind::band);
    EXPECT_EQ(plan.channels[0].first.number, 3);
}

TEST(PlanChannels, SuggestsNearNamesForUnknownBands) {
    EXPECT_THAT(plan_error("sentinel2", "ndvy,B4,B3", plain_bands(10)),
                AllOf(HasSubstr("'ndvy' is no band or index"), HasSubstr("did you mean ndvi?")));
    EXPECT_EQ(plan_error_kind("sentinel2", "ndvy,B4,B3", plain_bands(10)), ErrorKind::usage);
    EXPECT_THAT(plan_error("", "hieght", described_bands({"height", "red"})),
                HasSubstr("did you mean height?"));
}

TEST(PlanChannels, RefusesRequestsThatMakeNoSense) {
    const Bands bands = plain_bands(4);
    EXPECT_EQ(plan_error_kind("", "1,2", bands), ErrorKind::usage);
    EXPECT_EQ(plan_error_kind("", "1,,2", bands), ErrorKind::usage);
    EXPECT_EQ(plan_error_kind("", "1,2,3,4", bands), ErrorKind::usage);
    EXPECT_EQ(plan_error_kind("naip:true-color", "1,2,3", bands), ErrorKind::usage);
    EXPECT_EQ(plan_error_kind("naip:none", "", bands), ErrorKind::usage);
    EXPECT_EQ(plan_error_kind("", "0", bands), ErrorKind::failed);
    EXPECT_EQ(plan_error_kind("", "99999999999999999999", bands), ErrorKind::failed);
    EXPECT_NE(plan_error("", "", {}), "");
}

TEST(PlanChannels, ShowsColorsAsTaggedWithoutARequest) {
    std::vector<std::string> warnings;
    const auto plan = plan_channels({}, tagged_bands({"blue", "green", "red", "undefined"}), &warnings);
    EXPECT_EQ(numbers(plan), (Rgb{3, 2, 1}));
    EXPECT_EQ(plan.preset, "");
    EXPECT_THAT(warnings, IsEmpty());
}

TEST(PlanChannels, ShowsTheFirstThreeBandsWithAWarningWithoutARequest) {
    std::vector<std::string> warnings;
    EXPECT_EQ(numbers(plan_channels({}, plain_bands(4), &warnings)), (Rgb{1, 2, 3}));
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_THAT(warnings[0], AllOf(HasSubstr("does not tell which of its 4 bands"), HasSubstr("naip"),
                                   HasSubstr("planetscope4"), HasSubstr("pleiades")));
}

TEST(PlanChannels, ShowsOneOrTwoBandsWithoutARequest) {
    std::vector<std::string> warnings;
    EXPECT_EQ(numbers(plan_channels({}, plain_bands(1), &warnings)), (Rgb{1, 1, 1}));
    EXPECT_THAT(warnings, IsEmpty());
    EXPECT_EQ(numbers(plan_channels({}, plain_bands(2), &warnings)), (Rgb{1, 2, 1}));
    EXPECT_EQ(warnings.size(), 1u);
}

TEST(PlanChannels, UsesTheSuggestedPresetWithoutARequest) {
    const auto bands = described_bands({"B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B11", "B12"});
    const ChannelPlan plan = plan_channels({}, bands, nullptr);
    EXPECT_EQ(plan.preset, "sentinel2");
    EXPECT_EQ(numbers(plan), (Rgb{3, 2, 1}));
    EXPECT_EQ(planned("", "B8A,B8,swir22", bands), (Rgb{8, 7, 10}));
}

TEST(PlanChannels, LeavesEightBitPicturesUnstretchedAndOthersNot) {
    const auto method = [](const std::string& preset, const Bands& bands) {
        return plan_channels({preset, ""}, bands, nullptr).stretch.method;
    };
    EXPECT_EQ(method("rgb", plain_bands(3, "Byte")), StretchMethod::none);
    EXPECT_EQ(method("rgb", plain_bands(3, "UInt16")), StretchMethod::percentile);
    EXPECT_EQ(method("naip", plain_bands(4, "Byte")), StretchMethod::none);
    EXPECT_EQ(method("", tagged_bands({"red", "green", "blue"}, "Byte")), StretchMethod::none);
    EXPECT_EQ(method("", plain_bands(1, "Float32")), StretchMethod::percentile);
    EXPECT_EQ(method("landsat57", plain_bands(6, "Byte")), StretchMethod::percentile);
    EXPECT_EQ(method("sentinel1:false-color-db", plain_bands(2, "Float32")), StretchMethod::fixed);
}

TEST(PlanChannels, KeepsScaleAndOffsetOfTheBands) {
    Bands bands = plain_bands(7);
    bands[4].scale = 0.0000275;
    bands[4].offset = -0.2;
    const ChannelPlan plan = plan_channels({"landsat89", "ndvi"}, bands, nullptr);
    EXPECT_EQ(plan.channels[0].first.number, 5);
    EXPECT_EQ(plan.channels[0].first.scale, 0.0000275);
    EXPECT_EQ(plan.channels[0].first.offset, -0.2);
    EXPECT_EQ(plan.channels[0].second.scale, 1);
}

TEST(PlanChannels, DescribesItself) {
    EXPECT_EQ(plan_channels({"sentinel2", ""}, plain_bands(10), nullptr).describe(),
              "sentinel2:true-color: red = B4 (band 3), green = B3 (band 2), blue = B2 (band 1)");
    EXPECT_EQ(plan_channels({"", "1/2,pca1,2"}, plain_bands(2), nullptr).describe(),
              "red = band 1 / band 2, green = principal component 1, blue = band 2");
    EXPECT_EQ(plan_channels({"naip", "ndvi"}, plain_bands(4), nullptr).describe().substr(0, 50),
              "naip: red = ndvi of nir (band 4) and red (band 1),");
}

std::vector<int> all_numbers(const ChannelPlan& plan) {
    std::vector<int> numbers;
    for (const Channel& channel : plan.channels) numbers.push_back(channel.first.number);
    return numbers;
}

std::vector<int> planned_for(std::size_t count, const std::string& preset, const std::string& request,
                             const Bands& bands, const std::string& model_bands = {}) {
    return all_numbers(plan_channels({preset, request, count, model_bands}, bands, nullptr));
}

TEST(PlanChannelsOfAnyNumber, TakesAsManyAsAreAskedFor) {
    EXPECT_THAT(planned_for(5, "", "5,4,3,2,1", plain_bands(5)), ElementsAre(5, 4, 3, 2, 1));
    EXPECT_THAT(planned_for(2, "sentinel1", "vh,vv", plain_bands(2)), ElementsAre(2, 1));
    EXPECT_THAT(planned_for(1, "", "4", plain_bands(4)), ElementsAre(4)) << "no grey picture of three";
    EXPECT_EQ(plan_channels({"", "pca", 5}, plain_bands(6), nullptr).channels[4].component, 5);
    EXPECT_THAT(planned_for(0, "", "1,2,3,4,5,6,7", plain_bands(7)), ElementsAre(1, 2, 3, 4, 5, 6, 7));
    EXPECT_THAT(planned_for(0, "", "2", plain_bands(4)), ElementsAre(2, 2, 2));
    EXPECT_THAT(planned_for(0, "sentinel2", "", plain_bands(10)), ElementsAre(3, 2, 1));
    EXPECT_EQ(planned_for(0, "sentinel2:multispectral", "", plain_bands(13)).size(), 10u);
}

TEST(PlanChannelsOfAnyNumber, FindsTheCompositeOfThatNumber) {
    EXPECT_THAT(planned_for(10, "sentinel2", "", plain_bands(12)),
                ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 11, 12));
    EXPECT_THAT(planned_for(4, "naip", "", plain_bands(4)), ElementsAre(1, 2, 3, 4));
    const auto described = described_bands({"B02", "B03", "B04", "B08"});
    EXPECT_THAT(planned_for(4, "", "", described), ElementsAre(1, 2, 3, 4))
        << "of the preset that the file's names tell";
    EXPECT_THAT(plan_error_of(5, "naip", "", plain_bands(4)), HasSubstr("no composite of 5 channels"));
    EXPECT_THAT(plan_error_of(10, "sentinel2:true-color", "", plain_bands(10)),
                AllOf(HasSubstr("3 channels are asked for where the model takes 10"),
                      HasSubstr("choose multispectral")));
    EXPECT_THAT(plan_error_of(3, "sentinel2:multispectral", "", plain_bands(10)),
                AllOf(HasSubstr("10 channels"), HasSubstr("takes 3"), HasSubstr("true-color")));
}

TEST(PlanChannelsOfAnyNumber, PrefersTheModelsOwnBandsToAComposite) {
    const std::string own = "nir,red,green,swir16";
    EXPECT_THAT(planned_for(4, "sentinel2", "", plain_bands(10), own), ElementsAre(7, 3, 2, 9));
    EXPECT_THAT(planned_for(4, "landsat89", "", plain_bands(7), own), ElementsAre(5, 4, 3, 6))
        << "whatever the sensor";
    EXPECT_THAT(planned_for(4, "sentinel2", "1,2,3,4", plain_bands(10), own), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(planned_for(4, "sentinel2:ten-meter", "", plain_bands(10), own), ElementsAre(1, 2, 3, 7));
    EXPECT_THAT(plan_error_of(4, "naip", "", plain_bands(4), own),
                AllOf(HasSubstr(own), HasSubstr("swir16")));
}

TEST(PlanChannelsOfAnyNumber, TakesAllBandsOfAFileThatTellsNothingWithAWarning) {
    std::vector<std::string> warnings;
    EXPECT_THAT(all_numbers(plan_channels({"", "", 5}, plain_bands(5), &warnings)),
                ElementsAre(1, 2, 3, 4, 5));
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("all 5 of the file")));
    EXPECT_THAT(plan_error_of(5, "", "", plain_bands(4)),
                AllOf(HasSubstr("'the model': takes 5 bands"), HasSubstr("4 bands"), HasSubstr("--bands")));
}

TEST(PlanChannelsOfAnyNumber, SaysHowManyTheModelTakes) {
    EXPECT_THAT(plan_error_of(10, "", "1,2,3", plain_bands(10)),
                AllOf(HasSubstr("'1,2,3'"), HasSubstr("3 channels are asked for where the model takes 10")));
    EXPECT_THAT(plan_error_of(3, "", "1,2,3,4", plain_bands(10)), HasSubstr("model takes 3"));
    EXPECT_THAT(plan_error_of(2, "", "1", plain_bands(10)), HasSubstr("1 channel is asked for"));
}

TEST(PlanChannelsOfAnyNumber, DescribesItselfByCommonNames) {
    const ChannelPlan plan = plan_channels({"sentinel2", "B2,4,ndvi,nir08", 4}, plain_bands(10), nullptr);
    EXPECT_EQ(plan.describe(),
              "sentinel2: B2 (band 1), band 4, ndvi of B8 (band 7) and B4 (band 3), B8A (band 8)");
    EXPECT_THAT(plan.names(), ElementsAre("blue", "rededge071", "ndvi", "nir08"));
    EXPECT_THAT(plan_channels({"", "2,1,3"}, tagged_bands({"red", "green", "blue"}), nullptr).names(),
                ElementsAre("green", "red", "blue"));
    EXPECT_THAT(plan_channels({"", "2,1,3"}, plain_bands(3), nullptr).names(), ElementsAre("2", "1", "3"));
}

TEST(SuggestPreset, KnowsSensorsByTheirNames) {
    EXPECT_EQ(suggest_preset(described_bands({"B02", "B03", "B04", "B08"})), "sentinel2");
    EXPECT_EQ(suggest_preset(described_bands({"SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7"})),
              "landsat57");
    EXPECT_EQ(suggest_preset(described_bands({"SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6", "SR_B7"})),
              "landsat89");
    EXPECT_EQ(suggest_preset(described_bands({"VV", "VH"})), "sentinel1");
    EXPECT_EQ(suggest_preset(described_bands(
                  {"coastal_blue", "blue", "green_i", "green", "yellow", "red", "rededge", "nir"})),
              "planetscope8");
    EXPECT_EQ(suggest_preset(described_bands({"red", "green", "blue"})), "rgb");
}

TEST(SuggestPreset, KnowsSensorsByTheirWavelengths) {
    for (const char* name : {"sentinel2", "landsat89", "worldview2", "worldview3", "planetscope8"}) {
        std::vector<double> wavelengths;
        for (const PresetBand& band : load_preset(name).bands) wavelengths.push_back(*band.wavelength_nm);
        EXPECT_EQ(suggest_preset(bands_of_wavelengths(wavelengths)), name);
    }
}

TEST(SuggestPreset, SaysNothingWithoutEvidence) {
    EXPECT_EQ(suggest_preset(plain_bands(10)), "");
    EXPECT_EQ(suggest_preset(described_bands({"Band 1", "Band 2", "Band 3", "Band 4"})), "");
    EXPECT_EQ(suggest_preset(described_bands({"height", "slope", "aspect"})), "");
    EXPECT_EQ(suggest_preset(tagged_bands({"red", "green", "blue"})), "");
}

TEST(SuggestPreset, SaysNothingWhereSeveralFitEquallyWell) {
    EXPECT_EQ(suggest_preset(described_bands({"blue", "green", "red", "nir"})), "");
}

TEST(PresetsForBandCount, ListsThoseWithSuchALayout) {
    EXPECT_THAT(presets_for_band_count(10), ElementsAre("landsat89", "sentinel2"));
    EXPECT_THAT(presets_for_band_count(1000), IsEmpty());
}

}  // namespace
}  // namespace landseam::bands
