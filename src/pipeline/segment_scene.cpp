#include "landseam/pipeline/segment_scene.h"

#include "landseam/core/error.h"
#include "landseam/output/label_raster.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/settings_file.h"
#include "landseam/pipeline/tile_masks_file.h"
#include "landseam/raster/area_of_interest.h"
#include "landseam/raster/georeference.h"
#include "landseam/sam/memory.h"

#include "output/staged_output.h"
#include "pipeline/memory_budget.h"
#include "pipeline/memory_size.h"
#include "pipeline/segment_features.h"
#include "pipeline/segment_statistics.h"
#include "pipeline/tile_run.h"
#include "pipeline/work_folder.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include <tbb/global_control.h>

namespace landseam::pipeline {
namespace {

// What the user left open is filled in from the model, so that the settings file tells what was used.
SegmentOptions completed(SegmentOptions options, const LoadedModel& model) {
    options.generator.pred_iou_thresh = options.pred_iou_thresh.value_or(model.pred_iou_thresh);
    options.generator.stability_score_thresh =
        options.stability_score_thresh.value_or(model.stability_score_thresh);
    suit_model(options.picture, sam::model_info(*model.sam));
    if (options.tile_size == 0) options.tile_size = sam::model_info(*model.sam).image_size;
    if (options.tile_overlap < 0) options.tile_overlap = options.tile_size / 4;
    if (options.work.empty()) options.work = options.output + ".work";
    if (options.threads == 0)
        options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return options;
}

int points_per_side_for(double object_size, int tile_size, const std::string& scene,
                        const raster::SceneInfo& info) {
    const raster::Georeference georeference(info);
    const Point pixel = georeference.known() ? georeference.pixel_size_m() : Point{0, 0};
    const double gsd = std::max(pixel.x, pixel.y);
    if (!(std::isfinite(gsd) && gsd > 0))
        throw Error(scene,
                    "has no georeference that tells the size of its pixels, so no --object-size can be met",
                    "give --points-per-side instead", ErrorKind::usage);
    return mask_generation::points_per_side_for_objects(object_size, tile_size * gsd);
}

// What a thread takes whatever it does: its stack, its part of the heap, the scene opened once more, the
// scratch memory of matrix products, masks on their way to the merge. Measured: 5 to 12 MiB.
constexpr std::int64_t thread_memory = std::int64_t{12} << 20;

MemoryNeeds memory_needs(const SegmentOptions& options, const LoadedModel& model, const ScenePicture& scene) {
    sam::WorkingMemory working;  // of a GPU's memory nothing is known here
    if (options.device == "cpu")
        working = sam::working_memory(sam::model_info(*model.sam), options.generator.points_per_batch);
    // Of a pixel: the bands read, whether they are valid, the channels, and what a mask is filled into.
    const raster::SceneInfo& info = scene.source->info();
    const std::int64_t side = std::min<std::int64_t>(options.tile_size, std::max(info.width, info.height));
    const auto values = static_cast<std::int64_t>(sizeof(float) * scene.plan.source_bands.size() +
                                                  scene.plan.channels.size() + 5);
    const std::int64_t picture = side * side * values, prompts = options.generator.points_per_side;
    // Three masks a prompt, most of them much smaller than the tile: a run in every fourth row.
    const auto masks = 3 * prompts * prompts * side / 4 * static_cast<std::int64_t>(sizeof(Run));
    MemoryNeeds needs;
    needs.fixed = held_memory();
    needs.helper = thread_memory + working.thread;
    needs.tile = needs.helper + working.picture + picture + masks;
    return needs;
}

TileSchedule plan_tile_run(const SegmentOptions& options, const MemoryNeeds& needs, int tiles,
                           Progress& progress) {
    const auto available = available_memory();
    std::int64_t budget = available ? (*available + needs.fixed) / 4 * 3 : 0;
    if (!options.max_memory.empty()) budget = parse_memory_size("--max-memory", options.max_memory);
    const TileSchedule schedule = plan_tiles(tiles, options.threads, needs, budget);
    if (!schedule.fits)
        progress.warn("one tile at once takes about " + memory_text(schedule.memory) +
                      " in all, and --max-memory allows " + memory_text(budget) + ": going on with one");
    return schedule;
}

std::unique_ptr<output::LayerSink> open_output(const SegmentOptions& options, const raster::SceneInfo& info,
                                               const std::string& model_summary, Progress& progress) {
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.fields = segment_fields(info.image_bands);
    layer.overwrite = options.overwrite;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"scene", options.scene}, {"model", model_summary}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

// What the masks of a tile depend on beside its pixels.
std::string work_settings(const SegmentOptions& options, const ScenePicture& picture, const sam::Fingerprint& model) {
    const raster::SceneInfo& info = picture.source->info();
    return tile_settings_json(options, picture.plan, picture.stretch, info.width, info.height,
                              std::string(model.begin(), model.end()));
}

// Makes finished segments into features and writes them.
class FeatureWriter {
public:
    FeatureWriter(const SegmentOptions& options, const ScenePicture& picture, const MultiPolygon& area,
                  output::LayerSink& sink, output::LabelRasterWriter* labels)
        : options_(options),
          source_(*picture.source),
          area_of_interest_(area),
          georeference_(source_.info()),
          sink_(sink),
          labels_(labels) {}

