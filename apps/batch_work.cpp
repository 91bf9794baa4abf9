// landseam batch run, run-task and status: working off a plan.
#include "landseam/catalog/run.h"
#include "landseam/core/error.h"

#include "batch_commands.h"
#include "planned_options.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include <sys/prctl.h>
#include <unistd.h>

namespace landseam::apps {
namespace {

// The exit code of scenes that failed is that of their errors.
void finish(const catalog::TaskReport& report, const std::string& folder) {
    std::printf("%s: %lld done, %lld done before, %lld failed, %lld to be tried again\n", folder.c_str(),
                static_cast<long long>(report.done), static_cast<long long>(report.skipped),
                static_cast<long long>(report.failed), static_cast<long long>(report.waiting));
    std::fflush(stdout);
    if (report.failed + report.waiting == 0) return;
    const bool passing = report.waiting > 0;
    throw Error(
        folder,
        std::to_string(report.failed + report.waiting) + " scenes are not done (" + report.first_error + ")",
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
    for (const char* variable :
         {"SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX"}) {
        const char* value = std::getenv(variable);
        if (!value || !*value) continue;
        char* end = nullptr;
        const long long index = std::strtoll(value, &end, 10);
        if (*end != '\0' || index < 0)
            throw Error(variable, "'" + std::string(value) + "' is no number of a task", "give --index",
                        ErrorKind::usage);
        return index;
    }
    return std::nullopt;
}

// A task of `batch run` ends with it, even if that is killed.
void follow(int parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        throw Error("", "the process that asked for this work has ended", "", ErrorKind::passing);
}

void run_task(TaskCommand& command, Progress& progress) {
    catalog::TaskOptions& options = command.options;
    if (command.parent > 0) follow(command.parent);
    if (command.scene >= 0)
        options.scene = command.scene;
    else
        options.task = command.index >= 0 ? std::optional<std::int64_t>(command.index) : index_of_engine();
    PlannedOptions planned = parse_planned(catalog::planned_arguments(options.folder));
    options.segment = std::move(planned.segment);
    options.classes = std::move(planned.classes);
    if (command.threads > 0) options.segment.threads = command.threads;
    if (!command.max_memory.empty()) options.segment.max_memory = command.max_memory;
    finish(catalog::run_task(options, progress), options.folder);
}

// The options that tasks have wherever they run.
template <typename Options>
void add_work_options(CLI::App& command, Options& o) {
    const std::string group = "Work";
    command
        .add_option(
            "--retries", o.retries,
            "Tries after a passing fault (network, full disk …) before a scene is left for another run")
        ->group(group);
    command
        .add_option("--retry-delay", o.retry_delay,
                    "Seconds before the first of them, twice as long before each further one, 300 at most")
        ->group(group);
    command.add_flag("--retry-failed", o.retry_failed, "Try scenes again that failed for good")->group(group);
    command.add_flag("!--no-thumbnails", o.thumbnails, "Draw no small pictures of the scenes")->group(group);
}

void add_run_task(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<TaskCommand>();
    CLI::App& command = *add_command<TaskCommand>(batch, line, "run-task",
                                                  "Work on one task of a plan; what engines of clusters call",
                                                  state, run_task);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    command
        .add_option("--index", state->index,
                    "Number of the task, from 0 [SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX or "
                    "JOB_COMPLETION_INDEX]")
        ->check(CLI::NonNegativeNumber)
        ->default_str("");
    command.add_option("--scene", state->scene, "Work on this scene of the plan alone, numbered from 0")
        ->check(CLI::NonNegativeNumber)
        ->excludes("--index")
        ->default_str("");
    add_work_options(command, state->options);
    command.add_option("--threads", state->threads, "Threads [the plan's, or one a core]")
        ->default_str("")
        ->group("Work");
    command
        .add_option("--max-memory", state->max_memory,
                    "Memory to take, as 8G [the plan's, or three quarters of what is available]")
        ->type_name("SIZE")
        ->default_str("")
        ->group("Work");
    command.add_option("--parent-process", state->parent, "")->group("");
    command.footer(
        "Scenes that are done are left alone, so a task may be run as often as one likes.\n"
        "Exit codes: 0 all done, 75 worth another try (network, full disk, stopped by SIGTERM: finished "
        "tiles are kept), 1 some scene "
        "failed for good.");
}

struct RunCommand {
    catalog::RunOptions options;
};

void run(RunCommand& command, Progress& progress) {
    command.options.program = this_program();
    finish(catalog::run_batch(command.options, progress), command.options.folder);
}

void add_run(CLI::App& batch, CommandLine& line) {
    const auto state = std::make_shared<RunCommand>();
    CLI::App& command = *add_command<RunCommand>(batch, line, "run",
                                                 "Work on all scenes of a plan on this machine", state, run);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    const std::string group = "Work";
    command
        .add_option("--jobs", state->options.jobs,
                    "Scenes at once, each in a process of its own [as many as cores and memory allow]")
        ->default_str("")
        ->group(group);
    command.add_option("--threads", state->options.threads, "Threads of all of them together [one a core]")
        ->default_str("")
        ->group(group);
    command
        .add_option("--max-memory", state->options.max_memory,
                    "Memory of all of them together, as 16G [three quarters of what is available]")
        ->type_name("SIZE")
        ->default_str("")
        ->group(group);
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
    CLI::App& command = *add_command<StatusCommand>(
        batch, line, "status", "Tell how far a plan's scenes are, from its files alone", state, status);
    command.add_option("dir", state->options.folder, "Folder of the plan")->required();
    command.add_flag("--json", state->options.json, "One JSON object with all scenes");
    command.add_flag("--failed", state->options.failed,
                     "List scenes that failed or wait for another try, and why");
    command.add_option("--watch", state->watch, "Tell it again every so many seconds until all is done")
        ->type_name("SECONDS")
        ->default_str("");
}

}  // namespace

void add_batch_work(CLI::App& batch, CommandLine& line) {
    add_run(batch, line);
    add_run_task(batch, line);
    add_status(batch, line);
}

}  // namespace landseam::apps
