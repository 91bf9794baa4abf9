#include "pack_options.h"

#include "picture_options.h"

#include <map>
#include <memory>

namespace landseam::apps {

void add_pack_options(CLI::App& command, pipeline::PackOptions& options) {
    using pipeline::LabelKind;
    const std::string group = "Packing samples";
    // What holds for all label sources, whatever the order of the arguments.
    struct Labels {
        std::vector<std::string> paths;
        bool incomplete = false;
        pipeline::LabelSource common;
    };
    const auto labels = std::make_shared<Labels>();
    command.add_option("--scene", options.scene, "Raster to pack, as 'landseam segment' reads it")
        ->group(group)
        ->default_str("");
    command
        .add_option("--labels", labels->paths,
                    "Objects on the scene: polygons in any CRS, or a raster of classes or objects; may be "
                    "given again")
        ->group(group)
        ->default_str("")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    const std::map<std::string, LabelKind> kinds{{"auto", LabelKind::automatic},
                                                 {"polygons", LabelKind::polygons},
                                                 {"classes", LabelKind::classes},
                                                 {"instances", LabelKind::instances}};
    command
        .add_option("--label-kind", labels->common.kind,
                    "auto, polygons, classes (connected pixels of one class or colour are an object) or "
                    "instances [by the file's name]")
        ->group(group)
        ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case).description(""))
        ->type_name("KIND")
        ->default_str("");
    command
        .add_option("--class-field", labels->common.class_field,
                    "Field of the polygons that --ignore speaks of")
        ->group(group)
        ->default_str("");
    command
        .add_option("--ignore", labels->common.ignore,
                    "Classes, numbers or colours ('#9B9B9B') of ground whose objects are unknown")
        ->delimiter(',')
        ->group(group)
        ->default_str("");
    command
        .add_flag("--labels-incomplete", labels->incomplete,
                  "Objects without a label may lie between those with one")
        ->group(group);
    command
        .add_option("--min-solidity", labels->common.min_solidity,
                    "Of class rasters: components that fill less than this share of their convex hull are "
                    "unknown, as "
                    "street networks and ground left between other things")
        ->group(group);
    command
        .add_option("--regions", options.region_scales,
                    "Add levels of regions found without labels: sides in pixels of the smallest square that "
                    "stays apart where it differs by 20 of 255 grey levels, as 10,30,100")
        ->delimiter(',')
        ->group(group)
        ->default_str("");
    command
        .add_option(
            "--aoi", options.area_of_interest,
            "Pack only this part: a vector file in any CRS, or minx,miny,maxx,maxy in the scene's CRS")
        ->group(group)
        ->default_str("");
    add_picture_options(command, options.picture, options.open);
    command.parse_complete_callback([labels, &options] {
        labels->common.complete = !labels->incomplete;
        options.labels.clear();
        for (const std::string& path : labels->paths) {
            options.labels.push_back(labels->common);
            options.labels.back().path = path;
        }
    });
}

}  // namespace landseam::apps
