// landseam train --pack OUTPUT: a scene and its labels made ready for training.
#include "commands.h"
#include "pack_options.h"

#include <cstdio>

namespace landseam::apps {
namespace {

void print_report(const std::string& output, const pipeline::PackReport& report) {
    std::printf("%s: %lld by %lld pixels", output.c_str(), static_cast<long long>(report.width),
                static_cast<long long>(report.height));
    if (report.gsd_m > 0) std::printf(" of %.3g m", report.gsd_m);
    std::printf(", %lld valid; %s\n", static_cast<long long>(report.valid_pixels), report.picture.c_str());
    for (const pipeline::PackedLevel& level : report.levels)
        std::printf(
            "  %s: %lld objects on %.1f %% of the valid pixels, %.1f %% unknown\n", level.name.c_str(),
            static_cast<long long>(level.objects),
            100.0 * static_cast<double>(level.object_pixels) / static_cast<double>(report.valid_pixels),
            100.0 * static_cast<double>(level.unknown_pixels) / static_cast<double>(report.valid_pixels));
}

void work(pipeline::PackOptions& options, Progress& progress) {
    print_report(options.output, pipeline::pack_samples(options, progress));
}

}  // namespace

void add_train_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<pipeline::PackOptions>();
    CLI::App& command = *add_command<pipeline::PackOptions>(
        program, line, "train", "Pack scenes and labels for training", options, work);
    command
        .add_option("--pack", options->output, "Pack a scene and its labels into this file (.safetensors)")
        ->required();
    add_pack_options(command, *options);
    command.footer(
        "Examples:\n"
        "  landseam train --pack town.safetensors --scene town.tif --labels roofs.gpkg\n"
        "  landseam train --pack fields.safetensors --scene S2.tif --preset sentinel2 --regions 10,30,100");
}

}  // namespace landseam::apps
