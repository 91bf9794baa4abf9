// landseam batch plan SOURCE… DIR: which scenes there are, and how they are shared out.
#include "landseam/catalog/plan.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/machine.h"

#include "batch_commands.h"
#include "planned_options.h"
#include "segment_options.h"

#include <cstdio>

namespace landseam::apps {
namespace {

struct PlanCommand {
    catalog::PlanOptions options;
    pipeline::ClassifySceneOptions classes;  // only its words are kept
    std::vector<std::string> places;  // sources, and the plan's folder last
    const CLI::App* command = nullptr;
};

std::string duration(double seconds) {
    char text[40];
    if (seconds < 90)
        std::snprintf(text, sizeof text, "%.2g s", seconds);
    else if (seconds < 5400)
        std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
    else
        std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
    return text;
}

void print_plan(const catalog::PlanOptions& options, const catalog::PlanReport& report) {
    std::printf("%s: %lld scenes in %lld tasks of up to %lld", options.folder.c_str(),
                static_cast<long long>(report.scenes), static_cast<long long>(report.tasks),
                static_cast<long long>(report.chunk));
    if (report.bytes > 0) std::printf(", %s of input", pipeline::memory_text(report.bytes).c_str());
    if (report.of_unknown_size > 0)
        std::printf(" (%lld of unknown size)", static_cast<long long>(report.of_unknown_size));
    if (report.seconds > 0)
        std::printf(", about %s of one core like this one's", duration(report.seconds).c_str());
    if (report.of_unknown_cost > 0 && options.estimate)
        std::printf(" (%lld scenes of unknown cost)", static_cast<long long>(report.of_unknown_cost));
    std::printf("\n");
    for (const auto& [reason, count] : report.left_out)
        std::printf("left out %lld: %s\n", static_cast<long long>(count), reason.c_str());
    if (!report.left_out.empty()) std::printf("which ones: %s/left_out.jsonl\n", options.folder.c_str());
}

void plan(PlanCommand& command, Progress& progress) {
    catalog::PlanOptions& options = command.options;
    if (command.places.size() < 2)
        throw Error("", "sources and the folder of the plan are needed", "landseam batch plan SOURCE… DIR",
                    ErrorKind::usage);
    options.folder = command.places.back();
    options.sources.assign(command.places.begin(), command.places.end() - 1);
    options.arguments = words_given(*command.command);
    print_plan(options, catalog::plan_batch(options, progress));
}

void add_filter_options(CLI::App& command, catalog::PlanOptions& o) {
    const std::string group = "Which scenes";
    command
        .add_option(
            "--assets", o.assets,
            "Assets of STAC items that make up the scene: keys, common names or roles, as B04,B03,B02")
        ->delimiter(',')
        ->group(group)
        ->default_str("");
    command.add_option("--bbox", o.filter.bbox, "Only scenes that touch west,south,east,north, in degrees")
        ->delimiter(',')
        ->expected(4)
        ->type_name("W,S,E,N")
        ->group(group);
    command
        .add_option("--aoi", o.filter.area,
                    "Only scenes whose bounding box touches the polygons of this vector file, in any CRS")
        ->group(group)
        ->default_str("");
    command
        .add_option("--datetime", o.filter.datetime,
                    "Only scenes of a day or a time: 2023-06-01, 2023-06-01/2023-08-31, ../2020-12-31")
        ->group(group)
        ->default_str("");
    command
        .add_option("--max-cloud", o.filter.max_cloud,
                    "Only scenes with at most this many percent of clouds (eo:cloud_cover)")
        ->group(group);
    command
        .add_option("--where", o.filter.where,
                    "Only scenes with this property, id or collection: 'gsd<=1', platform=sentinel-2a; may "
                    "be given several times")
        ->allow_extra_args(false)
        ->group(group)
        ->default_str("");
    command
        .add_flag("--all-versions", o.all_versions,
                  "Keep all versions of a scene, not the newest one alone, and deprecated ones")
        ->group(group);
    command.add_option("--max-tasks", o.most_tasks, "Share the scenes out into at most this many tasks")
        ->group("Plan");
    command.add_flag("!--no-estimate", o.estimate, "Do not take the time of a tile to tell the cost")
        ->group("Plan");
    command
        .add_option("--to", o.database,
                    "Put each scene's polygons into this PostGIS table (PG:dbname=…) as soon as it is done")
        ->group("Plan")
        ->default_str("");
}

}  // namespace

void add_batch_plan(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<PlanCommand>();
    CLI::App& command = *add_command<PlanCommand>(
        batch, line, "plan", "List the scenes of a catalog, and share them out into tasks", state, plan);
    state->command = &command;
    command
        .add_option("places", state->places,
                    "Sources, then the plan's new folder. A source is a raster, a folder, a quoted pattern, "
                    "a list (.txt), a table (.csv "
                    "with a column href) or STAC (.json: item, collection of items, saved search, "
                    "collection, catalog), on this machine or "
                    "at http(s)://, s3:// or a /vsi… path")
        ->required()
        ->expected(2, 1 << 20)
        ->type_name("SOURCE… DIR")
        ->default_str("");
    add_filter_options(command, state->options);
    add_segment_options(command, state->options.segment);
    add_class_options(command, state->classes);
    command.footer(
        "Examples:\n"
        "  landseam batch plan scenes/ batch/\n"
        "  landseam batch plan search.json batch/ --assets B04,B03,B02 --max-cloud 20 --preset sentinel2\n"
        "  landseam batch plan https://example.com/catalog.json batch/ --bbox 13,52,14,53 --datetime "
        "2023-06-01/2023-08-31");
}

}  // namespace landseam::apps
