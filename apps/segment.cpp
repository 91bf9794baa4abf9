// landseam segment SCENE OUTPUT: the whole job.
#include "landseam/pipeline/run_report.h"

#include <cstdio>
#include <tuple>
#include <utility>

#include "commands.h"
#include "generator_options.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/classify_scene.h"
#include "model_options.h"
#include "picture_options.h"

namespace landseam::apps {
namespace {

using pipeline::SegmentOptions;

struct SegmentCommand {
    SegmentOptions options;
    std::string report;  // HTML page; empty: none
    pipeline::ClassifySceneOptions classes;  // without a model: none are told
};

void add_tile_options(CLI::App& command, SegmentOptions& o) {
    command.add_option("--aoi", o.area_of_interest,
                       "Area of interest: a vector file in any CRS, or minx,miny,maxx,maxy in the scene's CRS")
        ->group("Scene")
        ->default_str("");
    command.add_option("--tile-size", o.tile_size, "Side of a tile in pixels; 0: the model's picture size")->group("Tiles");
    command.add_option("--tile-overlap", o.tile_overlap, "Overlap of neighbouring tiles in pixels; -1: a quarter of a tile")
        ->group("Tiles");
    command
        .add_option_function<std::pair<std::int64_t, std::int64_t>>(
            "--tile-origin",
            [&o](const std::pair<std::int64_t, std::int64_t>& origin) {
                std::tie(o.tile_origin_x, o.tile_origin_y) = origin;
            },
            "Shift the grid of tiles so that a corner lies at pixel X,Y, to measure how little it matters")
        ->delimiter(',')
        ->type_name("X,Y")
        ->group("Tiles")
        ->default_str("0,0");
    command.add_option("--work", o.work,
                       "Folder that keeps finished tiles until the run is complete: the same command, run again after a crash, goes "
                       "on from them and writes what an uninterrupted run writes [OUTPUT.work; of a database, landseam.work]")
        ->group("Tiles")
        ->default_str("");
    command.add_flag("--keep-going", o.keep_going,
                     "Leave out tiles that cannot be read; they are listed in the layer's metadata and the settings file, and the "
                     "exit code is 1")
        ->group("Tiles");
}

void add_point_options(CLI::App& command, SegmentOptions& o) {
    o.usual_points = true;
    command.get_option("--points-per-side")
        ->each([&o](const std::string&) { o.usual_points = false; })
        ->description("Prompts along each side of a tile [what suits the checkpoint; 32 for published ones]")
        ->default_str("");
    command.add_option("--object-size", o.object_size,
                       "Smallest object wanted, in metres: sets --points-per-side so that prompts lie at most half of it apart")
        ->group(generator_group)
        ->excludes("--points-per-side");
}

void add_output_options(CLI::App& command, SegmentOptions& o) {
    const std::string group = "Output";
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist")->group(group);
    command.add_option("--tiles", o.tiles, "Write the masks of all tiles as well, before they are joined, for 'landseam merge'")
        ->group(group)
        ->default_str("");
    command
        .add_option("--overlap", o.overlap.policy,
                    "Masks over one another: keep them, flat (each pixel to its best mask, no overlap), or tree (parts cut to "
                    "their wholes, with parent_id and depth)")
        ->group(group);
    command.add_option("--fill-gaps", o.overlap.fill_gaps, "Close slits between objects up to this many pixels wide (with --overlap flat)")
        ->group(group);
    command.add_option("--min-area", o.overlap.min_area, "Leave smaller objects out: 40px or 25m2")->group(group)->default_str("");
    command.add_option("--max-area", o.overlap.max_area, "Leave larger objects out: 40px or 25m2")->group(group)->default_str("");
    command
        .add_option("--simplify", o.drawing.outlines.simplify,
                    "Simplify outlines by up to this many pixels, shared ones once; 0: exact pixel edges")
        ->group(group);
    command.add_option("--smooth", o.drawing.outlines.smooth, "Round corners over up to this many pixels to either side")->group(group);
    command
        .add_option_function<std::string>(
            "--regularize", [&o](const std::string&) { o.drawing.buildings = true; },
            "buildings: square up outlines, with main_angle, iou_with_mask and status of each")
        ->check(CLI::IsMember({"buildings"}))
        ->group(group)
        ->default_str("");
    command.add_option("--t-srs", o.target_crs, "CRS of the layer, as EPSG:4326; edges get vertices where they bend [the scene's]")
        ->group(group)
        ->default_str("");
    command.add_option("--label-raster", o.label_raster, "Write a GeoTIFF of segment ids as well")->group(group)->default_str("");
    command.add_option("--layer", o.layer_name, "Name of the layer")->group(group);
    command.add_option("--dsco", o.dataset_creation_options, "Dataset creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
    command.add_option("--lco", o.layer_creation_options, "Layer creation option of the output's GDAL driver, NAME=VALUE")
        ->group(group);
}

void add_class_options(CLI::App& command, pipeline::ClassifySceneOptions& classes) {
    const std::string group = "Classes";
    CLI::Option* const model = command.add_option("--classify", classes.model, "Name the segments by a model that 'landseam classify --save-model' wrote")->group(group)->default_str("");
    for (const char* other : {"--t-srs", "--dsco", "--lco"}) model->excludes(other);
    command.add_option("--only", classes.only, "Write segments of this class only")->group(group)->default_str("")->needs(model);
    command.add_option("--min-probability", classes.min_probability, "Least probability of that class [the model's]")->group(group)->default_str("")->needs(model);
    command.add_option("--class-overlap", classes.overlap, "Segments over one another: keep them, or best (what lies on something more probable is left out)")
        ->group(group)->needs(model);
}

pipeline::SegmentReport segment(const SegmentCommand& command, Progress& progress) {
    if (!command.classes.model.empty()) {
        const pipeline::ClassifiedScene done = pipeline::segment_and_classify(command.options, command.classes, progress);
        for (const auto& [name, count] : done.classes.written) std::printf("%s: %lld\n", name.c_str(), static_cast<long long>(count));
        return done.segments;
    }
    return command.report.empty() ? pipeline::segment_scene(command.options, progress)
                                  : pipeline::segment_scene_with_report(command.options, command.report, progress);
}

void work(SegmentCommand& command, Progress& progress) {
    const SegmentOptions& options = command.options;
    const pipeline::SegmentReport report = segment(command, progress);
    std::printf("%s: %lld segments from %lld masks on %lld tiles", options.output.c_str(),
                static_cast<long long>(report.segments), static_cast<long long>(report.masks),
                static_cast<long long>(report.tiles));
    if (report.known_embeddings > 0)
        std::printf(", %lld embeddings known", static_cast<long long>(report.known_embeddings));
    if (report.left_out > 0) std::printf(", %lld masks left out", static_cast<long long>(report.left_out));
    if (report.deviation > 0) std::printf(", outlines moved by up to %.3g pixels", report.deviation);
    if (report.empty_tiles > 0) std::printf(" (%lld without data)", static_cast<long long>(report.empty_tiles));
    if (report.kept_tiles > 0) std::printf(", %lld of them kept from before", static_cast<long long>(report.kept_tiles));
    std::printf("\n");
    if (!report.failed.empty())
        throw Error(options.output,
                    std::to_string(report.failed.size()) + " of " + std::to_string(report.tiles) +
                        " tiles could not be read, and are left out (" + report.failed.front().reason + ")",
                    "see failed_tiles in its settings file; run again with --overwrite to try those once more");
}

}  // namespace

void add_segment_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<SegmentCommand>();
    SegmentOptions* const options = &state->options;
    CLI::App& command = *add_command<SegmentCommand>(program, line, "segment", "Cut a scene into georeferenced polygons", state, work);
    command.add_option("scene", options->scene, "Any raster GDAL reads: path, /vsi… path or connection string")->required();
    command
        .add_option("output", options->output,
                    "Layer to write, by extension: .gpkg, .shp, .geojson, .fgb; its settings go to OUTPUT.settings.json")
        ->required();
    add_picture_options(command, options->picture, options->open);
    add_model_options(command, *options);
    add_tile_options(command, *options);
    add_generator_options(command, options->generator, options->pred_iou_thresh, options->stability_score_thresh);
    add_point_options(command, *options);
    add_output_options(command, *options);
    add_class_options(command, state->classes);
    command.add_option("--report", state->report,
                       "Write an HTML page about the run as well: map, distributions, largest segments, seams, timing, warnings")
        ->group("Output")
        ->default_str("")
        ->excludes("--classify");
    command.footer(
        "Examples:\n"
        "  landseam segment town.tif town.gpkg\n"
        "  landseam segment S2.tif fields.gpkg --preset sentinel2:false-color --checkpoint sam_vit_b\n"
        "  landseam segment mosaic.tif roofs.shp --gsd 0.3 --aoi district.geojson --simplify 1");
}

}  // namespace landseam::apps
