// landseam masks INPUT OUTPUT_DIR: masks of plain pictures, as the reference's script writes them.
#include "landseam/pipeline/picture_masks.h"

#include "commands.h"
#include "generator_options.h"
#include "model_options.h"
#include "picture_options.h"

#include <cstdio>

namespace landseam::apps {
namespace {

using pipeline::PictureMasksOptions;

void work(PictureMasksOptions& options, Progress& progress) {
    const pipeline::PictureMasksReport report = pipeline::picture_masks(options, progress);
    std::printf("%s: %lld masks of %lld pictures", options.output.c_str(),
                static_cast<long long>(report.masks), static_cast<long long>(report.pictures));
    if (report.known > 0) std::printf(", %lld done before", static_cast<long long>(report.known));
    if (report.unread > 0) std::printf(", %lld files left out", static_cast<long long>(report.unread));
    std::printf("\n");
}

}  // namespace

void add_masks_command(CLI::App& program, CommandLine& line) {
    const auto options = std::make_shared<PictureMasksOptions>();
    CLI::App& command = *add_command<PictureMasksOptions>(
        program, line, "masks", "Make all masks of pictures, as the reference's script does", options, work);
    command
        .add_option("input", options->input, "A picture, a raster taken as one picture, or a folder of them")
        ->required();
    command
        .add_option("output", options->output,
                    "Folder: for each picture it gets a folder with metadata.csv and a PNG for each mask, or "
                    "a JSON file. What is there "
                    "already is left alone, so that a run that was cut off goes on")
        ->required();
    command
        .add_flag("--coco-rle,--convert-to-rle", options->coco_rle,
                  "Write NAME.json with COCO's run-length encoding, as pycocotools reads it, instead of PNGs")
        ->group("Output");
    command.add_flag("--overwrite", options->overwrite, "Make again what is there already")->group("Output");
    add_picture_options(command, options->picture, options->open);
    add_model_options(command, *options);
    add_generator_options(command, options->generator, options->pred_iou_thresh,
                          options->stability_score_thresh);
    command.footer(
        "Examples:\n"
        "  landseam masks photos/ masks/ --checkpoint sam_vit_b_01ec64.pth\n"
        "  landseam masks dog.jpg masks/ --coco-rle --points-per-side 16 --crop-n-layers 1");
}

}  // namespace landseam::apps
