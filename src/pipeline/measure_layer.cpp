#include "landseam/pipeline/measure_layer.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/settings_file.h"
#include "landseam/raster/georeference.h"
#include "landseam/segments/overlaps.h"
#include "landseam/tiling/tile_grid.h"

#include "pipeline/embedding_pool.h"
#include "pipeline/layer_picture.h"
#include "pipeline/mapped_polygons.h"
#include "pipeline/memory_size.h"
#include "pipeline/model_memory.h"
#include "pipeline/polygon_masks.h"
#include "pipeline/scene_measures.h"
#include "pipeline/threads.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
constexpr double part_share = 0.8;  // of a part that lies in its whole

// What the run that made the layer knew of the scene, if it has left that beside it.
std::optional<StoredGrid> settings_of(const std::string& layer, std::string& path) {
    path = settings_path(layer);
    std::error_code unreadable;
    if (path.empty() || !std::filesystem::exists(path, unreadable)) return {};
    return read_grid(path);
}

segments::FeatureTable measure_shapes(const MeasuredLayer& layer, const ParallelFor& parallel_for) {
    const raster::Georeference georeference(layer.scene);
    Point pixel{1, 1};
    if (layer.gsd > 0) pixel = georeference.pixel_size_m();
    segments::FeatureTable table;
    table.names = segments::shape_measure_names();
    table.values.assign(layer.masks.size() * table.columns(), unknown);
    parallel_for(layer.masks.size(), [&](std::size_t i) {
        const std::vector<float> measures =
            segments::measure_shape(scaled(layer.outlines[i], pixel), std::max(pixel.x, pixel.y));
        std::copy(measures.begin(), measures.end(), table.row(i));
    });
    return table;
}

segments::FeatureTable count_parts(const std::vector<RunMask>& masks) {
    std::vector<const RunMask*> pointers;
    std::vector<double> areas;
    for (const RunMask& mask : masks) {
        pointers.push_back(&mask);
        areas.push_back(static_cast<double>(mask.area()));
    }
    segments::FeatureTable table;
    table.names = {"wholes", "parts"};
    table.values.assign(masks.size() * 2, 0);
    for (const segments::SharedPixels& pair : segments::shared_pixels(pointers)) {
        const auto shared = static_cast<double>(pair.pixels);
        for (const auto& [part, whole] :
             {std::pair{pair.first, pair.second}, std::pair{pair.second, pair.first}})
            if (shared >= part_share * areas[part]) {
                ++table.row(part)[0];
                ++table.row(whole)[1];
            }
    }
    return table;
}

segments::FeatureTable take_fields(const MeasureOptions& options, const output::ReadLayer& layer) {
    std::vector<std::string> names = options.fields;
    if (names.empty())
        for (const char* name : {"predicted_iou", "stability_score"})
            if (std::count(layer.field_names.begin(), layer.field_names.end(), name)) names.push_back(name);
    segments::FeatureTable table;
    table.names = names;
    std::vector<std::size_t> columns;
    for (const std::string& name : names) {
        const auto found = std::find(layer.field_names.begin(), layer.field_names.end(), name);
        if (found == layer.field_names.end())
            throw Error(options.layer, "has no field '" + name + "'", "name fields that it has as --fields");
        const auto column = static_cast<std::size_t>(found - layer.field_names.begin());
        if (layer.fields[column].type == output::FieldType::text)
            throw Error(options.layer, "its field '" + name + "' holds text",
                        "name numeric fields as --fields");
        columns.push_back(column);
    }
    for (const output::Feature& feature : layer.features)
        for (const std::size_t column : columns) {
            const output::FieldValue& value = feature.values[column];
            const auto* whole = std::get_if<std::int64_t>(&value);
            const auto* real = std::get_if<double>(&value);
            table.values.push_back(whole  ? static_cast<float>(*whole)
                                   : real ? static_cast<float>(*real)
                                          : unknown);
        }
    return table;
}

// Columns of all tables side by side; each table's memory is given back once it is copied.
segments::FeatureTable side_by_side(std::vector<segments::FeatureTable> tables, std::size_t rows) {
    segments::FeatureTable all;
    for (const segments::FeatureTable& table : tables)
        all.names.insert(all.names.end(), table.names.begin(), table.names.end());
    all.values.resize(rows * all.columns());
    std::size_t first = 0;
    for (segments::FeatureTable& table : tables) {
        const std::size_t columns = table.columns();
        for (std::size_t i = 0; i < rows && columns > 0; ++i)
            std::copy_n(table.row(i), columns, all.row(i) + first);
        first += columns;
        table = {};
    }
    return all;
}

