#include "pipeline/tile_run.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/checkpoints.h"

#include "support/temporary_folder.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

// Light discs and boxes on dark ground, which the embedded model finds.
ScenePicture drawn_picture(int width, int height) {
    std::vector<ImageF> bands(3, ImageF(width, height));
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const int dx = x % 90 - 45, dy = y % 80 - 40;
            const bool thing = (x / 90 + y / 80) % 2 == 0 ? dx * dx + dy * dy < 27 * 27
                                                          : std::abs(dx) < 30 && std::abs(dy) < 20;
            for (int band = 0; band < 3; ++band)
                bands[static_cast<std::size_t>(band)].at(x, y) = static_cast<float>(
                    thing ? 220 - 40 * ((x / 90 + band) % 3) : 60 + 10 * band + (x * 7 + y * 3) % 9);
        }
    ScenePicture picture;
    picture.source = raster::memory_raster({}, bands);
    picture.plan = bands::plan_channels({"", "1,2,3"}, picture.source->info().bands, nullptr);
    return picture;
}

TileSchedule schedule(int threads, int tiles_at_once) {
    TileSchedule result;
    result.threads = threads;
    result.tiles_at_once = tiles_at_once;
    return result;
}

struct TileRunResult : TileRunReport {
    std::vector<Segment> segments;
    std::map<int, std::vector<TileMask>> looked_at;  // tiles, and their masks
};

TileRunResult run(const ScenePicture& picture, const TileSchedule& schedule, const MultiPolygon& area,
                  Progress& progress, WorkFolder* work = nullptr, bool keep_going = false,
                  int coarse_levels = 0, int overlap = 64) {
    sam::use_one_thread_per_call();
    const LoadedModel model = load_model("", "cpu", sam::Precision::fp32, progress);
    // More threads than this machine has cores, too.
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(schedule.threads));
    mask_generation::MaskGeneratorOptions options;
    options.points_per_side = 10;
    options.points_per_batch = 16;
    options.pred_iou_thresh = model.pred_iou_thresh;
    options.stability_score_thresh = model.stability_score_thresh;
    const mask_generation::AutomaticMaskGenerator generator(model.sam, options);
    const auto& info = picture.source->info();
    const tiling::TilePyramid tiles(info.width, info.height, {256, overlap}, coarse_levels);
    TileRunResult result;
    TileRun tile_run{picture, tiles, area, generator, {}, schedule, nullptr, work, keep_going, {}, {}};
    tile_run.prepare = [&](std::int64_t first_id, std::vector<Segment> segments) {
        return [&result, first_id, segments = std::move(segments)] {
            EXPECT_EQ(first_id, static_cast<std::int64_t>(result.segments.size()) + 1);
            result.segments.insert(result.segments.end(), segments.begin(), segments.end());
        };
    };
    tile_run.on_tile = [&](int tile, const std::vector<TileMask>& masks) { result.looked_at[tile] = masks; };
    static_cast<TileRunReport&>(result) = run_tiles(tile_run, progress);
    return result;
}

TileRunResult run(const ScenePicture& picture, const TileSchedule& schedule, const MultiPolygon& area = {}) {
    return run(picture, schedule, area, *silent_progress());
}

void expect_equal(const TileRunResult& many, const TileRunResult& one) {
    EXPECT_EQ(many.masks, one.masks);
    ASSERT_EQ(many.segments.size(), one.segments.size());
    for (std::size_t i = 0; i < one.segments.size(); ++i) {
        EXPECT_EQ(many.segments[i].mask, one.segments[i].mask);
        EXPECT_EQ(many.segments[i].predicted_iou, one.segments[i].predicted_iou);
        EXPECT_EQ(many.segments[i].stability_score, one.segments[i].stability_score);
        EXPECT_EQ(many.segments[i].tiles, one.segments[i].tiles);
    }
}

TEST(TileRun, GivesTheSameSegmentsHoweverTheWorkIsSharedOut) {
    struct Size {
        int width, height;
        std::size_t least_segments;
    };
    for (const Size& size :
         {Size{250, 250, 2}, Size{640, 250, 5}, Size{500, 300, 5}}) {  // 1, 3 + 2 and 6 + 1 tiles
        const ScenePicture picture = drawn_picture(size.width, size.height);
        const auto with = [&](const TileSchedule& work) {
            return run(picture, work, {}, *silent_progress(), nullptr, false, 1);
        };
        const TileRunResult one = with(schedule(1, 1));
        ASSERT_GT(one.segments.size(), size.least_segments);
        for (int threads : {2, 3, 16})
            for (int tiles_at_once : {1, 2, threads}) {
                SCOPED_TRACE(std::to_string(size.width) + " pixels wide, " + std::to_string(threads) +
                             " threads, " + std::to_string(tiles_at_once) + " tiles at once");
                expect_equal(with(schedule(threads, tiles_at_once)), one);
            }
    }
}

