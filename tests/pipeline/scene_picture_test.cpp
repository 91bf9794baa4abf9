#include "landseam/pipeline/scene_picture.h"

#include <gtest/gtest.h>


namespace landseam::pipeline {
namespace {

// A scene that computes its pixels: value = column, so that no file of that size is needed.
class ComputedScene : public raster::RasterSource {
public:
    ComputedScene(std::int64_t width, std::int64_t height, int overviews) {
        info_.width = width;
        info_.height = height;
        info_.overviews = overviews;
        info_.bands = {{1, "", {}, "gray", "UInt16", {}, 1, 0}};
        info_.image_bands = {1};
    }
    const raster::SceneInfo& info() const override { return info_; }
    RasterWindow read(const PixelBox& box, const std::vector<int>& bands, int width, int height) const override {
        reads.push_back(box);
        RasterWindow window;
        window.band_numbers = bands;
        window.bands.emplace_back(width, height);
        window.valid = ImageU8(width, height, 1, 1);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) window.bands[0].at(x, y) = static_cast<float>(box.x + x * box.width / width);
        return window;
    }

    mutable std::vector<PixelBox> reads;

private:
    raster::SceneInfo info_;
};

TEST(ReadSample, ReducesOrdinaryScenesAsAWhole) {
    const ComputedScene scene(5000, 3000, 0);
    const RasterWindow sample = read_sample(scene, {1});
    ASSERT_EQ(scene.reads.size(), 1u);
    EXPECT_EQ(scene.reads[0], (PixelBox{0, 0, 5000, 3000}));
    EXPECT_EQ(sample.width(), 2048);
    EXPECT_EQ(sample.height(), 1229);
}

TEST(ReadSample, NeverEnlarges) {
    const ComputedScene scene(3, 1, 0);
    const RasterWindow sample = read_sample(scene, {1});
    EXPECT_EQ(sample.width(), 3);
    EXPECT_EQ(sample.height(), 1);
}

TEST(ReadSample, TakesWindowsAllOverHugeScenesWithoutOverviews) {
    const ComputedScene scene(100000, 90000, 0);
    const RasterWindow sample = read_sample(scene, {1});
    PixelBox seen;
    std::int64_t pixels = 0;
    for (const PixelBox& box : scene.reads) {
        EXPECT_TRUE((PixelBox{0, 0, 100000, 90000}).contains(box));
        seen = bounding(seen, box);
        pixels += box.area();
    }
    EXPECT_EQ(seen, (PixelBox{0, 0, 100000, 90000}));
    EXPECT_LT(pixels, 10'000'000);
    EXPECT_EQ(static_cast<std::int64_t>(sample.valid.pixel_count()), pixels);
    // The last window's last column stands where it belongs in the sample.
    EXPECT_EQ(sample.bands[0].at(sample.width() - 1, sample.height() - 1), 99999);
    EXPECT_EQ(sample.bands[0].at(0, 0), 0);
}

TEST(ReadSample, UsesOverviewsOfHugeScenes) {
    const ComputedScene scene(100000, 90000, 5);
    read_sample(scene, {1});
    EXPECT_EQ(scene.reads.size(), 1u);
}

}  // namespace
}  // namespace landseam::pipeline
