#include "landseam/pipeline/prompt_scene.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"
#include "landseam/raster/georeference.h"
#include "landseam/vectors/outline_distance.h"
#include "landseam/vectors/simplify.h"

#include "pipeline/mapped_polygons.h"
#include "pipeline/memory_size.h"
#include "pipeline/model_memory.h"
#include "pipeline/prompt_objects.h"
#include "pipeline/prompt_windows.h"
#include "pipeline/stop.h"
#include "pipeline/threads.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

using output::FieldType;
using output::FieldValue;

constexpr std::size_t features_at_once = 1024;  // made in parallel, then written in order

std::vector<output::FieldDefinition> own_fields(bool refine) {
    std::vector<output::FieldDefinition> fields = {
        {"prompt_id", FieldType::integer64}, {"status", FieldType::text},
        {"predicted_iou", FieldType::real},  {"stability_score", FieldType::real},
        {"area_m2", FieldType::real},        {"area_px", FieldType::real},
        {"scale", FieldType::real},          {"touches_edge", FieldType::boolean},
    };
    if (refine)
        for (const char* name : {"iou_with_prompt", "moved_m", "moved_max_m"})
            fields.push_back({name, FieldType::real});
    return fields;
}

FieldValue number_or_null(double value) {
    return std::isfinite(value) ? FieldValue(value) : FieldValue();
}

// Scene pixels to metres on the ground, near enough for the size of an object; to pixels where those are
// unknown.
MultiPolygon in_metres(MultiPolygon polygons, Point pixel) { return scaled(std::move(polygons), pixel); }

class FeatureMaker {
public:
    FeatureMaker(const PromptOptions& options, const raster::SceneInfo& info)
        : options_(options), georeference_(info) {
        const Point size = georeference_.known() ? georeference_.pixel_size_m() : Point{0, 0};
        has_metres_ = size.x > 0 && size.y > 0;
        pixel_ = has_metres_ ? size : Point{1, 1};
    }

    output::Feature make(std::int64_t number, const PromptObject& object, FoundObject found) const {
        double iou = std::numeric_limits<double>::quiet_NaN();
        vectors::OutlineDistance moved{iou, iou};
        const bool compared = options_.refine && !object.polygons.empty();
        if (compared && found.status == "ok") {
            iou = vectors::intersection_over_union(found.outline, object.polygons);
            if (iou < options_.refine_min_iou) {
                found.status = "kept";
            } else if (has_metres_) {
                const double step = std::min(pixel_.x, pixel_.y) / 2;
                moved = vectors::outline_distance(in_metres(found.outline, pixel_),
                                                  in_metres(object.polygons, pixel_), step);
            }
        }
        if (compared && found.status != "ok") {
            found.outline = vectors::make_valid(object.polygons);
            moved = {0, 0};
        }
        output::Feature feature;
        feature.id = number;
        feature.geometry = georeference_.to_world(found.outline);
        feature.values = object.values;
        append_own(feature, object, found);
        if (options_.refine)
            for (const double value : {iou, moved.mean, moved.largest})
                feature.values.push_back(number_or_null(value));
        return feature;
    }

private:
    void append_own(output::Feature& feature, const PromptObject& object, const FoundObject& found) const {
        const bool seen = found.status == "ok" || found.status == "kept";
        const auto if_seen = [&](FieldValue value) { return seen ? value : FieldValue(); };
        const bool drawn = !feature.geometry.empty();
        std::vector<FieldValue> own = {
            object.id,
            found.status,
            if_seen(found.predicted_iou),
            if_seen(found.stability_score),
            drawn && georeference_.known() ? number_or_null(georeference_.area_m2(feature.geometry))
                                           : FieldValue(),
            drawn ? FieldValue(area(found.outline)) : FieldValue(),
            if_seen(found.scale),
            if_seen(std::int64_t{found.touches_edge}),
        };
        feature.values.insert(feature.values.end(), own.begin(), own.end());
    }

    const PromptOptions& options_;
    raster::Georeference georeference_;
    Point pixel_;  // its size in metres; 1 × 1 where that is unknown
    bool has_metres_ = false;
};

std::unique_ptr<output::LayerSink> open_output(const PromptOptions& options, const raster::SceneInfo& info,
                                               const PromptObjects& prompts, const std::string& model_summary,
                                               Progress& progress) {
    const std::vector<output::FieldDefinition> own = own_fields(options.refine);
    output::LayerOptions layer;
    layer.path = options.output;
    layer.layer_name = options.layer_name;
    layer.crs_wkt = info.crs_wkt;
    layer.fields = renamed_fields(prompts.fields, own);
    layer.fields.insert(layer.fields.end(), own.begin(), own.end());
    layer.overwrite = options.overwrite;
    layer.null_geometries = true;
    layer.dataset_creation_options = options.dataset_creation_options;
    layer.layer_creation_options = options.layer_creation_options;
    layer.metadata = {{"landseam", LANDSEAM_VERSION}, {"scene", options.scene}, {"model", model_summary}};
    layer.warn = [&progress](const std::string& message) { progress.warn(message); };
    return output::open_layer(layer);
}