TEST(TileRun, LargerTilesFindWhatIsLargerThanATile) {
    // A disc of 440 pixels in the middle of small ones, on tiles of 256 whose pieces cannot be joined.
    ScenePicture picture = drawn_picture(800, 720);
    std::vector<ImageF> bands;
    const RasterWindow drawn = picture.source->read({0, 0, 800, 720}, {1, 2, 3}, 800, 720);
    for (int band = 0; band < 3; ++band) bands.emplace_back(800, 720);
    std::vector<landseam::Run> rows;
    for (int y = 0; y < 720; ++y)
        for (int x = 0; x < 800; ++x) {
            const bool inside = (x - 400) * (x - 400) + (y - 360) * (y - 360) < 220 * 220;
            if (inside) rows.push_back({y, x, x + 1});
            for (int band = 0; band < 3; ++band)
                bands[static_cast<std::size_t>(band)].at(x, y) =
                    inside ? 240.f - 60.f * static_cast<float>(band)
                           : drawn.bands[static_cast<std::size_t>(band)].at(x, y);
        }
    picture.source = raster::memory_raster({}, bands);
    const RunMask disc = RunMask::from_runs(rows);
    const auto found = [&](int coarse_levels) {
        double best = 0;
        for (const Segment& segment :
             run(picture, schedule(2, 2), {}, *silent_progress(), nullptr, false, coarse_levels, 0).segments)
            best = std::max(best, intersection_over_union(segment.mask, disc));
        return best;
    };
    EXPECT_LT(found(0), 0.7);
    EXPECT_GT(found(2), 0.8);
}

TEST(TileRun, LargerTilesLeaveToSmallerOnesWhatThoseSeeWhole) {
    const ScenePicture picture = drawn_picture(600, 500);  // things of at most 60 pixels
    const TileRunResult fine = run(picture, schedule(2, 2));
    const TileRunResult both = run(picture, schedule(2, 2), {}, *silent_progress(), nullptr, false, 1);
    // 64 pixels of overlap less 5 on either side: what is no longer than 54 comes from the tiles of 256.
    const auto small = [](const TileRunResult& result) {
        std::vector<RunMask> masks;
        for (const Segment& segment : result.segments) {
            const PixelBox bounds = segment.mask.bounds();
            if (std::max(bounds.width, bounds.height) <= 54) masks.push_back(segment.mask);
        }
        return masks;
    };
    EXPECT_FALSE(small(fine).empty());
    EXPECT_FALSE(small(both).empty());
    for (const RunMask& mask : small(both)) {
        const auto all = small(fine);
        EXPECT_NE(std::find(all.begin(), all.end(), mask), all.end());
    }
}

// A scene that tells whenever a window of it is read.
class WatchedRaster : public raster::RasterSource {
public:
    WatchedRaster(std::unique_ptr<raster::RasterSource> source,
                  std::function<void(int, const PixelBox&)> on_read)
        : source_(std::move(source)), on_read_(std::move(on_read)) {}

    const raster::SceneInfo& info() const override { return source_->info(); }
    RasterWindow read(const PixelBox& window, const std::vector<int>& bands, int width,
                      int height) const override {
        on_read_(++reads_, window);
        return source_->read(window, bands, width, height);
    }

private:
    std::unique_ptr<raster::RasterSource> source_;
    std::function<void(int, const PixelBox&)> on_read_;
    mutable std::atomic<int> reads_{0};
};

ScenePicture watched_picture(int width, int height, std::function<void(int, const PixelBox&)> on_read) {
    ScenePicture picture = drawn_picture(width, height);
    picture.source = std::make_unique<WatchedRaster>(std::move(picture.source), std::move(on_read));
    return picture;
}

class CountingProgress : public Progress {
public:
    void begin(const std::string&, std::int64_t) override {}
    void update(std::int64_t done, const std::string&) override { done_ = done; }
    void end() override {}
    void warn(const std::string&) override {}
    std::int64_t done() const { return done_; }

private:
    std::atomic<std::int64_t> done_{0};
};