    std::function<void()> prepare(std::int64_t first_id, std::vector<Segment> segments) {
        const auto statistics =
            gather_statistics(source_, segments, area_of_interest_, options_.keep_going, parallel_for_);
        std::vector<output::Feature> features(segments.size());
        parallel_for_(segments.size(), [&](std::size_t i) {
            features[i] = segment_feature(first_id + static_cast<std::int64_t>(i), segments[i], statistics[i],
                                          source_.info().image_bands.size(), georeference_, options_.simplify);
        });
        if (!labels_) segments.clear();
        return [this, features = std::move(features), segments = std::move(segments)] {
            for (const output::Feature& feature : features) sink_.write(feature);
            for (const Segment& segment : segments) burn(segment.mask);
        };
    }

private:
    // Smaller segments cover larger ones, so that what lies on those stays visible; of equal ones the later.
    void burn(const RunMask& mask) {
        const std::int64_t size = mask.area();
        areas_.push_back(size);
        labels_->burn(mask, static_cast<std::uint32_t>(areas_.size()),
                      [&](std::uint32_t there) { return areas_[there - 1] < size; });
    }

    const SegmentOptions& options_;
    const raster::RasterSource& source_;
    const MultiPolygon& area_of_interest_;
    const raster::Georeference georeference_;
    output::LayerSink& sink_;
    output::LabelRasterWriter* labels_;
    const ParallelFor parallel_for_ = shared_with_idle_threads();
    std::vector<std::int64_t> areas_;  // of the segments burnt, by id
};

// Each tile's masks as they come, in a file that appears when it is whole.
class TilesOutput {
public:
    TilesOutput(const SegmentOptions& options, const tiling::TileGrid& grid, const raster::SceneInfo& info)
        : path_(options.tiles), staged_(options.tiles, options.overwrite), file_(staged_.path(), std::ios::binary) {
        file_ << header_line({info.width, info.height, info.geo_transform, info.crs_wkt, options.tile_overlap}) << '\n';
        windows_.emplace(grid);
    }
    void write(int tile, const std::vector<TileMask>& masks) {
        file_ << tile_line(windows_->window(tile), masks) << '\n';
        check();
    }
    void close() {
        file_.close();
        check();
        staged_.publish();
    }

private:
    void check() const {
        if (!file_) throw Error(path_, "cannot be written", "make room on the disk", ErrorKind::passing);
    }