void write_features(output::LayerSink& sink, const FeatureMaker& maker,
                    const std::vector<PromptObject>& objects, std::vector<FoundObject>& found, int threads,
                    PromptReport& report) {
    tbb::task_arena arena(threads);
    const auto status_of = [&](const output::Feature& feature, std::size_t carried) {
        return std::get<std::string>(feature.values[carried + 1]);
    };
    for (std::size_t first = 0; first < objects.size(); first += features_at_once) {
        check_stop();
        std::vector<output::Feature> features(std::min(features_at_once, objects.size() - first));
        arena.execute([&] {
            tbb::parallel_for(std::size_t{0}, features.size(), [&](std::size_t i) {
                const std::size_t n = first + i;
                features[i] = maker.make(static_cast<std::int64_t>(n) + 1, objects[n], std::move(found[n]));
            });
        });
        for (std::size_t i = 0; i < features.size(); ++i) {
            ++report.by_status[status_of(features[i], objects[first + i].values.size())];
            sink.write(features[i]);
        }
    }
}

TileSchedule plan_windows(const PromptOptions& options, const LoadedModel& model, const ScenePicture& scene,
                          std::size_t objects) {
    PictureNeeds picture;
    picture.side = sam::model_info(*model.sam).image_size;
    picture.bands = scene.plan.source_bands.size();
    picture.channels = scene.plan.channels.size();
    picture.prompts = static_cast<std::int64_t>(objects);
    return plan_pictures(static_cast<int>(std::min<std::size_t>(objects, 1 << 20)), options,
                         memory_needs(options, *model.sam, picture));
}

}  // namespace

void PromptOptions::validate() const {
    ModelOptions::validate();
    open.validate();
    picture.stretch.validate();
    const auto refuse = [](const std::string& option, const std::string& cause,
                           const std::string& remedy = "") {
        throw Error(option, cause, remedy, ErrorKind::usage);
    };
    if (prompts.empty() && points.empty() && boxes.empty())
        refuse("PROMPTS", "there is nothing to look for",
               "name a layer of points, boxes or polygons, or give --point or --box");
    if (!negative_points.empty() && points.empty() && boxes.empty())
        refuse("--negative", "belongs to --point and --box", "use --label-field for points of a layer");
    for (const auto& [x0, y0, x1, y1] : boxes)
        if (!(x0 < x1 && y0 < y1)) refuse("--box", "is empty", "write minx,miny,maxx,maxy");
    if (prompts.empty() && !(label_field.empty() && object_field.empty() && prompt_layer.empty()))
        refuse("--label-field, --object-field and --prompt-layer", "speak of a layer, and there is none");
    if (refine && prompts.empty()) refuse("--refine", "needs a layer of polygons to improve");
    if (refine && polygon_use == PolygonUse::point)
        refuse("--refine", "has to know the polygons", "use them as box, mask or both");
    if (!(refine_min_iou >= 0 && refine_min_iou <= 1)) refuse("--refine-min-iou", "must be from 0 to 1");
    if (object_size && !(*object_size > 0 && std::isfinite(*object_size)))
        refuse("--object-size", "must be a length in metres above 0");
    if (window_steps < 0 || window_steps > 64) refuse("--window-steps", "must be from 0 to 64");
    if (!(simplify >= 0) || !std::isfinite(simplify))
        refuse("--simplify", "must be a number of pixels, 0 or more");
}

PromptReport prompt_scene(const PromptOptions& options, Progress& progress) {
    options.validate();
    sam::use_one_thread_per_call();
    const LoadedModel model =
        load_model(options.checkpoint, options.device, sam::precision_named(options.precision), progress);
    PictureOptions channels = options.picture;
    suit_model(channels, sam::model_info(*model.sam));
    const ScenePicture scene = prepare_scene(options.scene, options.open, channels, progress);
    const raster::SceneInfo& info = scene.source->info();
    const PromptObjects prompts = read_prompt_objects(options, info);
    if (prompts.skipped > 0)
        progress.warn("'" + options.prompts + "': " + std::to_string(prompts.skipped) +
                      " features have no geometry and are left out");
    const ThreadLimit limit(options.threads_or_cores());
    std::unique_ptr<sam::EmbeddingCache> embeddings;
    if (!options.embeddings.empty())
        embeddings = std::make_unique<sam::EmbeddingCache>(
            options.embeddings, sam::fingerprint(*model.sam),
            [&](const std::string& message) { progress.warn(message); });

    PromptReport report;
    report.model = sam::model_info(*model.sam).summary();
    report.picture = scene.plan.describe();
    report.objects = static_cast<std::int64_t>(prompts.objects.size());
    const auto sink = open_output(options, info, prompts, report.model, progress);
    const mask_generation::PromptedMaskGenerator generator(model.sam);
    const TileSchedule schedule = plan_windows(options, model, scene, prompts.objects.size());
    FoundObjects found =
        find_objects(scene, prompts.objects, generator, options, schedule, progress, embeddings.get());
    write_features(*sink, FeatureMaker(options, info), prompts.objects, found.objects,
                   options.threads_or_cores(), report);
    sink->close();
    report.windows = found.windows;
    if (embeddings) report.known_embeddings = embeddings->hits();
    return report;
}

}  // namespace landseam::pipeline
