#include "landseam/pipeline/segment_scene.h"

#include "landseam/core/error.h"
#include "landseam/output/label_raster.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/settings_file.h"
#include "landseam/raster/area_of_interest.h"
#include "landseam/raster/georeference.h"

#include "pipeline/memory_size.h"
#include "pipeline/model_memory.h"
#include "pipeline/segment_features.h"
#include "pipeline/segment_statistics.h"
#include "pipeline/stop.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

constexpr std::size_t features_at_once = 1024;  // traced in parallel, then written in order

// What the user left open is filled in from the model, so that the settings file tells what was used.
SegmentOptions completed(SegmentOptions options, const LoadedModel& model) {
    options.generator.pred_iou_thresh = options.pred_iou_thresh.value_or(model.pred_iou_thresh);
    options.generator.stability_score_thresh =
        options.stability_score_thresh.value_or(model.stability_score_thresh);
    suit_model(options.picture, sam::model_info(*model.sam));
    if (options.tile_size == 0) options.tile_size = sam::model_info(*model.sam).image_size;
    if (options.tile_overlap < 0) options.tile_overlap = options.tile_size / 4;
    options.threads = options.threads_or_cores();
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

MemoryNeeds tile_needs(const SegmentOptions& options, const LoadedModel& model, const ScenePicture& scene) {
    const raster::SceneInfo& info = scene.source->info();
    PictureNeeds picture;
    picture.side = std::min<std::int64_t>(options.tile_size, std::max(info.width, info.height));
    picture.bands = scene.plan.source_bands.size();
    picture.channels = scene.plan.channels.size();
    picture.prompts = std::int64_t{options.generator.points_per_side} * options.generator.points_per_side;
    picture.prompts_at_once = options.generator.points_per_batch;
    return memory_needs(options, *model.sam, picture);
}

TileSchedule plan_tile_run(const SegmentOptions& options, const MemoryNeeds& needs, int tiles,
                           Progress& progress) {
    const TileSchedule schedule = plan_pictures(tiles, options, needs);
    if (!schedule.fits)
        progress.warn("one tile at once takes about " + memory_text(schedule.memory) +
                      " in all, and --max-memory allows " + memory_text(schedule.budget) + ": going on with one");
    return schedule;
}

std::unique_ptr<output::LayerSink> open_output(const SegmentOptions& options, const raster::SceneInfo& info,
                                               const std::string& model_summary, const std::string& settings,
                                               Progress& progress) {
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.target_crs = options.target_crs;
    if (info.geo_transform) layer.max_deviation = edge_deviation(*info.geo_transform);
    layer.scene = options.scene;
    layer.fields = segment_fields(info.image_bands);
    for (const output::FieldDefinition& field : drawing_fields(options.overlap, options.drawing))
        layer.fields.push_back(field);
    layer.overwrite = options.overwrite;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"scene", options.scene}, {"model", model_summary}, {"settings", settings}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

double write_features(output::LayerSink& sink, const ArrangedSegments& arranged,
                      const std::vector<segments::SegmentStatistics>& statistics, const raster::SceneInfo& info,
                      const SegmentOptions& options, Progress& progress) {
    const raster::Georeference georeference(info);
    const std::vector<Segment>& segments = arranged.segments;
    tbb::task_arena arena(options.threads);
    DrawnOutlines drawn;
    arena.execute(
        [&] { drawn = draw_outlines(arranged, options.drawing, georeference, shared_with_idle_threads()); });
    progress.begin("polygons", static_cast<std::int64_t>(segments.size()));
    for (std::size_t first = 0; first < segments.size(); first += features_at_once) {
        check_stop();
        std::vector<output::Feature> features(std::min(features_at_once, segments.size() - first));
        arena.execute([&] {
            tbb::parallel_for(std::size_t{0}, features.size(), [&](std::size_t i) {
                const std::size_t n = first + i;
                features[i] = segment_feature(static_cast<std::int64_t>(n) + 1, segments[n], statistics[n],
                                              info.image_bands.size(), georeference, drawn.outlines[n]);
                append_drawing_values(arranged, drawn, n, features[i].values);
            });
        });
        for (const output::Feature& feature : features) sink.write(feature);
        progress.update(static_cast<std::int64_t>(first + features.size()), {});
    }
    progress.end();
    return drawn.deviation;
}

// Larger segments first, so that what lies on them stays visible.
void burn_labels(output::LabelRasterWriter& labels, const std::vector<Segment>& segments) {
    std::vector<std::size_t> order(segments.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return segments[a].mask.area() > segments[b].mask.area();
    });
    for (std::size_t i : order) labels.burn(segments[i].mask, static_cast<std::uint32_t>(i + 1));
}

}  // namespace

