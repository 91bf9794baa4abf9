// landseam batch merge and submit: one layer of all scenes; job files for engines.
#include "landseam/catalog/merge.h"
#include "landseam/catalog/submit.h"
#include "landseam/core/error.h"

#include "batch_commands.h"

#include <cstdio>

namespace landseam::apps {
namespace {

struct MergeCommand {
    catalog::MergeOptions options;
    bool allow_missing = false;
};

void merge(MergeCommand& command, Progress& progress) {
    const catalog::MergeOptions& options = command.options;
    const catalog::MergeReport report = catalog::merge_batch(options, progress);
    std::printf("%s: %lld segments of %lld scenes", options.output.c_str(),
                static_cast<long long>(report.segments), static_cast<long long>(report.scenes));
    if (report.dropped > 0)
        std::printf(", %lld shown by another scene of the day as well and left out",
                    static_cast<long long>(report.dropped));
    if (report.joined > 0)
        std::printf(", %lld joined of pieces from several scenes", static_cast<long long>(report.joined));
    std::printf("\n");
    constexpr std::size_t most_shown = 20;
    for (std::size_t i = 0; i < report.missing.size() && i < most_shown; ++i)
        std::printf("missing: %s\n", report.missing[i].c_str());
    std::fflush(stdout);
    if (!report.missing.empty() && !command.allow_missing)
        throw Error(options.output, std::to_string(report.missing.size()) + " scenes are missing in it",
                    "'landseam batch status --failed' tells why; --allow-missing takes it as it is");
}

void add_merge(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<MergeCommand>();
    catalog::MergeOptions& o = state->options;
    CLI::App& command = *add_command<MergeCommand>(
        batch, line, "merge", "Make one layer of the scenes that are done", state, merge);
    command.add_option("dir", o.folder, "Folder of the plan")->required();
    command
        .add_option("output", o.output,
                    "Layer to write, by extension: .gpkg, .fgb, .geojson, .shp, or a PostGIS table as "
                    "PG:dbname=…; a STAC ItemCollection of "
                    "the scenes goes to OUTPUT.items.json")
        ->required();
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist");
    command
        .add_option("--t-srs", o.target_crs,
                    "CRS of the layer [the scenes' own where they share one, else EPSG:4326]")
        ->default_str("");
    command.add_option("--same-iou", o.same_iou,
                       "Where scenes of one date overlap, objects are one from this IoU on, or where one is "
                       "cut by its scene's edge and this "
                       "share of it lies in the other: the whole one stays, else the larger; two cut pieces "
                       "that agree where both scenes are "
                       "get joined. 0: keep all");
    command.add_option("--report", o.report, "Write an HTML page with small pictures of all scenes as well")
        ->default_str("");
    add_layer_options(command, o);
    command.add_flag("--allow-missing", state->allow_missing, "Exit with 0 though scenes are missing");
    command.footer("Exit code 1: the layer is written, but scenes are missing in it.");
}

struct SubmitCommand {
    catalog::SubmitOptions options;
};

void submit(SubmitCommand& command, Progress&) {
    command.options.program = this_program();
    const catalog::SubmitReport report = catalog::submit_batch(command.options);
    for (const std::string& file : report.files) std::printf("%s\n", file.c_str());
    std::printf("%lld tasks", static_cast<long long>(report.tasks));
    if (!report.answer.empty()) std::printf(": %s", report.answer.c_str());
    std::printf("\n");
}

void add_submit(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<SubmitCommand>();
    catalog::SubmitOptions& o = state->options;
    CLI::App& command = *add_command<SubmitCommand>(
        batch, line, "submit", "Write job files for an engine, and hand them to it", state, submit);
    command.add_option("dir", o.folder, "Folder of the plan; all machines see it under this name")
        ->required();
    command.add_option("--engine", o.engine, "slurm or parallel (GNU parallel)")
        ->required()
        ->check(CLI::IsMember({"slurm", "parallel"}));
    command.add_option("--jobs", o.jobs, "Tasks at once [the engine's choice]")->default_str("");
    command.add_option("--threads", o.threads, "Threads of a task");
    command.add_option("--memory", o.memory, "Memory of a task, as 4G [from the plan]")
        ->type_name("SIZE")
        ->default_str("");
    command.add_option("--time", o.minutes, "Minutes a task may take [from the plan, with a margin]")
        ->default_str("");
    command.add_option("--requeues", o.requeues,
                       "How often a task that ends with 75, or dies, is begun again");
    command.add_flag("--retry-failed", o.retry_failed, "Try scenes again that failed for good");
    command
        .add_option("--merge", o.output, "Merge to this layer once all tasks have ended, however they did")
        ->default_str("");
    command.add_flag("!--dry-run", o.submit, "Write the files to DIR/jobs only");
    command.footer(
        "Called again it submits the tasks that are not done. Examples:\n"
        "  landseam batch submit batch/ --engine slurm --jobs 50 --merge fields.gpkg\n"
        "  landseam batch submit batch/ --engine parallel --jobs 8");
}

}  // namespace

void add_batch_results(CLI::App& batch, CommandLine& line) {
    add_merge(batch, line);
    add_submit(batch, line);
}

}  // namespace landseam::apps
