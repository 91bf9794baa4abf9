// landseam info [SCENE|CHECKPOINT]: what is installed, what a file is, which preset fits.
#include <cstdio>

#include "commands.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/describe.h"
#include "version.h"

namespace landseam::apps {
namespace {

struct InfoOptions {
    std::string subject;
    bool checkpoints = false;
    bool presets = false;
    std::string preset;
    raster::OpenOptions open;
};

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_checkpoint(const std::string& path) {
    return ends_with(path, ".pth") || ends_with(path, ".pt") || ends_with(path, ".safetensors") || path == "default";
}

void work(InfoOptions& options, Progress& progress) {
    std::string text;
    if (options.checkpoints) text += pipeline::list_checkpoints();
    if (options.presets) text += pipeline::list_presets();
    if (!options.preset.empty()) text += pipeline::describe_preset(options.preset);
    if (is_checkpoint(options.subject))
        text += pipeline::describe_checkpoint_file(options.subject == "default" ? "" : options.subject, progress);
    else if (!options.subject.empty())
        text += pipeline::describe_scene(options.subject, options.open);
    if (text.empty()) text = std::string("landseam ") + version + "\n" + pipeline::describe_installation();
    std::fputs(text.c_str(), stdout);
}

}  // namespace

void add_info_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<InfoOptions>();
    CLI::App& command = *add_command<InfoOptions>(program, line, "info", "Describe a scene, a checkpoint, presets or the installation",
                                                  options, work);
    command.add_option("subject", options->subject,
                       "A scene, a checkpoint (.pth, .pt, .safetensors), or 'default' for the embedded checkpoint; "
                       "nothing: what is installed")
        ->default_str("");
    command.add_flag("--checkpoints", options->checkpoints, "List published checkpoints with address, size and licence");
    command.add_flag("--presets", options->presets, "List the sensor presets");
    command.add_option("--preset", options->preset, "Describe one preset: bands, wavelengths, composites")->default_str("");
    command.add_option("--gsd", options->open.gsd, "Describe the scene as resampled to this many metres a pixel");
    command.add_option("--oo", options->open.open_options, "Open option of the scene's GDAL driver, NAME=VALUE")->type_name("NAME=VALUE");
    command.footer("Examples:\n  landseam info scene.tif\n  landseam info sam_vit_b_01ec64.pth\n  landseam info --preset sentinel2");
}

}  // namespace landseam::apps