void SegmentOptions::validate() const {
    ModelOptions::validate();
    open.validate();
    picture.stretch.validate();
    generator.validate();
    merge.validate();
    const auto refuse = [](const std::string& option, const std::string& cause) {
        throw Error(option, cause, "", ErrorKind::usage);
    };
    if (tile_size < 0) refuse("--tile-size", "must not be negative");
    if (object_size && !(*object_size > 0 && std::isfinite(*object_size)))
        refuse("--object-size", "must be a length in metres above 0");
    overlap.validate();
    const auto is_distance = [](double value) { return value >= 0 && value < 1e6; };
    if (!is_distance(drawing.outlines.simplify)) refuse("--simplify", "must be a number of pixels, 0 or more");
    if (!is_distance(drawing.outlines.smooth)) refuse("--smooth", "must be a number of pixels, 0 or more");
    if (drawing.buildings && !drawing.outlines.exact())
        refuse("--regularize", "squares up exact outlines, so --simplify and --smooth have no place");
    if (!label_raster.empty() && label_raster == output)
        refuse("--label-raster", "is the same file as the output");
}

SegmentReport segment_scene(const SegmentOptions& requested, Progress& progress) {
    requested.validate();
    sam::use_one_thread_per_call();
    const LoadedModel model = load_model(requested.checkpoint, requested.device,
                                         sam::precision_named(requested.precision), progress);
    SegmentOptions options = completed(requested, model);
    const tbb::global_control as_many_threads_as_asked(tbb::global_control::max_allowed_parallelism,
                                                       static_cast<std::size_t>(options.threads));
    const ScenePicture picture = prepare_scene(options.scene, options.open, options.picture, progress);
    const raster::SceneInfo& info = picture.source->info();
    if (options.object_size)
        options.generator.points_per_side =
            points_per_side_for(*options.object_size, options.tile_size, options.scene, info);
    const tiling::TileGrid grid(info.width, info.height, {options.tile_size, options.tile_overlap});
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
    const auto sink = open_output(options, info, model_summary,
                                  settings_json(options, picture.plan, picture.stretch, model_summary), progress);
    std::unique_ptr<output::LabelRasterWriter> labels;
    if (!options.label_raster.empty())
        labels = std::make_unique<output::LabelRasterWriter>(
            output::LabelRasterOptions{options.label_raster, info.width, info.height, info.geo_transform,
                                       info.crs_wkt, options.overwrite});

    const MemoryNeeds needs = tile_needs(options, model, picture);
    const TileSchedule schedule = plan_tile_run(options, needs, grid.count(), progress);
    TileRunResult run =
        run_tiles(picture, grid, area, generator, options.merge, schedule, progress, embeddings.get());
    if (run.segments.empty())
        progress.warn("no segments found" +
                      std::string(run.empty_tiles == grid.count() ? ": no tile holds valid pixels" : ""));
    const ArrangedSegments arranged =
        arrange_segments(std::move(run.segments), options.overlap, *picture.source, area);
    const auto statistics =
        gather_statistics(*picture.source, arranged.segments, area, options.threads, progress);
    const double deviation = write_features(*sink, arranged, statistics, info, options, progress);
    if (labels) {
        burn_labels(*labels, arranged.segments);
        labels->close();
    }
    sink->close();
    if (const std::string path = settings_path(options.output); !path.empty())
        write_settings(path, settings_json(options, picture.plan, picture.stretch, model_summary));

    SegmentReport report;
    report.tiles = grid.count();
    report.empty_tiles = run.empty_tiles;
    report.masks = run.masks;
    report.segments = static_cast<std::int64_t>(arranged.segments.size());
    report.left_out = arranged.left_out;
    report.deviation = deviation;
    if (embeddings) report.known_embeddings = embeddings->hits();
    report.model = model_summary;
    report.picture = picture.plan.describe();
    return report;
}

}  // namespace landseam::pipeline
