// landseam train SAMPLES... OUTPUT: trains or fine-tunes a checkpoint. With --pack: makes the samples.
#include <cstdio>

#include "commands.h"
#include "landseam/core/error.h"
#include "pack_options.h"
#include "train_options.h"

namespace landseam::apps {
namespace {

struct TrainOrPack : TrainCommand {
    pipeline::PackOptions packing;  // with an output: this is done instead
};

void pack(const pipeline::PackOptions& options, Progress& progress) {
    const pipeline::PackReport report = pipeline::pack_samples(options, progress);
    std::printf("%s: %lld by %lld pixels", options.output.c_str(), static_cast<long long>(report.width),
                static_cast<long long>(report.height));
    if (report.gsd_m > 0) std::printf(" of %.3g m", report.gsd_m);
    std::printf(", %lld valid; %s\n", static_cast<long long>(report.valid_pixels), report.picture.c_str());
    for (const pipeline::PackedLevel& level : report.levels)
        std::printf("  %s: %lld objects on %.1f %% of the valid pixels, %.1f %% unknown\n", level.name.c_str(),
                    static_cast<long long>(level.objects),
                    100.0 * static_cast<double>(level.object_pixels) / static_cast<double>(report.valid_pixels),
                    100.0 * static_cast<double>(level.unknown_pixels) / static_cast<double>(report.valid_pixels));
}

void work(TrainOrPack& command, Progress& progress) {
    command.packing.overwrite = command.options.overwrite;
    if (!command.packing.output.empty())
        pack(command.packing, progress);
    else if (command.files.empty())
        throw Error("", "train needs SAMPLES and an OUTPUT, or --pack", "see 'landseam train --help'", ErrorKind::usage);
    else
        train_or_mean(command, progress);
}

}  // namespace

void add_train_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<TrainOrPack>();
    CLI::App& command = *add_command<TrainOrPack>(program, line, "train", "Train or fine-tune a checkpoint", state, work);
    CLI::Option* const files = add_train_options(command, *state);
    CLI::Option* const packing =
        command.add_option("--pack", state->packing.output, "Instead of training, pack a scene and its objects into this file (.safetensors)")
            ->group("Packing samples")->default_str("")->excludes(files);
    add_pack_options(command, state->packing);
    command.get_option("--scene")->needs(packing);
    command.footer(
        "Examples:\n"
        "  landseam train --pack samples/town.safetensors --scene town.tif --labels roofs.gpkg --regions 10,25,60\n"
        "  landseam train samples/ roofs.pth --start embedded --part decoder --rate 1e-4 --steps 2000 --validation held_out/\n"
        "  landseam train drawn=0.5 real=2 new.pth --dim 128 --depth 6 --steps 100000\n"
        "  landseam train --pack s2/a.safetensors --scene s2.tif --preset sentinel2:multispectral --regions 6,15,40\n"
        "  landseam train s2/ ten_bands.pth --start embedded --rate 1e-4 --steps 2000\n"
        "  landseam train --mean first.pth second.pth third.pth mean.pth");
}

}  // namespace landseam::apps
