#include "pipeline/segment_statistics.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>

#include "landseam/tiling/tile_grid.h"
#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

namespace landseam::pipeline {
namespace {

constexpr int block_side = 1024;

struct Part {
    std::size_t segment;
    segments::SegmentStatistics statistics;
};

std::vector<Part> block_statistics(const raster::RasterSource& source, const std::vector<Segment>& segments,
                                   const std::vector<PixelBox>& bounds, const std::vector<std::size_t>& candidates,
                                   const PixelBox& core, const MultiPolygon& area) {
    std::vector<std::size_t> here;
    for (std::size_t i : candidates)
        if (!intersection(bounds[i], core).empty()) here.push_back(i);
    if (here.empty()) return {};
    const auto& info = source.info();
    const PixelBox frame = intersection({core.x - 1, core.y - 1, core.width + 2, core.height + 2},
                                        {0, 0, info.width, info.height});
    RasterWindow window = source.read(frame, info.image_bands, static_cast<int>(frame.width), static_cast<int>(frame.height));
    cut_to_area(window.valid, frame, area);
    std::vector<Part> parts;
    for (std::size_t i : here)
        parts.push_back({i, segments::window_statistics(segments[i].mask, window, frame, core)});
    return parts;
}

}  // namespace

std::vector<segments::SegmentStatistics> gather_statistics(const raster::RasterSource& source,
                                                           const std::vector<Segment>& segments,
                                                           const MultiPolygon& area_of_interest, int threads,
                                                           Progress& progress) {
    const auto& info = source.info();
    const tiling::TileGrid blocks(info.width, info.height, {block_side, 0});
    std::vector<segments::SegmentStatistics> statistics(segments.size());
    std::vector<PixelBox> bounds;
    for (const Segment& segment : segments) bounds.push_back(segment.mask.bounds());

    progress.begin("statistics", blocks.count());
    tbb::task_arena arena(threads);
    // A row of blocks at a time in parallel; their parts are added in the blocks' order, so sums round alike.
    for (int first = 0; first < blocks.count(); first += blocks.columns()) {
        check_stop();
        const PixelBox row = blocks.tile(first).core;
        std::vector<std::size_t> candidates;
        for (std::size_t i = 0; i < segments.size(); ++i)
            if (bounds[i].y < row.bottom() && bounds[i].bottom() > row.y) candidates.push_back(i);
        std::vector<std::vector<Part>> parts(static_cast<std::size_t>(blocks.columns()));
        arena.execute([&] {
            tbb::parallel_for(0, blocks.columns(), [&](int column) {
                parts[static_cast<std::size_t>(column)] = block_statistics(
                    source, segments, bounds, candidates, blocks.tile(first + column).core, area_of_interest);
            });
        });
        for (const auto& block : parts)
            for (const Part& part : block) segments::combine(statistics[part.segment], part.statistics);
        progress.update(first + blocks.columns(), {});
    }
    progress.end();
    return statistics;
}

}  // namespace landseam::pipeline
