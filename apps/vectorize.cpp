// landseam vectorize LABELS OUTPUT: a label raster turned into polygons.
#include "landseam/pipeline/vectorize_labels.h"

#include "commands.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::VectorizeOptions;

void work(VectorizeOptions& options, Progress& progress) {
    const pipeline::VectorizeReport report = pipeline::vectorize_labels(options, progress);
    std::printf("%s: %lld polygons", options.output.c_str(), static_cast<long long>(report.objects));
    if (report.too_small > 0) std::printf(", %lld too small", static_cast<long long>(report.too_small));
    if (report.too_large > 0) std::printf(", %lld too large", static_cast<long long>(report.too_large));
    if (report.deviation > 0) std::printf(", outlines moved by up to %.3g pixels", report.deviation);
    std::printf("\n");
}

}  // namespace

void add_vectorize_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<VectorizeOptions>();
    CLI::App& command = *add_command<VectorizeOptions>(program, line, "vectorize",
                                                       "Turn a label raster into polygons", options, work);
    auto& o = *options;
    command.add_option("labels", o.labels, "Raster of whole numbers, 8 to 32 bits, of any size")->required();
    command.add_option("output", o.output, "Layer to write, by extension: .gpkg, .shp, .geojson, .fgb")
        ->required();
    command.add_flag(
        "--instances", o.instances,
        "All pixels of a value are one object, in several parts perhaps; else each connected region is");
    command.add_flag("--eight-connected", o.diagonal, "Pixels that touch at a corner are connected, too");
    command
        .add_option("--background", o.background,
                    "Values that are no object, as 0,255; none: all are [0, unless the raster marks nodata]")
        ->default_str("");
    command
        .add_option("--table", o.table,
                    "Attributes of the values: CSV, DBF or any other table that GDAL reads")
        ->default_str("");
    command.add_option("--key", o.key_field, "Field of the table that holds the values [its first one]")
        ->default_str("");
    command.add_option("--simplify", o.outlines.simplify,
                       "Simplify outlines by up to this many pixels, shared ones once; 0: exact pixel edges");
    command.add_option("--smooth", o.outlines.smooth,
                       "Round corners over up to this many pixels to either side");
    command.add_option("--min-area", o.min_area, "Leave smaller objects out: 40px or 25m2")->default_str("");
    command.add_option("--max-area", o.max_area, "Leave larger objects out: 40px or 25m2")->default_str("");
    command
        .add_option("--t-srs", o.target_crs,
                    "CRS of the layer, as EPSG:4326; edges get vertices where they bend [the raster's]")
        ->default_str("");
    command
        .add_option("--style-field", o.style_field,
                    "Field that QGIS shows in colours (GeoPackage) [name or value]")
        ->default_str("");
    command.add_option("--threads", o.threads, "Threads; 0: one a core. Results do not depend on it");
    command.add_flag("--overwrite", o.overwrite, "Replace the output if it exists");
    add_layer_options(command, o);
    command.footer(
        "Examples:\n"
        "  landseam vectorize landcover.tif landcover.gpkg --table classes.csv --simplify 1 --min-area "
        "100m2\n"
        "  landseam vectorize instances.tif objects.gpkg --instances");
}

}  // namespace landseam::apps
