#include "pipeline/tile_run.h"

#include "landseam/core/polygon_fill.h"

#include "pipeline/stop.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

namespace landseam::pipeline {
namespace {

// The masks of one tile in its own pixels; false if no pixel of it is valid.
bool tile_masks(const ScenePicture& picture, const PixelBox& window, const MultiPolygon& area,
                const mask_generation::AutomaticMaskGenerator& generator, const ParallelFor& parallel_for,
                sam::EmbeddingCache* embeddings, std::vector<TileMask>& masks) {
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    RasterWindow pixels = picture.source->read(window, picture.plan.source_bands, width, height);
    cut_to_area(pixels.valid, window, area);
    if (std::find(pixels.valid.values.begin(), pixels.valid.values.end(), 1) == pixels.valid.values.end())
        return false;
    const ImageU8 rgb = bands::to_rgb(pixels, picture.plan, picture.stretch);
    masks = generator.generate(rgb, &pixels.valid, parallel_for, embeddings);
    return true;
}

// A total order of segments that depends on nothing but themselves.
bool comes_before(const Segment& a, const Segment& b) {
    const auto& x = a.mask.runs();
    const auto& y = b.mask.runs();
    const auto less = [](const Run& r, const Run& s) {
        return r.y != s.y ? r.y < s.y : r.x_begin != s.x_begin ? r.x_begin < s.x_begin : r.x_end < s.x_end;
    };
    if (x != y) return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end(), less);
    return a.predicted_iou > b.predicted_iou;
}

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

TileRunResult run_tiles(const ScenePicture& picture, const tiling::TileGrid& grid,
                        const MultiPolygon& area_of_interest,
                        const mask_generation::AutomaticMaskGenerator& generator,
                        const seam_merge::MergeOptions& merge, const TileSchedule& schedule,
                        Progress& progress, sam::EmbeddingCache* embeddings) {
    TileRunResult result;
    seam_merge::SeamMerger merger(grid, merge);
    std::mutex merge_mutex;
    std::atomic<int> next_tile{0};
    std::int64_t done = 0;
    const ParallelFor shared = shared_with_idle_threads();

    const auto work_on = [&](int index) {
        check_stop();
        std::vector<TileMask> masks;
        const bool seen = tile_masks(picture, grid.tile(index).window, area_of_interest, generator, shared,
                                     embeddings, masks);
        const std::lock_guard<std::mutex> lock(merge_mutex);
        result.empty_tiles += !seen;
        result.masks += static_cast<std::int64_t>(masks.size());
        merger.add_tile(index, std::move(masks));
        for (Segment& segment : merger.take_finished()) result.segments.push_back(std::move(segment));
        progress.update(++done, std::to_string(result.masks) + " masks, " +
                                    std::to_string(result.segments.size()) + " segments finished");
    };
    const auto take_tiles = [&](int) {
        try {
            for (int index = next_tile++; index < grid.count(); index = next_tile++) work_on(index);
        } catch (...) {
            next_tile = grid.count();  // the others need not begin another one
            throw;
        }
    };
    progress.begin("tiles", grid.count());
    progress.update(0, schedule.describe());
    tbb::task_arena arena(schedule.threads);
    const int at_once = std::min(schedule.tiles_at_once, grid.count());
    arena.execute([&] { tbb::parallel_for(0, at_once, take_tiles, tbb::simple_partitioner()); });
    progress.end();
    std::sort(result.segments.begin(), result.segments.end(), comes_before);
    return result;
}

}  // namespace landseam::pipeline