TEST(TileRun, WorksOnNoMoreTilesAtOnceThanPlanned) {
    for (int tiles_at_once : {1, 2}) {
        CountingProgress progress;
        std::atomic<std::int64_t> most{0};
        const ScenePicture picture = watched_picture(700, 300, [&](int begun, const PixelBox&) {
            const std::int64_t at_work = begun - progress.done();
            for (std::int64_t so_far = most;
                 at_work > so_far && !most.compare_exchange_weak(so_far, at_work);) {
            }
        });
        run(picture, schedule(4, tiles_at_once), {}, progress);
        EXPECT_EQ(progress.done(), 8);
        EXPECT_LE(most, tiles_at_once);
    }
}

std::ptrdiff_t threads_of_process() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                         std::filesystem::directory_iterator());
}

TEST(TileRun, StartsNoMoreThreadsThanAskedFor) {
    if (!std::filesystem::exists("/proc/self/task"))
        GTEST_SKIP() << "threads are counted in /proc, which is absent";
    for (int threads : {1, 2}) {
        const std::ptrdiff_t before = threads_of_process();
        std::atomic<std::ptrdiff_t> most{0};
        // Reading the last tiles comes after encoding and decoding others, so all pools of threads are there.
        const ScenePicture picture = watched_picture(640, 300, [&](int, const PixelBox&) {
            const std::ptrdiff_t now = threads_of_process();
            for (std::ptrdiff_t so_far = most; now > so_far && !most.compare_exchange_weak(so_far, now);) {
            }
        });
        run(picture, schedule(threads, threads));
        EXPECT_LE(most, before + threads - 1);
    }
}

TEST(TileRun, SkipsTilesOutsideTheAreaOfInterest) {
    const ScenePicture picture = drawn_picture(700, 256);
    const MultiPolygon left{{{{0, 0}, {180, 0}, {180, 256}, {0, 256}}, {}}};
    const TileRunResult result = run(picture, schedule(2, 2), left);
    EXPECT_GT(result.empty_tiles, 0);
    ASSERT_FALSE(result.segments.empty());
    for (const Segment& segment : result.segments) EXPECT_LE(segment.mask.bounds().right(), 180);
}

TEST(TileRun, AnErrorInOneTileEndsTheRun) {
    ScenePicture picture = drawn_picture(300, 300);
    picture.plan.source_bands = {1, 2, 9};  // no such band: reading fails
    EXPECT_ANY_THROW(run(picture, schedule(2, 2)));
}

