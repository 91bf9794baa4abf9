#include "pipeline/segment_statistics.h"

#include "landseam/core/error.h"

#include "pipeline/tile_run.h"

#include <map>
#include <utility>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t block_side = 512;

// A block of the scene, and the segments with pixels in it.
struct Block {
    PixelBox box;
    std::vector<std::size_t> segments;
    std::vector<segments::SegmentStatistics> statistics;  // of their pixels here
};

// In the order of rows and columns, so that sums round alike whatever else is measured.
std::vector<Block> blocks_of(const std::vector<Segment>& segments) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> by_place;
    for (std::size_t i = 0; i < segments.size(); ++i)
        for (const Run& run : segments[i].mask.runs())
            for (std::int64_t column = run.x_begin / block_side; column <= (run.x_end - 1) / block_side; ++column) {
                std::vector<std::size_t>& here = by_place[{run.y / block_side, column}];
                if (here.empty() || here.back() != i) here.push_back(i);
            }
    std::vector<Block> blocks;
    for (auto& [place, here] : by_place)
        blocks.push_back({{place.second * block_side, place.first * block_side, block_side, block_side}, std::move(here), {}});
    return blocks;
}

void measure(Block& block, const raster::RasterSource& source, const std::vector<Segment>& segments,
             const MultiPolygon& area) {
    const auto& info = source.info();
    std::vector<RunMask> parts;
    PixelBox core;  // no more than what the parts cover
    for (std::size_t i : block.segments) {
        parts.push_back(segments[i].mask.clipped(block.box));
        core = bounding(core, parts.back().bounds());
    }
    const PixelBox frame = intersection({core.x - 1, core.y - 1, core.width + 2, core.height + 2},
                                        {0, 0, info.width, info.height});
    RasterWindow window = source.read(frame, info.image_bands);
    cut_to_area(window.valid, frame, area);
    for (const RunMask& part : parts) block.statistics.push_back(segments::window_statistics(part, window, frame, core));
}

}  // namespace

std::vector<segments::SegmentStatistics> gather_statistics(const raster::RasterSource& source,
                                                           const std::vector<Segment>& segments,
                                                           const MultiPolygon& area_of_interest,
                                                           bool unreadable_is_invalid, const ParallelFor& parallel_for) {
    std::vector<Block> blocks = blocks_of(segments);
    parallel_for(blocks.size(), [&](std::size_t k) {
        try {
            measure(blocks[k], source, segments, area_of_interest);
        } catch (const Error&) {
            if (!unreadable_is_invalid) throw;
            segments::SegmentStatistics unknown;
            unknown.bands.resize(source.info().image_bands.size());
            unknown.touches_invalid = true;
            blocks[k].statistics.assign(blocks[k].segments.size(), unknown);
        }
    });
    std::vector<segments::SegmentStatistics> statistics(segments.size());
    for (const Block& block : blocks)
        for (std::size_t k = 0; k < block.segments.size(); ++k)
            segments::combine(statistics[block.segments[k]], block.statistics[k]);
    return statistics;
}

}  // namespace landseam::pipeline
