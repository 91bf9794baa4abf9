#include "pipeline/tile_run.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "landseam/core/polygon_fill.h"
#include "pipeline/stop.h"

namespace landseam::pipeline {
namespace {

// The masks of one tile in its own pixels; false if no pixel of it is valid.
bool tile_masks(const ScenePicture& picture, const PixelBox& window, const MultiPolygon& area,
                const mask_generation::AutomaticMaskGenerator& generator, const ParallelFor& parallel_for,
                sam::EmbeddingCache* embeddings, std::vector<TileMask>& masks) {
    const int width = static_cast<int>(window.width), height = static_cast<int>(window.height);
    RasterWindow pixels = picture.source->read(window, picture.plan.source_bands, width, height);
    cut_to_area(pixels.valid, window, area);
    if (std::find(pixels.valid.values.begin(), pixels.valid.values.end(), 1) == pixels.valid.values.end()) return false;
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

ParallelFor parallel_batches() {
    return [](std::size_t count, const std::function<void(std::size_t)>& body) {
        tbb::parallel_for(std::size_t{0}, count, body);
    };
}

}  // namespace

void cut_to_area(ImageU8& valid, const PixelBox& frame, const MultiPolygon& area_of_interest) {
    if (area_of_interest.empty()) return;
    const ImageU8 inside = fill_polygons(area_of_interest, frame).to_image(frame);
    for (std::size_t i = 0; i < valid.values.size(); ++i) valid.values[i] = valid.values[i] && inside.values[i];
}

TileRunResult run_tiles(const ScenePicture& picture, const tiling::TileGrid& grid, const MultiPolygon& area_of_interest,
                        const mask_generation::AutomaticMaskGenerator& generator, const seam_merge::MergeOptions& merge,
                        int threads, Progress& progress, sam::EmbeddingCache* embeddings) {
    TileRunResult result;
    seam_merge::SeamMerger merger(grid, merge);
    std::mutex merge_mutex;
    std::atomic<int> next_tile{0};
    std::int64_t done = 0;
    const int workers = std::min(threads, grid.count());
    // Few tiles leave threads over for the prompt batches of each.
    const ParallelFor batches = workers < threads ? parallel_batches() : ParallelFor(serial_for);

    const auto take_tiles = [&](int) {
        for (int index = next_tile++; index < grid.count(); index = next_tile++) {
            check_stop();
            std::vector<TileMask> masks;
            const bool seen =
                tile_masks(picture, grid.tile(index).window, area_of_interest, generator, batches, embeddings, masks);
            std::lock_guard<std::mutex> lock(merge_mutex);
            result.empty_tiles += !seen;
            result.masks += static_cast<std::int64_t>(masks.size());
            merger.add_tile(index, std::move(masks));
            for (Segment& segment : merger.take_finished()) result.segments.push_back(std::move(segment));
            progress.update(++done, std::to_string(result.masks) + " masks, " + std::to_string(result.segments.size()) +
                                        " segments finished");
        }
    };
    progress.begin("tiles", grid.count());
    tbb::task_arena arena(threads);
    arena.execute([&] { tbb::parallel_for(0, workers, take_tiles, tbb::simple_partitioner()); });
    progress.end();
    std::sort(result.segments.begin(), result.segments.end(), comes_before);
    return result;
}

}  // namespace landseam::pipeline
