// landseam merge TILES OUTPUT: masks per tile from any model, merged into one layer.
#include "landseam/pipeline/merge_tiles.h"

#include "commands.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::MergeTilesOptions;

void add_merge_options(CLI::App& command, seam_merge::MergeOptions& m) {
    const std::string group = "Merge";
    command
        .add_option("--edge-margin", m.edge_margin,
                    "A mask this many pixels or fewer from its tile's edge is cut there and may go on in the "
                    "next tile")
        ->group(group);
    command
        .add_option(
            "--tolerance", m.tolerance,
            "By how many pixels the outlines of one object may differ between tiles, where it is thin")
        ->group(group);
    command
        .add_option("--min-agreement", m.min_agreement,
                    "IoU, inside the pixels both tiles saw, from which two masks are one object")
        ->group(group);
    command
        .add_option("--max-open-edge", m.max_open_edge,
                    "Drop what tiles that see all of it do not show, if more than this times the root of "
                    "its area ends at edges of tiles; 100: keep everything")
        ->group(group);
    command
        .add_option("--duplicate-iou", m.duplicate_iou,
                    "Of two objects at least this alike the better one stays")
        ->group(group);
}

void add_output_options(CLI::App& command, MergeTilesOptions& o) {
    const std::string group = "Output";
    command.add_flag("--overwrite", o.overwrite, "Replace an output that exists")->group(group);
    command
        .add_option("--simplify", o.simplify,
                    "Simplify outlines by up to this many pixels; 0: exact pixel edges")
        ->group(group);
    add_layer_options(command, o, group);
    add_resource_options(command, o, group);
}

void work(MergeTilesOptions& options, Progress& progress) {
    const pipeline::MergeTilesReport report = pipeline::merge_tiles(options, progress);
    std::printf("%s: %lld segments from %lld masks on %lld tiles\n", options.output.c_str(),
                static_cast<long long>(report.segments), static_cast<long long>(report.masks),
                static_cast<long long>(report.tiles));
}

}  // namespace

void add_merge_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<MergeTilesOptions>();
    CLI::App& command = *add_command<MergeTilesOptions>(
        program, line, "merge", "Join masks of overlapping tiles, from any model", options, work);
    command
        .add_option("tiles", options->tiles,
                    "Masks of overlapping tiles, one JSON object a line. First {\"width\": W, \"height\": H, "
                    "\"geotransform\": [6 "
                    "numbers], \"crs\": \"EPSG:…\" or WKT, \"tile_overlap\": N}, then for each tile, in any "
                    "order, {\"box\": [x, y, w, "
                    "h], \"masks\": [{\"segmentation\": {\"size\": [h, w], \"counts\": COCO's run lengths}, "
                    "\"predicted_iou\": S, "
                    "\"stability_score\": S, …}]}; further numbers of masks become fields")
        ->required();
    command
        .add_option("output", options->output, "Layer to write, by extension: .gpkg, .shp, .geojson, .fgb")
        ->required();
    add_merge_options(command, options->merge);
    add_output_options(command, *options);
    command.footer(
        "Examples:\n"
        "  landseam merge tiles.jsonl town.gpkg\n"
        "  landseam segment town.tif town.gpkg --tiles tiles.jsonl && landseam merge tiles.jsonl again.gpkg "
        "--min-agreement 0.8");
}

}  // namespace landseam::apps
