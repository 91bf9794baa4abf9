// landseam prompt SCENE PROMPTS OUTPUT: the objects that points, boxes and polygons speak of.
#include "landseam/core/error.h"
#include "landseam/pipeline/prompt_scene.h"

#include "commands.h"
#include "model_options.h"
#include "picture_options.h"

#include <cstdio>
#include <cstdlib>
#include <map>

namespace landseam::apps {
namespace {

using pipeline::PolygonUse;
using pipeline::PromptOptions;

struct PromptCommand {
    PromptOptions options;
    std::vector<std::string> files;  // scene, prompts where there are any, output
    std::vector<std::string> points, boxes, negative_points;
};

// "x,y" or "x0,y0,x1,y1".
std::vector<double> numbers_of(const std::string& option, const std::string& text, std::size_t count) {
    std::vector<double> numbers;
    const char* rest = text.c_str();
    while (true) {
        char* end = nullptr;
        numbers.push_back(std::strtod(rest, &end));
        const bool read = end != rest;
        rest = end + 1;
        if (!read || (*end != ',' && *end != '\0') || numbers.size() > count ||
            (*end == '\0' && numbers.size() != count))
            throw Error(option + " " + text, "is not " + std::to_string(count) + " numbers",
                        count == 2 ? "write x,y" : "write minx,miny,maxx,maxy", ErrorKind::usage);
        if (*end == '\0') return numbers;
    }
}

void add_prompt_options(CLI::App& command, PromptCommand& c) {
    const std::string group = "Prompts";
    PromptOptions& o = c.options;
    const auto repeated = [&](const std::string& name, std::vector<std::string>& values,
                              const std::string& help, const std::string& type) {
        command.add_option(name, values, help)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->type_name(type)
            ->group(group)
            ->default_str("");
    };
    repeated(
        "--point", c.points,
        "A point on an object, easting or longitude first; may be given again, each on an object of its own",
        "X,Y");
    repeated("--box", c.boxes, "A box around an object; may be given again", "MINX,MINY,MAXX,MAXY");
    repeated("--negative", c.negative_points,
             "A point beside the objects of --point and --box; may be given again", "X,Y");
    command.add_flag("--together", o.together, "All --point and --box are of one object")->group(group);
    command
        .add_option("--crs", o.crs,
                    "CRS of these, and of a layer that names none: EPSG:4326, WKT, or pixels for pixels of "
                    "the scene [the scene's]")
        ->group(group)
        ->default_str("");
    command.add_option("--prompt-layer", o.prompt_layer, "Layer to read, where PROMPTS has several")
        ->group(group)
        ->default_str("");
    command
        .add_option("--label-field", o.label_field,
                    "Field that tells points on the object (1, positive) from those beside it (0, negative) "
                    "[all are on it]")
        ->group(group)
        ->default_str("");
    command
        .add_option(
            "--object-field", o.object_field,
            "Field of the object's number: features alike in it are prompts for one object [each is one]")
        ->group(group)
        ->default_str("");
    const std::map<std::string, PolygonUse> uses{{"box", PolygonUse::box},
                                                 {"mask", PolygonUse::mask},
                                                 {"both", PolygonUse::both},
                                                 {"point", PolygonUse::point}};
    command
        .add_option("--polygons-as", o.polygon_use,
                    "What a polygon tells the model: its box, its outline as a mask prompt (mask), both, or "
                    "its most interior "
                    "point")
        ->transform(CLI::CheckedTransformer(uses, CLI::ignore_case).description(""))
        ->type_name("box|mask|both|point")
        ->group(group)
        ->default_str("box, with --refine both");
    command
        .add_option("--object-size", o.object_size,
                    "Metres across the objects that points lie on: sets the scale of their windows [the "
                    "scene's pixels, and coarser "
                    "as long as a mask reaches its window's edge]")
        ->group(group);
    command
        .add_option("--window-steps", o.window_steps,
                    "Windows begin at every so-many-th of their side: with more, objects lie nearer to the "
                    "middle; with fewer, more "
                    "of them share what the encoder makes of one. 0: one window an object")
        ->group(group);
    command
        .add_flag("--refine", o.refine,
                  "Take polygons for outlines to improve: adds how far each moved, and leaves it where the "
                  "model sees another thing")
        ->group(group);
    command
        .add_option("--refine-min-iou", o.refine_min_iou,
                    "What another thing is: a mask with less IoU with its polygon")
        ->needs("--refine")
        ->group(group);
}

void add_output_options(CLI::App& command, PromptOptions& o) {
    const std::string group = "Output";
    command.add_flag("--overwrite", o.overwrite, "Replace an output that exists")->group(group);
    command
        .add_option("--simplify", o.simplify,
                    "Simplify outlines by up to this many pixels of the window; 0: exact pixel edges")
        ->group(group);
    add_layer_options(command, o, group);
}

void work(PromptCommand& command, Progress& progress) {
    PromptOptions& options = command.options;
    options.scene = command.files.front();
    options.output = command.files.back();
    if (command.files.size() == 3) options.prompts = command.files[1];
    const auto point = [](const std::vector<double>& xy) { return Point{xy[0], xy[1]}; };
    for (const std::string& text : command.points)
        options.points.push_back(point(numbers_of("--point", text, 2)));
    for (const std::string& text : command.negative_points)
        options.negative_points.push_back(point(numbers_of("--negative", text, 2)));
    for (const std::string& text : command.boxes) {
        const std::vector<double> box = numbers_of("--box", text, 4);
        options.boxes.push_back({box[0], box[1], box[2], box[3]});
    }
    const pipeline::PromptReport report = pipeline::prompt_scene(options, progress);
    std::printf("%s: %lld objects (", options.output.c_str(), static_cast<long long>(report.objects));
    const char* separator = "";
    for (const auto& [status, count] : report.by_status) {
        std::printf("%s%lld %s", separator, static_cast<long long>(count), status.c_str());
        separator = ", ";
    }
    std::printf(") in %lld windows", static_cast<long long>(report.windows));
    if (report.known_embeddings > 0)
        std::printf(", %lld embeddings known", static_cast<long long>(report.known_embeddings));
    std::printf("\n");
}

}  // namespace

void add_prompt_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<PromptCommand>();
    CLI::App& command = *add_command<PromptCommand>(
        program, line, "prompt", "Outline the objects that points, boxes or polygons speak of", state, work);
    command
        .add_option("files", state->files,
                    "SCENE [PROMPTS] OUTPUT: any raster GDAL reads; points, lines, boxes or polygons in any "
                    "format and CRS; the layer "
                    "to write, by extension: .gpkg, .shp, .geojson, .fgb. It has the attributes of PROMPTS "
                    "and each object's score "
                    "and status")
        ->required()
        ->expected(2, 3)
        ->type_name("PATH");
    add_prompt_options(command, *state);
    add_picture_options(command, state->options.picture, state->options.open);
    add_model_options(command, state->options);
    add_output_options(command, state->options);
    command.footer(
        "Examples:\n"
        "  landseam prompt town.tif clicks.geojson roofs.gpkg --label-field on --object-field house\n"
        "  landseam prompt town.tif pond.gpkg --point 85.5208,27.6331 --negative 85.5209,27.6330 --crs "
        "EPSG:4326\n"
        "  landseam prompt town.tif old_footprints.shp footprints.gpkg --refine");
}

}  // namespace landseam::apps
