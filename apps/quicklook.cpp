// landseam quicklook SCENE LAYER OUTPUT.png: the picture people look at first.
#include "landseam/pipeline/quicklook.h"

#include "commands.h"
#include "picture_options.h"

namespace landseam::apps {

void add_quicklook_command(CLI::App& program, CommandLine& line) {
    using pipeline::QuicklookOptions;
    const auto options = std::make_shared<QuicklookOptions>();
    CLI::App& command = *add_command<QuicklookOptions>(program, line, "quicklook", "Draw a layer over its scene as a PNG", options,
                                                       [](QuicklookOptions& o, Progress& p) { pipeline::draw_quicklook(o, p); });
    command.add_option("scene", options->scene, "The scene the layer was made from, or any other of the place")->required();
    command.add_option("layer", options->layer, "Polygons in any format and CRS that GDAL reads")->required();
    command.add_option("output", options->output, "PNG to write")->required();
    command.add_option("--max-size", options->max_size, "Longest side of the picture in pixels");
    command.add_option("--window", options->window, "Draw only this part: x,y,width,height in scene pixels")->delimiter(',')->expected(4);
    command.add_option("--fill", options->fill_opacity, "Opacity of the fills, 0 to 1");
    command.add_option("--line-width", options->line_width, "Width of the outlines in pixels of the picture; 0: none");
    command.add_option("--color-by", options->color_field,
                       "Field that colours the objects, with a legend: classes, or a ramp of numbers [a colour for each]")
        ->default_str("");
    command.add_option("--label", options->label_field, "Field to write on the objects, where there is room")->default_str("");
    command.add_flag("--side-by-side", options->side_by_side, "The scene alone beside the scene with its layer");
    command.add_flag("--bare", options->bare, "Neither scale bar nor north arrow");
    command.add_flag("--overwrite", options->overwrite, "Replace the picture if it exists");
    add_picture_options(command, options->picture, options->open);
    command.footer("Examples:\n  landseam quicklook town.tif town.gpkg town.png --max-size 1600\n"
                   "  landseam quicklook town.tif town.gpkg part.png --window 2000,1000,800,600 --color-by predicted_iou --label id\n"
                   "  landseam quicklook town.tif town.gpkg both.png --side-by-side --fill 0");
}

}  // namespace landseam::apps
