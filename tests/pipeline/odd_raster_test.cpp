// Every odd raster either works or fails with one clear sentence, and then leaves nothing behind.
#include <gtest/gtest.h>

#include <filesystem>

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/pipeline/segment_scene.h"
#include "landseam/vectors/simplify.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace landseam::pipeline {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> odd_rasters() {
    std::vector<std::string> paths;
    if (!test::has_shared_data()) return {"absent"};
    for (const auto& entry : fs::recursive_directory_iterator(test::shared_data("imagery/odd"))) {
        const std::string extension = entry.path().extension();
        if (extension == ".tif" || extension == ".tiff" || extension == ".vrt" || extension == ".jpg")
            paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

class OddRasters : public testing::TestWithParam<std::string> {};

TEST_P(OddRasters, WorkOrFailWithOneSentence) {
    LANDSEAM_NEEDS_SHARED_DATA();
    const test::TemporaryFolder folder;
    SegmentOptions options;
    options.scene = GetParam();
    options.output = folder.file("out.gpkg");
    options.generator.points_per_side = 2;
    // Large tiles and few prompts: the path of the pixels matters here, not what is found.
    const auto progress = silent_progress();
    try {
        options.tile_size = 1024;
        options.tile_overlap = 0;
        if (segment_scene(options, *progress).segments == 0) return;
        const output::ReadLayer layer = output::read_layer(options.output);
        for (const output::Feature& feature : layer.features) EXPECT_TRUE(vectors::is_valid(feature.geometry));
    } catch (const Error& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find(fs::path(GetParam()).filename()), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos);
        EXPECT_EQ(folder.listing(), "") << message;
    }
}

INSTANTIATE_TEST_SUITE_P(SharedData, OddRasters, testing::ValuesIn(odd_rasters()), [](const auto& instance) {
    std::string name = fs::path(instance.param).filename();
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
});

}  // namespace
}  // namespace landseam::pipeline
