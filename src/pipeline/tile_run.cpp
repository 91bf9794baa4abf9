#include "pipeline/tile_run.h"

#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"

#include "pipeline/stop.h"
#include "pipeline/tile_chain.h"
#include "sam/hash.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

namespace landseam::pipeline {
namespace {

constexpr int tries = 3;  // at reading a tile; a fault of a network or a disk may pass
constexpr auto first_pause = std::chrono::milliseconds(200);

sam::Fingerprint fingerprint_of(const ImageU8& rgb, const ImageU8& valid) {
    return sam::Hash()
        .add(rgb.width)
        .add(rgb.height)
        .add(rgb.channels)
        .add(rgb.values.data(), rgb.values.size())
        .add(valid.values.data(), valid.values.size())
        .digest();
}

struct TilePicture {
    ImageU8 rgb, valid;
};

// Adds rows to an image that may be empty.
void append(ImageU8& image, ImageU8&& rows) {
    if (image.values.empty()) {
        image = std::move(rows);
        return;
    }
    image.height += rows.height;
    image.values.insert(image.values.end(), rows.values.begin(), rows.values.end());
}

// The scene's tiles, each down to its masks.
class SceneTiles {
public:
    explicit SceneTiles(const TileRun& run) : run_(run) {}

    // The masks of a tile in its own pixels, without what smaller tiles see whole; nothing where the tile
    // cannot be read. Called from several threads.
    std::optional<std::vector<TileMask>> masks_of(int index) {
        std::optional<std::vector<TileMask>> masks = found_in(index);
        const std::int64_t seen = run_.tiles.seen_below(run_.tiles.level(index), run_.merge.edge_margin);
        const auto is_small = [&](const TileMask& mask) {
            const PixelBox bounds = mask.segmentation.bounds();
            return std::max(bounds.width, bounds.height) <= seen;
        };
        if (masks && seen > 0)
            masks->erase(std::remove_if(masks->begin(), masks->end(), is_small), masks->end());
        return masks;
    }

    void report(TileRunReport& report) {
        report.empty_tiles = empty_;
        report.kept_tiles = kept_;
        report.failed = std::move(failed_);
        std::sort(report.failed.begin(), report.failed.end(),
                  [](const FailedTile& a, const FailedTile& b) { return a.index < b.index; });
    }

private:
    std::optional<std::vector<TileMask>> found_in(int index) {
        check_stop();
        const PixelBox window = run_.tiles.window(index);
        TilePicture picture;
        try {
            picture = read(window);
        } catch (const Error& error) {
            if (!run_.keep_going) throw;
            const std::lock_guard<std::mutex> lock(mutex_);
            failed_.push_back({index, window, error.what()});
            return std::nullopt;
        }
        const auto& [rgb, valid] = picture;
        if (std::find(valid.values.begin(), valid.values.end(), 1) == valid.values.end()) {
            ++empty_;
            return std::vector<TileMask>();
        }
        if (!run_.work) return run_.generator.generate(rgb, &valid, shared_, run_.embeddings);
        const sam::Fingerprint fingerprint = fingerprint_of(rgb, valid);
        if (auto masks = run_.work->masks_of(index, fingerprint)) {
            ++kept_;
            return masks;
        }
        std::vector<TileMask> masks = run_.generator.generate(rgb, &valid, shared_, run_.embeddings);
        run_.work->keep(index, window, fingerprint, masks);
        return masks;
    }

    // Read in strips: the bands of a large tile take more memory than its picture.
    TilePicture read(const PixelBox& window) const {
        TilePicture tile;
        for (std::int64_t y = window.y; y < window.bottom(); y += rows_read_at_once) {
            const PixelBox strip{window.x, y, window.width, std::min(rows_read_at_once, window.bottom() - y)};
            RasterWindow pixels = read_strip(strip);
            cut_to_area(pixels.valid, strip, run_.area_of_interest);
            append(tile.rgb, bands::to_rgb(pixels, run_.picture.plan, run_.picture.stretch));
            append(tile.valid, std::move(pixels.valid));
        }
        return tile;
    }

    RasterWindow read_strip(const PixelBox& strip) const {
        for (int attempt = 1;; ++attempt) {
            try {
                return run_.picture.source->read(strip, run_.picture.plan.source_bands);
            } catch (const Error& error) {
                if (attempt == tries || error.kind() == ErrorKind::usage) throw;
                std::this_thread::sleep_for(attempt * attempt * first_pause);
                check_stop();
            }
        }
    }

    const TileRun& run_;
    const ParallelFor shared_ = shared_with_idle_threads();
    std::atomic<std::int64_t> empty_{0}, kept_{0};
    std::mutex mutex_;
    std::vector<FailedTile> failed_;
};

}  // namespace

ParallelFor shared_with_idle_threads() {
    return [](std::size_t count, const std::function<void(std::size_t)>& body) {
        const auto unless_stopped = [&](std::size_t i) {
            check_stop();
            body(i);
        };
        // Isolated both ways. Waiting for the last of its own parts, a thread would else begin another tile
        // and leave this one lying; and an error in one tile would else end the loops of the others with
        // parts left out.
        tbb::this_task_arena::isolate([&] {
            tbb::task_group_context own_errors(tbb::task_group_context::isolated);
            tbb::parallel_for(std::size_t{0}, count, unless_stopped, tbb::simple_partitioner(), own_errors);
        });
    };
}

void cut_to_area(ImageU8& valid, const PixelBox& frame, const MultiPolygon& area_of_interest) {
    if (area_of_interest.empty()) return;
    const ImageU8 inside = fill_polygons(area_of_interest, frame).to_image(frame);
    for (std::size_t i = 0; i < valid.values.size(); ++i)
        valid.values[i] = valid.values[i] && inside.values[i];
}

TileRunReport run_tiles(const TileRun& run, Progress& progress) {
    SceneTiles tiles(run);
    TileChain chain{run.tiles.layout(), run.merge, {}, run.on_tile, run.prepare};
    chain.masks_of = [&](int index) { return tiles.masks_of(index); };
    // Where memory limits the tiles at work, those that wait to be written count, too.
    const TileSchedule& schedule = run.schedule;
    chain.note = schedule.describe();
    const int in_flight =
        schedule.tiles_at_once < schedule.threads ? schedule.tiles_at_once : 4 * schedule.threads;
    tbb::task_arena arena(schedule.threads);
    const TileChainReport merged = arena.execute([&] { return run_tile_chain(chain, in_flight, progress); });
    TileRunReport report;
    report.masks = merged.masks;
    report.segments = merged.segments;
    tiles.report(report);
    return report;
}

}  // namespace landseam::pipeline
