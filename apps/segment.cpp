// landseam segment SCENE OUTPUT: the whole job.
#include "landseam/pipeline/run_report.h"

#include <cstdio>

#include "commands.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/classify_scene.h"
#include "segment_options.h"

namespace landseam::apps {
namespace {

using pipeline::SegmentOptions;

struct SegmentCommand {
    SegmentOptions options;
    std::string report;  // HTML page; empty: none
    pipeline::ClassifySceneOptions classes;  // without a model: none are told
};

void add_run_options(CLI::App& command, SegmentOptions& o) {
    command.add_option("--aoi", o.area_of_interest,
                       "Area of interest: a vector file in any CRS, or minx,miny,maxx,maxy in the scene's CRS")
        ->group("Scene")
        ->default_str("");
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

void add_output_options(CLI::App& command, SegmentOptions& o) {
    const std::string group = "Output";
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist")->group(group);
    command.add_option("--tiles", o.tiles, "Write the masks of all tiles as well, before they are joined, for 'landseam merge'")
        ->group(group)
        ->default_str("");
    command.add_option("--t-srs", o.target_crs, "CRS of the layer, as EPSG:4326; edges get vertices where they bend [the scene's]")
        ->group(group)
        ->default_str("");
    command.add_option("--label-raster", o.label_raster, "Write a raster of segment ids as well, a cloud-optimized GeoTIFF")->group(group)->default_str("");
    add_layer_options(command, o, group);
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
    add_segment_options(command, *options);
    add_run_options(command, *options);
    add_output_options(command, *options);
    CLI::Option* const model = add_class_options(command, state->classes);
    for (const char* other : {"--t-srs", "--dsco", "--lco"}) model->excludes(other);
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