void check_memory(const MeasureOptions& options, std::size_t rows, std::size_t columns) {
    const auto available = available_memory();
    std::int64_t budget = available ? *available / 4 * 3 + held_memory() : 0;
    if (!options.max_memory.empty()) budget = parse_memory_size("--max-memory", options.max_memory);
    // The table twice, while its parts are joined.
    const std::int64_t needed = held_memory() + static_cast<std::int64_t>(2 * rows * columns * sizeof(float));
    if (budget > 0 && needed > budget)
        throw Error(
            options.layer,
            std::to_string(columns) + " features of " + std::to_string(rows) + " segments take " +
                memory_text(needed) + ", and " + memory_text(budget) + " are allowed",
            "leave out the embedding (--no-embedding), allow more (--max-memory), or cut the layer in parts");
}

}  // namespace

void MeasureOptions::validate() const {
    ModelOptions::validate();
    open.validate();
    picture.stretch.validate();
}

MeasuredLayer measure_layer(const MeasureOptions& requested, Progress& progress) {
    requested.validate();
    MeasureOptions options = requested;
    sam::use_one_thread_per_call();
    const ThreadLimit limit(options.threads_or_cores());
    std::string settings;
    const std::optional<StoredGrid> stored = settings_of(options.layer, settings);
    if (stored && !options.open.gsd) options.open.gsd = stored->gsd;

    MeasuredLayer result;
    std::optional<LoadedModel> model;
    if (options.embedding) {
        model =
            load_model(options.checkpoint, options.device, sam::precision_named(options.precision), progress);
        suit_model(options.picture, sam::model_info(*model->sam));
        result.encoder = sam::model_info(*model->sam).summary();
    } else {
        options.picture.channels.count = 0;
    }
    std::unique_ptr<raster::RasterSource> source = raster::open_scene(options.scene, options.open);
    result.scene = source->info();
    // Only the very scene that the layer was made of is shown as it was then.
    const bool same_scene =
        stored && stored->width == result.scene.width && stored->height == result.scene.height;
    if (same_scene && options.embedding && options.picture.stretch_from.empty() &&
        options.picture.channels.preset.empty() && options.picture.channels.bands.empty())
        options.picture.stretch_from = settings;

    output::ReadLayer own = output::read_layer(options.layer);
    result.own_crs = own.crs_wkt;
    if (!result.scene.crs_wkt.empty() && own.crs_wkt.empty())
        throw Error(options.layer, "names no CRS, and the scene has one",
                    "write it down with ogr2ogr -a_srs, for nobody can tell where its polygons lie");
    result.layer = own.crs_wkt == result.scene.crs_wkt || result.scene.crs_wkt.empty()
                       ? std::move(own)
                       : output::read_layer(options.layer, "", result.scene.crs_wkt);
    const double gsd = raster::Georeference(result.scene).gsd_m();
    result.gsd = std::isfinite(gsd) && gsd > 0 ? gsd : 0;
    result.outlines = in_scene_pixels(result.layer, result.scene);
    const std::size_t rows = result.outlines.size();

    segments::MeasurePlan plan = plan_measures(*source, options.picture.channels.preset);
    const std::size_t channels =
        model ? static_cast<std::size_t>(sam::model_info(*model->sam).transformer_dim) : 0;
    check_memory(options, rows, segments::picture_measure_names(plan).size() + 2 * channels + 16);
    tbb::task_arena arena(options.threads_or_cores());
    const ParallelFor parallel_for = [&, shared = shared_with_idle_threads()](std::size_t count,
                                                                              const auto& body) {
        arena.execute([&] { shared(count, body); });
    };
    result.masks.resize(rows);
    parallel_for(rows,
                 [&](std::size_t i) { result.masks[i] = polygon_mask(result.outlines[i], result.scene); });
    if (std::all_of(result.masks.begin(), result.masks.end(),
                    [](const RunMask& mask) { return mask.empty(); }))
        throw Error(options.layer, "none of its polygons lies on the scene '" + options.scene + "'",
                    "check that both are of the same place, and the layer's CRS");

    std::vector<segments::FeatureTable> tables;
    tables.push_back(measure_in_scene(*source, plan, result.outlines, result.masks, parallel_for, progress));
    for (std::size_t i = 0; i < rows; ++i) result.outside += std::isnan(tables[0].row(i)[0]);
    tables.push_back(measure_shapes(result, parallel_for));
    tables.push_back(count_parts(result.masks));
    tables.push_back(take_fields(options, result.layer));
    if (model) {
        const ScenePicture picture = prepare_scene(options.scene, options.open, options.picture, progress);
        tiling::TileOptions tiles;
        tiles.tile_size = sam::model_info(*model->sam).image_size;
        tiles.overlap = tiles.tile_size / 4;
        if (same_scene) tiles = stored->tiles;
        const tiling::TileGrid grid(result.scene.width, result.scene.height, tiles);
        tables.push_back(pool_embedding(picture, grid, *model, options, result.masks, progress));
    }
    result.features = side_by_side(std::move(tables), rows);
    return result;
}

}  // namespace landseam::pipeline
