#include "pipeline/prepared_run.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/settings_file.h"
#include "landseam/raster/area_of_interest.h"
#include "landseam/raster/georeference.h"

#include "pipeline/memory_size.h"
#include "pipeline/model_memory.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace landseam::pipeline {

SegmentOptions completed_options(SegmentOptions options, const LoadedModel& model) {
    options.generator.pred_iou_thresh = options.pred_iou_thresh.value_or(model.pred_iou_thresh);
    options.generator.stability_score_thresh =
        options.stability_score_thresh.value_or(model.stability_score_thresh);
    if (options.usual_points) options.generator.points_per_side = model.points_per_side;
    suit_model(options.picture, sam::model_info(*model.sam));
    if (options.tile_size == 0) options.tile_size = sam::model_info(*model.sam).image_size;
    if (options.tile_overlap < 0) options.tile_overlap = options.tile_size / 4;
    if (options.coarse_levels < 0)
        options.coarse_levels = tiling::TilePyramid::usual_levels(options.tile_size);
    if (options.work.empty())
        options.work = (settings_path(options.output).empty() ? "landseam" : options.output) + ".work";
    options.picture.skip_unreadable = options.keep_going;
    options.threads = options.threads_or_cores();
    return options;
}

namespace {

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

MemoryNeeds tile_needs(const SegmentOptions& options, const LoadedModel& model, const ScenePicture& scene,
                       const tiling::TilePyramid& tiles) {
    PictureNeeds picture;
    const PixelBox largest = tiles.window(tiles.count() - 1);
    picture.side = std::max(largest.width, largest.height);
    picture.bands = scene.plan.source_bands.size();
    picture.rows_read = rows_read_at_once;
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
                      " in all, and --max-memory allows " + memory_text(schedule.budget) +
                      ": going on with one");
    return schedule;
}

}  // namespace

PreparedRun prepare_run(const SegmentOptions& requested, Progress& progress) {
    sam::use_one_thread_per_call();
    LoadedModel model = load_model(requested.checkpoint, requested.device,
                                   sam::precision_named(requested.precision), progress);
    SegmentOptions options = completed_options(requested, model);
    ScenePicture picture = prepare_scene(options.scene, options.open, options.picture, progress);
    const raster::SceneInfo& info = picture.source->info();
    if (options.object_size)
        options.generator.points_per_side =
            points_per_side_for(*options.object_size, options.tile_size, options.scene, info);
    tiling::TilePyramid tiles(
        info.width, info.height,
        {options.tile_size, options.tile_overlap, options.tile_origin_x, options.tile_origin_y},
        options.coarse_levels);
    MultiPolygon area = options.area_of_interest.empty()
                            ? MultiPolygon{}
                            : raster::read_area_of_interest(options.area_of_interest, info);
    const TileSchedule schedule =
        plan_tile_run(options, tile_needs(options, model, picture, tiles), tiles.count(), progress);
    mask_generation::AutomaticMaskGenerator generator(model.sam, options.generator);
    return {std::move(options),   std::move(model), std::move(picture), std::move(tiles), std::move(area),
            std::move(generator), schedule};
}

}  // namespace landseam::pipeline
