#include "landseam/pipeline/merge_tiles.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/machine.h"
#include "landseam/pipeline/tile_masks_file.h"
#include "landseam/raster/georeference.h"
#include "landseam/vectors/coverage.h"

#include "pipeline/memory_budget.h"
#include "pipeline/memory_size.h"
#include "pipeline/segment_features.h"
#include "pipeline/threads.h"
#include "pipeline/tile_chain.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

// What a byte of a line comes to while the line is read: its text, its JSON and the masks' runs (measured:
// 14, where runs are short, in either form of counts). And in the merge, while its tile is at the frontier: a
// run takes 12 bytes, and two characters of a line at least.
constexpr std::int64_t of_line_read = 16, of_line_kept = 6;
// What is prepared to be written after a tile, at most; and the layer's file while it is written.
constexpr std::int64_t prepared_memory = std::int64_t{20} << 20, writing_memory = std::int64_t{48} << 20;

raster::SceneInfo scene_of(const TileMasksHeader& header, const std::string& path) {
    raster::SceneInfo info;
    info.path = path;
    info.width = header.width;
    info.height = header.height;
    info.geo_transform = header.geo_transform;
    if (header.geo_transform && !header.crs.empty()) info.crs_wkt = raster::crs_wkt_from(header.crs);
    return info;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// A field name the layer has not taken yet, whatever the case: "tiles" becomes "mask_tiles".
std::vector<std::string> free_names(const std::vector<std::string>& names) {
    std::set<std::string> taken{"fid", "geom"};
    for (const output::FieldDefinition& field : segment_fields({})) taken.insert(lower(field.name));
    std::vector<std::string> free;
    for (std::string name : names) {
        while (!taken.insert(lower(name)).second) name = "mask_" + name;
        free.push_back(name);
    }
    return free;
}

std::unique_ptr<output::LayerSink> open_output(const MergeTilesOptions& options,
                                               const raster::SceneInfo& info,
                                               const std::vector<std::string>& attributes,
                                               Progress& progress) {
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.fields = segment_fields({}, free_names(attributes));
    layer.overwrite = options.overwrite;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"tiles", options.tiles}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

TileChain chain_of(const MergeTilesOptions& options, const TileMasksFile& file, const raster::SceneInfo& info,
                   output::LayerSink& sink) {
    TileChain chain{{{0, 0, info.width, info.height}, file.windows()}, options.merge, {}, {}, {}};
    chain.masks_of = [&file](int tile) { return file.tile(tile).masks; };
    chain.prepare = [&, georeference = raster::Georeference(info)](std::int64_t id,
                                                                   const std::vector<Segment>& segments) {
        std::vector<output::Feature> features;
        for (const Segment& segment : segments) {
            const MultiPolygon outline =
                vectors::trace_outline(segment.mask, vectors::corners_of(segment.mask), {options.simplify})
                    .polygons;
            features.push_back(
                segment_feature(id++, segment, {}, 0, georeference, outline, file.names().size()));
        }
        return [&sink, features = std::move(features)] {
            for (const output::Feature& feature : features) sink.write(feature);
        };
    };
    return chain;
}

TileSchedule plan_lines(const TileMasksFile& file, int lines, std::int64_t budget, Progress& progress) {
    MemoryNeeds needs;
    needs.fixed = held_memory() + writing_memory + of_line_kept * file.lines_across();
    needs.tile = of_line_read * file.longest_line() + prepared_memory;
    const TileSchedule schedule = plan_tiles(static_cast<int>(file.windows().size()), lines, needs, budget);
    if (!schedule.fits)
        progress.warn("the tiles of a row, and one at once to read, take about " +
                      memory_text(schedule.memory) + " in all, and --max-memory allows " +
                      memory_text(schedule.budget) + ": going on with one");
    return schedule;
}

}  // namespace

void MergeTilesOptions::validate() const {
    merge.validate();
    check_threads(threads);
    if (!max_memory.empty()) parse_memory_size("--max-memory", max_memory);
    if (!(simplify >= 0) || !std::isfinite(simplify))
        throw Error("--simplify", "must be a number of pixels, 0 or more", "", ErrorKind::usage);
}

MergeTilesReport merge_tiles(const MergeTilesOptions& options, Progress& progress) {
    options.validate();
    const int threads = threads_or_cores(options.threads);
    const ThreadLimit limit(threads);
    const std::int64_t budget = memory_of_machine(options.max_memory);
    const int lines = 4 * threads;
    const TileMasksFile file(options.tiles, threads,
                             budget > 0
                                 ? std::max<std::int64_t>(0, budget - held_memory()) / (lines * of_line_read)
                                 : std::numeric_limits<std::int64_t>::max());
    const raster::SceneInfo info = scene_of(file.header(), options.tiles);
    const auto sink = open_output(options, info, file.names(), progress);
    MergeTilesReport report;
    report.tiles = static_cast<std::int64_t>(file.windows().size());
    const TileSchedule schedule = plan_lines(file, lines, budget, progress);
    TileChain chain = chain_of(options, file, info, *sink);
    chain.note = schedule.describe();
    tbb::task_arena arena(threads);
    const TileChainReport merged =
        arena.execute([&] { return run_tile_chain(chain, schedule.tiles_at_once, progress); });
    report.masks = merged.masks;
    report.segments = merged.segments;
    if (report.segments == 0) progress.warn("no masks found in '" + options.tiles + "'");
    sink->close();
    return report;
}

}  // namespace landseam::pipeline
