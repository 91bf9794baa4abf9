// landseam regularize LAYER OUTPUT: building footprints squared up.
#include "landseam/pipeline/regularize_layer.h"

#include "commands.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::RegularizeLayerOptions;

void work(RegularizeLayerOptions& options, Progress& progress) {
    const pipeline::RegularizeReport report = pipeline::regularize_layer(options, progress);
    std::printf(
        "%s: %lld buildings, %lld kept as they were, vertices %lld to %lld, mean IoU with the old ones "
        "%.3f\n",
        options.output.c_str(), static_cast<long long>(report.buildings), static_cast<long long>(report.kept),
        static_cast<long long>(report.vertices_before), static_cast<long long>(report.vertices_after),
        report.mean_iou);
    if (report.pixel_side > 0) std::printf("outlines run along pixels of %.3g m\n", report.pixel_side);
}

}  // namespace

void add_regularize_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<RegularizeLayerOptions>();
    CLI::App& command = *add_command<RegularizeLayerOptions>(program, line, "regularize",
                                                             "Square up building footprints", options, work);
    auto& o = *options;
    command.add_option("layer", o.layer, "Polygons in any format and CRS that GDAL reads")->required();
    command.add_option("output", o.output, "Layer to write, by extension: .gpkg, .shp, .geojson, .fgb")
        ->required();
    command
        .add_option_function<double>(
            "--resolution",
            [&o](double resolution) {
                o.buildings.resolution = resolution;
                o.find_pixels = false;
            },
            "How ragged outlines are, in metres [the pixels they run along, with details of four and moves of "
            "six of these at least; 0.3 where they do not]")
        ->default_str("");
    command.add_option("--detail", o.buildings.detail, "Shorter edges are smoothed away, in metres");
    command.add_option("--max-shift", o.buildings.max_shift,
                       "How far an outline may move, in metres; else it is only simplified");
    command.add_option("--min-iou", o.buildings.min_iou,
                       "How alike old and new polygon must be; else it is only simplified");
    command.add_option("--diagonals", o.buildings.diagonals, "Edges at 45 degrees besides right angles");
    command.add_option("--circles", o.buildings.circles, "Tanks and silos become round");
    command.add_option(
        "--align-distance", o.buildings.align_distance,
        "Neighbours up to this many metres apart get one direction if theirs are nearly the same");
    command.add_option("--align-angle", o.buildings.align_angle, "By how many degrees those may differ");
    command.add_option("--threads", o.threads, "Threads; 0: one a core. Results do not depend on it");
    command.add_flag("--overwrite", o.overwrite, "Replace the output if it exists");
    command.add_option("--layer", o.layer_name, "Name of the layer");
    command.footer("Example:\n  landseam regularize roofs.gpkg buildings.gpkg");
}

}  // namespace landseam::apps