// Waits until `count` threads have come here; false if that takes a minute.
class Meeting {
public:
    bool wait_for(int count) {
        std::unique_lock<std::mutex> lock(mutex_);
        ++came_;
        changed_.notify_all();
        return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return came_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int came_ = 0;
};

TEST(TileRun, AfterAnErrorNoMoreTilesAreBegun) {
    Meeting both_at_work;
    std::atomic<int> reads{0};
    const ScenePicture picture =
        watched_picture(2000, 1000, [&](int read, const PixelBox& window) {  // 50 tiles
            reads = read;
            EXPECT_TRUE(read > 2 || both_at_work.wait_for(2));
            if (window.x == 0 && window.y == 0) throw Error("the first tile", "cannot be read");
        });
    EXPECT_THROW(run(picture, schedule(2, 2)), Error);
    EXPECT_LT(reads, 25);
}

TEST(TileRun, ReadsATileAgainWhenReadingFails) {
    std::atomic<int> faults{0};
    const ScenePicture picture = watched_picture(640, 250, [&](int, const PixelBox& window) {
        if (window.x > 0 && window.x < 250 && faults < 2) {
            ++faults;
            throw Error("the second tile", "is out of reach", "", ErrorKind::passing);
        }
    });
    const TileRunResult result = run(picture, schedule(1, 1));
    EXPECT_EQ(faults, 2);
    EXPECT_TRUE(result.failed.empty());
    expect_equal(result, run(drawn_picture(640, 250), schedule(1, 1)));
}

// Pixels of segments from column 256 to 383, which only the second of the tiles that begin at 0, 192 and 384
// sees.
std::int64_t pixels_that_the_second_tile_alone_sees(const TileRunResult& result) {
    std::int64_t pixels = 0;
    for (const Segment& segment : result.segments)
        for (const Run& run : segment.mask.runs())
            pixels +=
                std::max(std::min<std::int64_t>(run.x_end, 384) - std::max<std::int64_t>(run.x_begin, 256),
                         std::int64_t{0});
    return pixels;
}

TEST(TileRun, ListsTilesThatCannotBeReadAndFinishesTheRest) {
    const ScenePicture picture = watched_picture(640, 250, [&](int, const PixelBox& window) {
        if (window.x > 0 && window.x < 250) throw Error("the second tile", "cannot be read");
    });
    const TileRunResult result = run(picture, schedule(2, 2), {}, *silent_progress(), nullptr, true);
    ASSERT_EQ(result.failed.size(), 1u);
    EXPECT_EQ(result.failed[0].index, 1);
    EXPECT_EQ(result.failed[0].window.width, 256);
    EXPECT_EQ(result.failed[0].reason, "'the second tile': cannot be read");
    EXPECT_GT(result.segments.size(), 0u);
    EXPECT_EQ(pixels_that_the_second_tile_alone_sees(result), 0);
    EXPECT_GT(pixels_that_the_second_tile_alone_sees(run(drawn_picture(640, 250), schedule(2, 2))), 0);
}

TEST(TileRun, ATileThatCannotBeReadHidesNothingOfItsNeighbours) {
    const ScenePicture picture = watched_picture(640, 250, [&](int, const PixelBox& window) {
        if (window.x > 0 && window.x < 250) throw Error("the second tile", "cannot be read");
    });
    const TileRunResult result = run(picture, schedule(2, 2), {}, *silent_progress(), nullptr, true, 0, 128);
    ASSERT_EQ(result.looked_at.count(1), 0u);
    const auto merged = [&](bool passed_over) {
        seam_merge::SeamMerger merger(tiling::TilePyramid(640, 250, {256, 128}, 0).layout());
        for (const auto& [tile, masks] : result.looked_at) merger.add_tile(tile, masks);
        if (passed_over)
            merger.pass_over(1);
        else
            merger.add_tile(1, {});
        return merger.take_finished().size();
    };
    EXPECT_EQ(result.segments.size(), merged(true));
    EXPECT_GT(merged(true), merged(false)) << "the picture shows nothing that it matters for";
}

TEST(TileRun, TakesFinishedTilesFromTheWorkFolder) {
    test::TemporaryFolder folder;
    const TileRunResult expected = run(drawn_picture(640, 250), schedule(1, 1));
    {  // the first tile is finished, the second one fails
        WorkFolder work(folder.file("work"), "{}");
        const ScenePicture picture = watched_picture(640, 250, [&](int, const PixelBox& window) {
            if (window.x > 0) throw Error("the second tile", "cannot be read");
        });
        EXPECT_THROW(run(picture, schedule(1, 1), {}, *silent_progress(), &work), Error);
        EXPECT_EQ(work.count(), 1);
    }
    {
        WorkFolder work(folder.file("work"), "{}");
        const TileRunResult resumed =
            run(drawn_picture(640, 250), schedule(2, 2), {}, *silent_progress(), &work);
        EXPECT_EQ(resumed.kept_tiles, 1);
        EXPECT_EQ(work.count(), 3);
        expect_equal(resumed, expected);
    }
    // Tiles whose pixels have changed are looked at again.
    WorkFolder work(folder.file("work"), "{}");
    ScenePicture brighter = drawn_picture(640, 250);
    brighter.stretch.gamma = 1.5;
    EXPECT_EQ(run(brighter, schedule(1, 1), {}, *silent_progress(), &work).kept_tiles, 0);
}

TEST(SharedWithIdleThreads, AThreadWithoutATileHelps) {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
    tbb::task_arena arena(2);
    Meeting meeting;
    std::atomic<int> met{0};
    arena.execute([&] { shared_with_idle_threads()(2, [&](std::size_t) { met += meeting.wait_for(2); }); });
    EXPECT_EQ(met, 2);
}

TEST(SharedWithIdleThreads, AnErrorInOneTileLeavesTheLoopsOfOthersWhole) {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
    tbb::task_arena arena(2);
    Meeting begun;
    std::vector<int> done(100, 0);
    std::atomic<bool> met{false};
    const auto tile = [&](int index) {
        if (index == 1) {
            EXPECT_TRUE(begun.wait_for(2));
            throw Error("tile 1", "fails");
        }
        shared_with_idle_threads()(done.size(), [&](std::size_t i) {
            if (i == 0) met = begun.wait_for(2);
            // Parts of the loop go on long after the error has reached the loop over tiles.
            for (int spin = 0; spin < 1000; ++spin) std::this_thread::yield();
            done[i] = 1;
        });
    };
    EXPECT_THROW(arena.execute([&] { tbb::parallel_for(0, 2, tile, tbb::simple_partitioner()); }), Error);
    EXPECT_TRUE(met);
    EXPECT_EQ(done, std::vector<int>(100, 1));
}

}  // namespace
}  // namespace landseam::pipeline
