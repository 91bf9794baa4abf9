#include "landseam/pipeline/segment_scene.h"

#include "landseam/core/error.h"
#include "landseam/output/label_raster.h"
#include "landseam/pipeline/checkpoints.h"
#include "landseam/pipeline/settings_file.h"

#include "pipeline/feature_writer.h"
#include "pipeline/forecast.h"
#include "pipeline/memory_size.h"
#include "pipeline/prepared_run.h"
#include "pipeline/segment_features.h"
#include "pipeline/threads.h"
#include "pipeline/tile_run.h"
#include "pipeline/work_folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>

namespace landseam::pipeline {
namespace {

std::unique_ptr<output::LayerSink> open_output(const SegmentOptions& options, const raster::SceneInfo& info,
                                               const std::string& model_summary, const std::string& settings,
                                               Progress& progress) {
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.target_crs = options.target_crs;
    if (info.geo_transform) layer.max_deviation = edge_deviation(*info.geo_transform);
    layer.scene = options.name();
    layer.fields = segment_fields(info.image_bands);
    for (const output::FieldDefinition& field : drawing_fields(options.overlap, options.drawing))
        layer.fields.push_back(field);
    layer.overwrite = options.overwrite;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION},
                      {"scene", options.name()},
                      {"model", model_summary},
                      {"settings", settings}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

// What the masks of a tile depend on beside its pixels.
std::string work_settings(const SegmentOptions& options, const ScenePicture& picture,
                          const sam::Fingerprint& model) {
    const raster::SceneInfo& info = picture.source->info();
    return tile_settings_json(options, picture.plan, picture.stretch, info.width, info.height,
                              std::string(model.begin(), model.end()));
}

// Finished tiles stay for the next run; an empty folder does not.
void leave_work(WorkFolder& work, Progress& progress) {
    if (work.count() == 0) return work.remove();
    progress.warn(std::to_string(work.count()) + " finished tiles are kept in '" + work.path() +
                  "'; the same command goes on from there");
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
    if (coarse_levels < -1 || coarse_levels > 10) refuse("--coarse-levels", "must be from -1 to 10");
    if (object_size && !(*object_size > 0 && std::isfinite(*object_size)))
        refuse("--object-size", "must be a length in metres above 0");
    overlap.validate();
    const auto is_distance = [](double value) { return value >= 0 && value < 1e6; };
    if (!is_distance(drawing.outlines.simplify))
        refuse("--simplify", "must be a number of pixels, 0 or more");
    if (!is_distance(drawing.outlines.smooth)) refuse("--smooth", "must be a number of pixels, 0 or more");
    if (drawing.buildings && !drawing.outlines.exact())
        refuse("--regularize", "squares up exact outlines, so --simplify and --smooth have no place");
    if (!label_raster.empty() && label_raster == output)
        refuse("--label-raster", "is the same file as the output");
    if (!tiles.empty() && (tiles == output || tiles == label_raster))
        refuse("--tiles", "is the same file as another output");
}

namespace {

// Only where it costs little beside the run itself.
void tell_forecast(const PreparedRun& run, Progress& progress) {
    constexpr int fewest_tiles = 50;
    if (run.tiles.count() < fewest_tiles) return;
    progress.begin("forecast", 1);
    const Forecast forecast = forecast_run(run.picture, run.tiles, run.area, run.generator, run.schedule);
    progress.update(1, forecast.describe());
    progress.end();
    std::error_code unknown;
    const auto folder = std::filesystem::absolute(run.options.output, unknown).parent_path();
    const auto space = std::filesystem::space(folder, unknown);
    if (!unknown && static_cast<std::uintmax_t>(forecast.disk) > space.available)
        progress.warn("the run needs about " + memory_text(forecast.disk) + " on the disk of '" +
                      folder.string() + "', and " + memory_text(static_cast<std::int64_t>(space.available)) +
                      " are free");
}

}  // namespace

std::string forecast_segmenting(const SegmentOptions& requested, Progress& progress) {
    requested.validate();
    const PreparedRun run = prepare_run(requested, progress);
    return forecast_run(run.picture, run.tiles, run.area, run.generator, run.schedule).describe();
}

SegmentReport segment_scene(const SegmentOptions& requested, Progress& progress) {
    requested.validate();
    const ThreadLimit limit(requested.threads_or_cores());
    const PreparedRun prepared = prepare_run(requested, progress);
    const SegmentOptions& options = prepared.options;
    const LoadedModel& model = prepared.model;
    const ScenePicture& picture = prepared.picture;
    const tiling::TilePyramid& tiles = prepared.tiles;
    const raster::SceneInfo& info = picture.source->info();
    std::unique_ptr<sam::EmbeddingCache> embeddings;
    if (!options.embeddings.empty())
        embeddings = std::make_unique<sam::EmbeddingCache>(
            options.embeddings, sam::fingerprint(*model.sam),
            [&](const std::string& message) { progress.warn(message); });

    // Outputs are opened before the long work, so that a path that cannot be written is told at once.
    const std::string model_summary = sam::model_info(*model.sam).summary();
    const auto sink =
        open_output(options, info, model_summary,
                    settings_json(options, info, picture.plan, picture.stretch, model_summary, {}), progress);
    std::unique_ptr<output::LabelRasterWriter> labels;
    if (!options.label_raster.empty())
        labels = std::make_unique<output::LabelRasterWriter>(
            output::LabelRasterOptions{options.label_raster, info.width, info.height, info.geo_transform,
                                       info.crs_wkt, options.overwrite});

    std::optional<TilesOutput> masks_file;
    if (!options.tiles.empty()) masks_file.emplace(options, tiles.layout(), info);
    WorkFolder work(options.work, work_settings(options, picture, sam::fingerprint(*model.sam)));
    FeatureWriter writer(options, picture, prepared.area, *sink, labels.get());

    TileRun run{picture,
                tiles,
                prepared.area,
                prepared.generator,
                options.merge,
                prepared.schedule,
                embeddings.get(),
                &work,
                options.keep_going,
                {},
                {}};
    run.prepare = [&](std::int64_t first_id, std::vector<Segment> segments) {
        return writer.prepare(first_id, std::move(segments));
    };
    if (masks_file)
        run.on_tile = [&](int tile, const std::vector<TileMask>& masks) { masks_file->write(tile, masks); };
    TileRunReport done;
    try {
        if (work.count() == 0) tell_forecast(prepared, progress);
        done = run_tiles(run, progress);
        writer.finish(progress);
        if (done.segments == 0)
            progress.warn("no segments found" + std::string(done.empty_tiles == tiles.count()
                                                                ? ": no tile holds valid pixels"
                                                                : ""));
        if (!done.failed.empty()) sink->add_metadata("failed_tiles", failed_tiles_json(done.failed));
        if (masks_file) masks_file->close();
        if (labels) labels->close();
        sink->close();
        if (const std::string path = settings_path(options.output); !path.empty())
            write_settings(path, settings_json(options, info, picture.plan, picture.stretch, model_summary,
                                               done.failed));
    } catch (...) {
        leave_work(work, progress);
        throw;
    }
    if (done.failed.empty())
        work.remove();  // else the next run tries those again, and only those
    else
        leave_work(work, progress);

    SegmentReport report;
    report.tiles = tiles.count();
    report.empty_tiles = done.empty_tiles;
    report.kept_tiles = done.kept_tiles;
    report.masks = done.masks;
    report.segments = writer.written();
    report.left_out = writer.left_out();
    report.deviation = writer.deviation();
    report.failed = std::move(done.failed);
    if (embeddings) report.known_embeddings = embeddings->hits();
    report.model = model_summary;
    report.picture = picture.plan.describe();
    return report;
}

}  // namespace landseam::pipeline
