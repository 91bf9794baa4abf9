#include "landseam/pipeline/settings_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "landseam/core/error.h"
#include "landseam/pipeline/segment_scene.h"
#include "support/temporary_folder.h"

namespace landseam::pipeline {
namespace {

RasterWindow ramp(int bands) {
    RasterWindow window;
    window.valid = ImageU8(16, 16, 1, 1);
    for (int b = 0; b < bands; ++b) {
        window.band_numbers.push_back(b + 1);
        window.bands.emplace_back(16, 16);
        for (int i = 0; i < 256; ++i)
            window.bands.back().values[static_cast<std::size_t>(i)] = static_cast<float>(((i * (b + 3)) % 251) * (b + 1.37));
    }
    return window;
}

TEST(SettingsFile, StretchAndChannelsReadBackGiveTheSamePicture) {
    const test::TemporaryFolder folder;
    std::vector<BandDescription> bands;
    for (int number = 1; number <= 4; ++number) bands.push_back({number, "", {}, "undefined", "UInt16", {}, 0.1, 3});
    for (const std::string& request : {std::string("3,2,1"), std::string("1/2,2-1,4"), std::string("pca"),
                                       std::string("4,3,2,1,pca1,1/2")}) {
        bands::ChannelPlan plan = bands::plan_channels({"", request, 0}, bands, nullptr);
        const RasterWindow window = ramp(4);
        bands::fit_components(plan, window);
        bands::StretchOptions options;
        options.method = bands::StretchMethod::percentile;
        options.gamma = 1.7;
        const bands::Stretch stretch = bands::estimate_stretch(plan, options, window);

        const std::string path = folder.file("settings.json");
        write_settings(path, settings_json({}, {}, plan, stretch, "a model", {}));
        const StoredStretch stored = read_stretch(path);
        EXPECT_EQ(bands::to_rgb(window, stored.plan, stored.stretch).values, bands::to_rgb(window, plan, stretch).values)
            << request;
        EXPECT_EQ(stored.plan.source_bands, plan.source_bands);
        EXPECT_EQ(stored.plan.names(), plan.names());
    }
}

TEST(SettingsFile, WhoseStretchHasAnotherNumberOfChannelsIsRefused) {
    const test::TemporaryFolder folder;
    std::vector<BandDescription> bands(4);
    for (std::size_t i = 0; i < bands.size(); ++i) bands[i].number = static_cast<int>(i) + 1;
    bands::ChannelPlan plan = bands::plan_channels({"", "1,2,3,4", 4}, bands, nullptr);
    const std::string path = folder.file("settings.json");
    write_settings(path, settings_json({}, {}, plan, {}, "a model", {}));
    EXPECT_THROW(read_stretch(path), Error) << "four channels and three ranges";
    plan.channels.clear();
    bands::Stretch none;
    none.low.clear();
    none.high.clear();
    write_settings(path, settings_json({}, {}, plan, none, "a model", {}));
    EXPECT_THROW(read_stretch(path), Error);
}

TEST(SettingsFile, OtherFilesAreRefusedByName) {
    const test::TemporaryFolder folder;
    for (const std::string text : {"", "{}", "[1]", "{\"plan\":3}", "not json", "{\"plan\":{\"channels\":[]},\"stretch\":{}}"}) {
        const std::string path = folder.file("x.json");
        std::ofstream(path) << text;
        try {
            read_stretch(path);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
        }
    }
    EXPECT_THROW(read_stretch(folder.file("missing.json")), Error);
}

TEST(SettingsFile, IsNotLeftHalfWritten) {
    const test::TemporaryFolder folder;
    EXPECT_THROW(write_settings(folder.file("no/such/folder/s.json"), "{}"), Error);
    write_settings(folder.file("s.json"), "{}");
    EXPECT_EQ(folder.listing(), "s.json ");
}

}  // namespace
}  // namespace landseam::pipeline
