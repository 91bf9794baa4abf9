#include "segment_options.h"

#include "generator_options.h"
#include "model_options.h"
#include "picture_options.h"

#include <string>
#include <tuple>
#include <utility>

namespace landseam::apps {
namespace {

using pipeline::SegmentOptions;

void add_tile_options(CLI::App& command, SegmentOptions& o) {
    command.add_option("--tile-size", o.tile_size, "Side of a tile in pixels; 0: the model's picture size")
        ->group("Tiles");
    command
        .add_option("--tile-overlap", o.tile_overlap,
                    "Overlap of neighbouring tiles in pixels; -1: a quarter of a tile")
        ->group("Tiles");
    command
        .add_option("--coarse-levels", o.coarse_levels,
                    "Look at the scene again with tiles 2, 4, 8 … times as large, so many times, for objects larger "
                    "than a tile; -1: until tiles have 4096 pixels, four times at most")
        ->group("Tiles");
    command
        .add_option_function<std::pair<std::int64_t, std::int64_t>>(
            "--tile-origin",
            [&o](const std::pair<std::int64_t, std::int64_t>& origin) {
                std::tie(o.tile_origin_x, o.tile_origin_y) = origin;
            },
            "Shift the grid of tiles so that a corner lies at pixel X,Y, to measure how little it matters")
        ->delimiter(',')
        ->type_name("X,Y")
        ->group("Tiles")
        ->default_str("0,0");
}

void add_point_options(CLI::App& command, SegmentOptions& o) {
    o.usual_points = true;
    command.get_option("--points-per-side")
        ->each([&o](const std::string&) { o.usual_points = false; })
        ->description("Prompts along each side of a tile [what suits the checkpoint; 32 for published ones]")
        ->default_str("");
    command
        .add_option("--object-size", o.object_size,
                    "Smallest object wanted, in metres: sets --points-per-side so that prompts lie at most "
                    "half of it apart")
        ->group(generator_group)
        ->excludes("--points-per-side");
}

void add_drawing_options(CLI::App& command, SegmentOptions& o) {
    const std::string group = "Output";
    command
        .add_option("--overlap", o.overlap.policy,
                    "Masks over one another: keep them, flat (each pixel to its best mask, no overlap), or "
                    "tree (parts cut to "
                    "their wholes, with parent_id and depth)")
        ->group(group);
    command
        .add_option("--fill-gaps", o.overlap.fill_gaps,
                    "Close slits between objects up to this many pixels wide (with --overlap flat)")
        ->group(group);
    command.add_option("--min-area", o.overlap.min_area, "Leave smaller objects out: 40px or 25m2")
        ->group(group)
        ->default_str("");
    command.add_option("--max-area", o.overlap.max_area, "Leave larger objects out: 40px or 25m2")
        ->group(group)
        ->default_str("");
    command
        .add_option("--simplify", o.drawing.outlines.simplify,
                    "Simplify outlines by up to this many pixels, shared ones once; 0: exact pixel edges")
        ->group(group);
    command
        .add_option("--smooth", o.drawing.outlines.smooth,
                    "Round corners over up to this many pixels to either side")
        ->group(group);
    command
        .add_option_function<std::string>(
            "--regularize", [&o](const std::string&) { o.drawing.buildings = true; },
            "buildings: square up outlines, with main_angle, iou_with_mask and status of each")
        ->check(CLI::IsMember({"buildings"}))
        ->group(group)
        ->default_str("");
}

}  // namespace

void add_segment_options(CLI::App& command, SegmentOptions& options) {
    add_picture_options(command, options.picture, options.open);
    add_model_options(command, options);
    add_tile_options(command, options);
    add_generator_options(command, options.generator, options.pred_iou_thresh,
                          options.stability_score_thresh);
    add_point_options(command, options);
    add_drawing_options(command, options);
}

CLI::Option* add_class_options(CLI::App& command, pipeline::ClassifySceneOptions& classes) {
    const std::string group = "Classes";
    CLI::Option* const model =
        command
            .add_option("--classify", classes.model,
                        "Name the segments by a model that 'landseam classify --save-model' wrote")
            ->group(group)
            ->default_str("");
    command.add_option("--only", classes.only, "Write segments of this class only")
        ->group(group)
        ->default_str("")
        ->needs(model);
    command
        .add_option("--min-probability", classes.min_probability,
                    "Least probability of that class [the model's]")
        ->group(group)
        ->default_str("")
        ->needs(model);
    command
        .add_option("--class-overlap", classes.overlap,
                    "Segments over one another: keep them, or best (what lies on something more probable is "
                    "left out)")
        ->group(group)
        ->needs(model);
    return model;
}

}  // namespace landseam::apps
