#include "pipeline/tile_run.h"

#include <gtest/gtest.h>

#include "landseam/pipeline/checkpoints.h"

namespace landseam::pipeline {
namespace {

// Light discs and boxes on dark ground, which the embedded model finds.
ScenePicture drawn_picture(int width, int height) {
    std::vector<ImageF> bands(3, ImageF(width, height));
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const int dx = x % 90 - 45, dy = y % 80 - 40;
            const bool thing = (x / 90 + y / 80) % 2 == 0 ? dx * dx + dy * dy < 27 * 27 : std::abs(dx) < 30 && std::abs(dy) < 20;
            for (int band = 0; band < 3; ++band)
                bands[static_cast<std::size_t>(band)].at(x, y) =
                    static_cast<float>(thing ? 220 - 40 * ((x / 90 + band) % 3) : 60 + 10 * band + (x * 7 + y * 3) % 9);
        }
    ScenePicture picture;
    picture.source = raster::memory_raster({}, bands);
    picture.plan = bands::plan_channels({"", "1,2,3"}, picture.source->info().bands, nullptr);
    return picture;
}

TileRunResult run(const ScenePicture& picture, int threads, const MultiPolygon& area = {}) {
    sam::use_one_thread_per_call();
    const auto progress = silent_progress();
    const LoadedModel model = load_model("", "cpu", *progress);
    mask_generation::MaskGeneratorOptions options;
    options.points_per_side = 10;
    options.points_per_batch = 16;
    options.pred_iou_thresh = model.pred_iou_thresh;
    options.stability_score_thresh = model.stability_score_thresh;
    const mask_generation::AutomaticMaskGenerator generator(model.sam, options);
    const auto& info = picture.source->info();
    const tiling::TileGrid grid(info.width, info.height, {256, 64});
    return run_tiles(picture, grid, area, generator, {}, threads, *progress);
}

TEST(TileRun, GivesTheSameSegmentsWithAnyNumberOfThreads) {
    const ScenePicture picture = drawn_picture(500, 300);
    const TileRunResult one = run(picture, 1);
    ASSERT_GT(one.segments.size(), 5u);
    for (int threads : {2, 3, 16}) {
        const TileRunResult many = run(picture, threads);
        ASSERT_EQ(many.segments.size(), one.segments.size());
        for (std::size_t i = 0; i < one.segments.size(); ++i) {
            EXPECT_EQ(many.segments[i].mask, one.segments[i].mask);
            EXPECT_EQ(many.segments[i].predicted_iou, one.segments[i].predicted_iou);
            EXPECT_EQ(many.segments[i].stability_score, one.segments[i].stability_score);
            EXPECT_EQ(many.segments[i].tiles, one.segments[i].tiles);
        }
    }
}

TEST(TileRun, SkipsTilesOutsideTheAreaOfInterest) {
    const ScenePicture picture = drawn_picture(700, 256);
    const MultiPolygon left{{{{0, 0}, {180, 0}, {180, 256}, {0, 256}}, {}}};
    const TileRunResult result = run(picture, 2, left);
    EXPECT_GT(result.empty_tiles, 0);
    ASSERT_FALSE(result.segments.empty());
    for (const Segment& segment : result.segments) EXPECT_LE(segment.mask.bounds().right(), 180);
}

TEST(TileRun, AnErrorInOneTileEndsTheRun) {
    ScenePicture picture = drawn_picture(300, 300);
    picture.plan.source_bands = {1, 2, 9};  // no such band: reading fails
    EXPECT_ANY_THROW(run(picture, 2));
}

}  // namespace
}  // namespace landseam::pipeline
