// landseam batch plan|run|run-task|status|merge|submit: catalogs of scenes.
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "commands.h"
#include "landseam/catalog/merge.h"
#include "landseam/catalog/plan.h"
#include "landseam/catalog/run.h"
#include "landseam/catalog/submit.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/machine.h"
#include "planned_options.h"
#include "segment_options.h"

namespace landseam::apps {
namespace {

struct PlanCommand {
    catalog::PlanOptions options;
    std::vector<std::string> places;  // sources, and the plan's folder last
    std::optional<double> max_cloud;
    bool clip = false;
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
    std::printf("%s: %lld scenes in %lld tasks of up to %lld", options.folder.c_str(), static_cast<long long>(report.scenes),
                static_cast<long long>(report.tasks), static_cast<long long>(report.chunk));
    if (report.bytes > 0) std::printf(", %s of input", pipeline::memory_text(report.bytes).c_str());
    if (report.of_unknown_size > 0) std::printf(" (%lld of unknown size)", static_cast<long long>(report.of_unknown_size));
    if (report.seconds > 0) std::printf(", about %s of one core like this one's", duration(report.seconds).c_str());
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
        throw Error("", "sources and the folder of the plan are needed", "landseam batch plan SOURCE… DIR", ErrorKind::usage);
    options.folder = command.places.back();
    options.sources.assign(command.places.begin(), command.places.end() - 1);
    options.arguments = words_given(*command.command);
    print_plan(options, catalog::plan_batch(options, progress));
}

void add_filter_options(CLI::App& command, catalog::PlanOptions& o) {
    const std::string group = "Which scenes";
    command.add_option("--assets", o.assets, "Assets of STAC items that make up the scene: keys, common names or roles, as B04,B03,B02")
        ->delimiter(',')->group(group)->default_str("");
    command.add_option("--bbox", o.filter.bbox, "Only scenes that touch west,south,east,north, in degrees")
        ->delimiter(',')->expected(4)->type_name("W,S,E,N")->group(group);
    command.add_option("--aoi", o.filter.area, "Only scenes whose bounding box touches the polygons of this vector file, in any CRS")
        ->group(group)->default_str("");
    command.add_option("--datetime", o.filter.datetime, "Only scenes of a day or a time: 2023-06-01, 2023-06-01/2023-08-31, ../2020-12-31")
        ->group(group)->default_str("");
    command.add_option("--max-cloud", o.filter.max_cloud, "Only scenes with at most this many percent of clouds (eo:cloud_cover)")
        ->group(group);
    command.add_option("--where", o.filter.where,
                       "Only scenes with this property, id or collection: 'gsd<=1', platform=sentinel-2a; may be given several times")
        ->allow_extra_args(false)->group(group)->default_str("");
    command.add_flag("--all-versions", o.all_versions, "Keep all versions of a scene, not the newest one alone, and deprecated ones")
        ->group(group);
    command.add_option("--max-tasks", o.most_tasks, "Share the scenes out into at most this many tasks")->group("Plan");
    command.add_flag("!--no-estimate", o.estimate, "Do not take the time of a tile to tell the cost")->group("Plan");
    command.add_option("--to", o.database, "Put each scene's polygons into this PostGIS table (PG:dbname=…) as soon as it is done")
        ->group("Plan")->default_str("");
}

void add_plan(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<PlanCommand>();
    CLI::App& command = *add_command<PlanCommand>(batch, line, "plan", "List the scenes of a catalog, and share them out into tasks", state, plan);
    state->command = &command;
    command.add_option("places", state->places,
                       "Sources, then the plan's new folder. A source is a raster, a folder, a quoted pattern, a list (.txt), a table (.csv "
                       "with a column href) or STAC (.json: item, collection of items, saved search, collection, catalog), on this machine or "
                       "at http(s)://, s3:// or a /vsi… path")
        ->required()->expected(2, 1 << 20)->type_name("SOURCE… DIR")->default_str("");
    add_filter_options(command, state->options);
    add_segment_options(command, state->options.segment);
    command.footer(
        "Examples:\n"
        "  landseam batch plan scenes/ batch/\n"
        "  landseam batch plan search.json batch/ --assets B04,B03,B02 --max-cloud 20 --preset sentinel2\n"
        "  landseam batch plan https://example.com/catalog.json batch/ --bbox 13,52,14,53 --datetime 2023-06-01/2023-08-31");
}

// The exit code of scenes that failed is that of their errors.
void finish(const catalog::TaskReport& report, const std::string& folder) {
    std::printf("%s: %lld done, %lld done before, %lld failed, %lld to be tried again\n", folder.c_str(),
                static_cast<long long>(report.done), static_cast<long long>(report.skipped), static_cast<long long>(report.failed),
                static_cast<long long>(report.waiting));
    std::fflush(stdout);
    if (report.failed + report.waiting == 0) return;
    const bool passing = report.waiting > 0;
    throw Error(folder, std::to_string(report.failed + report.waiting) + " scenes are not done (" + report.first_error + ")",
                passing ? "run it again; 'landseam batch status --failed' lists them"
                        : "'landseam batch status --failed' lists them; --retry-failed tries them again",
                passing ? ErrorKind::passing : ErrorKind::failed);
}

struct TaskCommand {
    catalog::TaskOptions options;
    std::int64_t index = -1, scene = -1;
    int threads = 0;
    std::string max_memory;
    int parent = 0;
};

std::optional<std::int64_t> index_of_engine() {
    for (const char* variable : {"SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"}) {
        const char* value = std::getenv(variable);
        if (!value || !*value) continue;
        char* end = nullptr;
        const long long index = std::strtoll(value, &end, 10);
        if (*end != '\0' || index < 0)
            throw Error(variable, "'" + std::string(value) + "' is no number of a task", "give --index", ErrorKind::usage);
        return index;
    }
    return std::nullopt;
}

// A task of `batch run` ends with it, even if that is killed.
void follow(int parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) throw Error("", "the process that asked for this work has ended", "", ErrorKind::passing);
}

void run_task(TaskCommand& command, Progress& progress) {
    catalog::TaskOptions& options = command.options;
    if (command.parent > 0) follow(command.parent);
    if (command.scene >= 0)
        options.scene = command.scene;
    else
        options.task = command.index >= 0 ? std::optional<std::int64_t>(command.index) : index_of_engine();
    options.segment = parse_planned(catalog::planned_arguments(options.folder));
    if (command.threads > 0) options.segment.threads = command.threads;
    if (!command.max_memory.empty()) options.segment.max_memory = command.max_memory;
    finish(catalog::run_task(options, progress), options.folder);
}

// The options that tasks have wherever they run.
template <typename Options>
void add_work_options(CLI::App& command, Options& o) {
    const std::string group = "Work";
    command.add_option("--retries", o.retries, "Tries after a passing fault (network, full disk …) before a scene is left for another run")
        ->group(group);
    command.add_option("--retry-delay", o.retry_delay, "Seconds before the first of them, twice as long before each further one, 300 at most")
        ->group(group);
    command.add_flag("--retry-failed", o.retry_failed, "Try scenes again that failed for good")->group(group);
    command.add_flag("!--no-thumbnails", o.thumbnails, "Draw no small pictures of the scenes")->group(group);
}

void add_run_task(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<TaskCommand>();
    CLI::App& command = *add_command<TaskCommand>(batch, line, "run-task", "Work on one task of a plan; what engines of clusters call", state, run_task);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    command.add_option("--index", state->index,
                       "Number of the task, from 0 [SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX or JOB_COMPLETION_INDEX]")
        ->check(CLI::NonNegativeNumber)->default_str("");
    command.add_option("--scene", state->scene, "Work on this scene of the plan alone, numbered from 0")
        ->check(CLI::NonNegativeNumber)->excludes("--index")->default_str("");
    add_work_options(command, state->options);
    command.add_option("--threads", state->threads, "Threads [the plan's, or one a core]")->default_str("")->group("Work");
    command.add_option("--max-memory", state->max_memory, "Memory to take, as 8G [the plan's, or three quarters of what is available]")
        ->type_name("SIZE")->default_str("")->group("Work");
    command.add_option("--parent-process", state->parent, "")->group("");
    command.footer(
        "Scenes that are done are left alone, so a task may be run as often as one likes.\n"
        "Exit codes: 0 all done, 75 worth another try (network, full disk, stopped by SIGTERM: finished tiles are kept), 1 some scene "
        "failed for good.");
}

struct RunCommand {
    catalog::RunOptions options;
};

std::string this_program() {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/self/exe", unknown).string();
}

void run(RunCommand& command, Progress& progress) {
    command.options.program = this_program();
    finish(catalog::run_batch(command.options, progress), command.options.folder);
}

void add_run(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<RunCommand>();
    CLI::App& command = *add_command<RunCommand>(batch, line, "run", "Work on all scenes of a plan on this machine", state, run);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    const std::string group = "Work";
    command.add_option("--jobs", state->options.jobs, "Scenes at once, each in a process of its own [as many as cores and memory allow]")
        ->default_str("")->group(group);
    command.add_option("--threads", state->options.threads, "Threads of all of them together [one a core]")->default_str("")->group(group);
    command.add_option("--max-memory", state->options.max_memory, "Memory of all of them together, as 16G [three quarters of what is available]")
        ->type_name("SIZE")->default_str("")->group(group);
    add_work_options(command, state->options);
    command.footer("Interrupted or killed, the same command goes on where it was.");
}

struct StatusCommand {
    catalog::StatusOptions options;
    double watch = 0;
};

void status(StatusCommand& command, Progress&) {
    for (;;) {
        const catalog::StatusReport report = catalog::batch_status(command.options);
        const bool again = command.watch > 0 && !report.complete && !pipeline::stop_was_requested();
        if (command.watch > 0 && ::isatty(STDOUT_FILENO) == 1) std::printf("\033[H\033[J");
        std::fputs(report.text.c_str(), stdout);
        std::fflush(stdout);
        if (!again) return;
        for (double waited = 0; waited < command.watch && !pipeline::stop_was_requested(); waited += 0.1)
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

void add_status(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<StatusCommand>();
    CLI::App& command = *add_command<StatusCommand>(batch, line, "status", "Tell how far a plan's scenes are, from its files alone", state, status);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    command.add_flag("--json", state->options.json, "One JSON object with all scenes");
    command.add_flag("--failed", state->options.failed, "List scenes that failed or wait for another try, and why");
    command.add_option("--watch", state->watch, "Tell it again every so many seconds until all is done")->type_name("SECONDS")->default_str("");
}

struct MergeCommand {
    catalog::MergeOptions options;
    bool allow_missing = false;
};

void merge(MergeCommand& command, Progress& progress) {
    const catalog::MergeOptions& options = command.options;
    const catalog::MergeReport report = catalog::merge_batch(options, progress);
    std::printf("%s: %lld segments of %lld scenes", options.output.c_str(), static_cast<long long>(report.segments),
                static_cast<long long>(report.scenes));
    if (report.dropped > 0) std::printf(", %lld seen twice and kept once", static_cast<long long>(report.dropped));
    if (report.joined > 0) std::printf(", %lld of them joined across scenes", static_cast<long long>(report.joined));
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
    CLI::App& command = *add_command<MergeCommand>(batch, line, "merge", "Make one layer of the scenes that are done", state, merge);
    command.add_option("dir", o.folder, "Folder of the plan")->required();
    command.add_option("output", o.output,
                       "Layer to write, by extension: .gpkg, .fgb, .geojson, .shp, or a PostGIS table as PG:dbname=…; a STAC ItemCollection of "
                       "the scenes goes to OUTPUT.items.json")
        ->required();
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist");
    command.add_option("--t-srs", o.target_crs, "CRS of the layer [the scenes' own where they share one, else EPSG:4326]")->default_str("");
    command.add_option("--same-iou", o.same_iou,
                       "Where scenes of one date overlap, objects are one from this IoU on, or where one is cut by its scene's edge and this "
                       "share of it lies in the other: the whole one stays, else the larger; two cut pieces that agree where both scenes are "
                       "get joined. 0: keep all");
    command.add_option("--report", o.report, "Write an HTML page with small pictures of all scenes as well")->default_str("");
    command.add_option("--layer", o.layer_name, "Name of the layer");
    command.add_option("--dsco", o.dataset_creation_options, "Dataset creation option of the output's GDAL driver, NAME=VALUE");
    command.add_option("--lco", o.layer_creation_options, "Layer creation option of the output's GDAL driver, NAME=VALUE");
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
    CLI::App& command = *add_command<SubmitCommand>(batch, line, "submit", "Write job files for an engine, and hand them to it", state, submit);
    command.add_option("dir", o.folder, "Folder of the plan; all machines see it under this name")->required();
    command.add_option("--engine", o.engine, "slurm or parallel (GNU parallel)")->required()->check(CLI::IsMember({"slurm", "parallel"}));
    command.add_option("--jobs", o.jobs, "Tasks at once [the engine's choice]")->default_str("");
    command.add_option("--threads", o.threads, "Threads of a task");
    command.add_option("--memory", o.memory, "Memory of a task, as 4G [from the plan]")->type_name("SIZE")->default_str("");
    command.add_option("--time", o.minutes, "Minutes a task may take [from the plan, with a margin]")->default_str("");
    command.add_option("--requeues", o.requeues, "How often a task that ends with 75, or dies, is begun again");
    command.add_flag("--retry-failed", o.retry_failed, "Try scenes again that failed for good");
    command.add_option("--merge", o.output, "Merge to this layer once all tasks have ended, however they did")->default_str("");
    command.add_flag("!--dry-run", o.submit, "Write the files to DIR/jobs only");
    command.footer(
        "Called again it submits the tasks that are not done. Examples:\n"
        "  landseam batch submit batch/ --engine slurm --jobs 50 --merge fields.gpkg\n"
        "  landseam batch submit batch/ --engine parallel --jobs 8");
}

}  // namespace

void add_batch_command(CLI::App& program, CommandLine& line) {
    CLI::App& batch = *program.add_subcommand("batch", "Catalogs of scenes: plan, run, merge, on one machine or a cluster");
    batch.require_subcommand(1);
    add_plan(batch, line);
    add_run(batch, line);
    add_run_task(batch, line);
    add_status(batch, line);
    add_merge(batch, line);
    add_submit(batch, line);
    batch.footer(
        "Examples:\n"
        "  landseam batch plan search.json batch/ --assets red,green,blue --max-cloud 20\n"
        "  landseam batch run batch/\n"
        "  landseam batch merge batch/ fields.gpkg\n"
        "  landseam batch submit batch/ --engine slurm");
}

}  // namespace landseam::apps
