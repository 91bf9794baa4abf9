// landseam features SCENE LAYER OUTPUT: what can be said of each segment, in numbers.
#include "landseam/pipeline/measure_layer.h"

#include "commands.h"
#include "measure_options.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::WriteFeaturesOptions;

void work(WriteFeaturesOptions& options, Progress& progress) {
    const auto written = pipeline::write_features(options, progress);
    std::printf("%s: features of %lld segments\n", options.output.c_str(), static_cast<long long>(written));
}

}  // namespace

void add_features_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<WriteFeaturesOptions>();
    CLI::App& command = *add_command<WriteFeaturesOptions>(
        program, line, "features", "Measure spectra, texture, shape and surroundings of segments", options,
        work);
    add_measured_inputs(command, *options);
    command.add_option("output", options->output, "Layer to write, by extension, or a table alone: .csv")
        ->required();
    add_measure_options(command, *options);
    command.add_option("--layer", options->layer_name, "Name of the layer written")->group("Output");
    command.add_flag("--overwrite", options->overwrite, "Replace the output if it exists")->group("Output");
    command.footer(
        "Examples:\n"
        "  landseam features town.tif town.gpkg features.csv\n"
        "  landseam features S2.tif fields.gpkg measured.gpkg --preset sentinel2 --no-embedding");
}

}  // namespace landseam::apps