    std::string path_;
    output::StagedOutput staged_;
    std::ofstream file_;
    std::optional<tiling::TileLayout> windows_;
};

void tell_kept_tiles(const WorkFolder& work, Progress& progress) {
    if (work.count() > 0)
        progress.warn(std::to_string(work.count()) + " finished tiles are kept in '" + work.path() +
                      "'; the same command goes on from there");
}

}  // namespace

void SegmentOptions::validate() const {
    sam::precision_named(precision);
    open.validate();
    picture.stretch.validate();
    generator.validate();
    merge.validate();
    const auto refuse = [](const std::string& option, const std::string& cause) {
        throw Error(option, cause, "", ErrorKind::usage);
    };
    if (threads < 0) refuse("--threads", "must not be negative");
    if (!max_memory.empty()) parse_memory_size("--max-memory", max_memory);
    if (tile_size < 0) refuse("--tile-size", "must not be negative");
    if (object_size && !(*object_size > 0 && std::isfinite(*object_size)))
        refuse("--object-size", "must be a length in metres above 0");
    if (!(simplify >= 0) || !std::isfinite(simplify))
        refuse("--simplify", "must be a number of pixels, 0 or more");
    if (!label_raster.empty() && label_raster == output)
        refuse("--label-raster", "is the same file as the output");
    if (!tiles.empty() && (tiles == output || tiles == label_raster)) refuse("--tiles", "is the same file as another output");
}

SegmentReport segment_scene(const SegmentOptions& requested, Progress& progress) {
    requested.validate();
    sam::use_one_thread_per_call();
    const LoadedModel model = load_model(requested.checkpoint, requested.device,
                                         sam::precision_named(requested.precision), progress);
    SegmentOptions options = completed(requested, model);
    const tbb::global_control as_many_threads_as_asked(tbb::global_control::max_allowed_parallelism,
                                                       static_cast<std::size_t>(options.threads));
    options.picture.skip_unreadable = options.keep_going;
    const ScenePicture picture = prepare_scene(options.scene, options.open, options.picture, progress);
    const raster::SceneInfo& info = picture.source->info();
    if (options.object_size)
        options.generator.points_per_side =
            points_per_side_for(*options.object_size, options.tile_size, options.scene, info);
    const tiling::TileGrid grid(
        info.width, info.height,
        {options.tile_size, options.tile_overlap, options.tile_origin_x, options.tile_origin_y});
    const MultiPolygon area = options.area_of_interest.empty()
                                  ? MultiPolygon{}
                                  : raster::read_area_of_interest(options.area_of_interest, info);
    const mask_generation::AutomaticMaskGenerator generator(model.sam, options.generator);
    std::unique_ptr<sam::EmbeddingCache> embeddings;
    if (!options.embeddings.empty())
        embeddings = std::make_unique<sam::EmbeddingCache>(
            options.embeddings, sam::fingerprint(*model.sam),
            [&](const std::string& message) { progress.warn(message); });

    // Outputs are opened before the long work, so that a path that cannot be written is told at once.
    const std::string model_summary = sam::model_info(*model.sam).summary();
    const auto sink = open_output(options, info, model_summary, progress);
    std::unique_ptr<output::LabelRasterWriter> labels;
    if (!options.label_raster.empty())
        labels = std::make_unique<output::LabelRasterWriter>(
            output::LabelRasterOptions{options.label_raster, info.width, info.height, info.geo_transform,
                                       info.crs_wkt, options.overwrite});

    std::optional<TilesOutput> tiles;
    if (!options.tiles.empty()) tiles.emplace(options, grid, info);
    WorkFolder work(options.work, work_settings(options, picture, sam::fingerprint(*model.sam)));
    FeatureWriter writer(options, picture, area, *sink, labels.get());

    TileRun run{picture, grid, area, generator, options.merge, {}, embeddings.get(), &work, options.keep_going, {}, {}};
    run.schedule = plan_tile_run(options, memory_needs(options, model, picture), grid.count(), progress);
    run.prepare = [&](std::int64_t first_id, std::vector<Segment> segments) {
        return writer.prepare(first_id, std::move(segments));
    };
    if (tiles) run.on_tile = [&](int tile, const std::vector<TileMask>& masks) { tiles->write(tile, masks); };
    TileRunReport done;
    try {
        done = run_tiles(run, progress);
        if (done.segments == 0)
            progress.warn("no segments found" +
                          std::string(done.empty_tiles == grid.count() ? ": no tile holds valid pixels" : ""));
        if (!done.failed.empty()) sink->add_metadata("failed_tiles", failed_tiles_json(done.failed));
        if (tiles) tiles->close();
        if (labels) labels->close();
        sink->close();
        if (const std::string path = settings_path(options.output); !path.empty())
            write_settings(path, settings_json(options, info, picture.plan, picture.stretch, model_summary, done.failed));
    } catch (...) {
        tell_kept_tiles(work, progress);
        throw;
    }
    if (done.failed.empty())
        work.remove();  // else the next run tries those again, and only those
    else
        tell_kept_tiles(work, progress);

    SegmentReport report;
    report.tiles = grid.count();
    report.empty_tiles = done.empty_tiles;
    report.kept_tiles = done.kept_tiles;
    report.masks = done.masks;
    report.segments = done.segments;
    report.failed = std::move(done.failed);
    if (embeddings) report.known_embeddings = embeddings->hits();
    report.model = model_summary;
    report.picture = picture.plan.describe();
    return report;
}

}  // namespace landseam::pipeline
