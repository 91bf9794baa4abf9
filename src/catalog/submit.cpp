#include "landseam/catalog/submit.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/machine.h"

#include "catalog/scene_record.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <sys/wait.h>

namespace landseam::catalog {
namespace fs = std::filesystem;
namespace {

// As one word of a shell.
std::string quoted(const std::string& text) {
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

// "0-3,7,9-10".
std::string ranges(const std::vector<std::int64_t>& tasks) {
    std::string text;
    for (std::size_t i = 0; i < tasks.size();) {
        std::size_t k = i;
        while (k + 1 < tasks.size() && tasks[k + 1] == tasks[k] + 1) ++k;
        text += (text.empty() ? "" : ",") + std::to_string(tasks[i]) +
                (k > i ? "-" + std::to_string(tasks[k]) : "");
        i = k + 1;
    }
    return text;
}

std::vector<std::int64_t> open_tasks(const Plan& plan, bool retry_failed) {
    std::vector<std::int64_t> tasks;
    for_each_scene(plan, 0, plan.scenes, [&](const Scene& scene) {
        const std::int64_t task = scene.index / plan.chunk;
        if (!tasks.empty() && tasks.back() == task) return;
        const SceneRecord record(plan, scene);
        if (!record.is_done() && (retry_failed || record.state() != "failed")) tasks.push_back(task);
    });
    return tasks;
}

std::string merge_command(const SubmitOptions& options) {
    return quoted(options.program) + " batch merge " + quoted(fs::absolute(options.folder).string()) + " " +
           quoted(options.output.rfind("PG:", 0) == 0 ? options.output
                                                      : fs::absolute(options.output).string()) +
           " --overwrite --quiet";
}

std::int64_t megabytes_of(const SubmitOptions& options, const Plan& plan) {
    if (!options.memory.empty())
        return std::max<std::int64_t>(1, pipeline::memory_of_machine(options.memory) >> 20);
    // The plan's is what one tile at once takes; GDAL's cache, the layer and the merge of seams take more.
    return static_cast<std::int64_t>(1.5 * static_cast<double>(plan.memory >> 20)) + 512;
}

int minutes_of(const SubmitOptions& options, const Plan& plan) {
    if (options.minutes > 0) return options.minutes;
    if (plan.largest_task <= 0) return 24 * 60;
    return static_cast<int>(std::ceil(4 * plan.largest_task / 60)) +
           30;  // other machines are slower, and files come over a network
}

std::string slurm_array(const SubmitOptions& options, const Plan& plan,
                        const std::vector<std::int64_t>& tasks) {
    const std::string folder = fs::absolute(options.folder).string();
    std::string text =
        "#!/bin/bash\n"
        "# Written by 'landseam batch submit'; edit it as you like and hand it to sbatch.\n"
        "#SBATCH --job-name=landseam\n"
        "#SBATCH --array=" +
        ranges(tasks) + (options.jobs > 0 ? "%" + std::to_string(options.jobs) : "") + "\n" +
        "#SBATCH --cpus-per-task=" + std::to_string(options.threads) + "\n" +
        "#SBATCH --mem=" + std::to_string(megabytes_of(options, plan)) + "M\n" +
        "#SBATCH --time=" + std::to_string(minutes_of(options, plan)) + "\n" +
        "#SBATCH --requeue\n"
        "#SBATCH --open-mode=append\n"
        "#SBATCH --signal=B:TERM@60\n"
        "#SBATCH --output=" +
        folder + "/jobs/task-%a.log\n\n" +
        "# The work goes on in the background, so that this script hears of a signal at once and passes it "
        "on: finished tiles are kept.\n" +
        quoted(options.program) + " batch run-task " + quoted(folder) +
        " --index \"$SLURM_ARRAY_TASK_ID\" --quiet" + " --threads " + std::to_string(options.threads) +
        (options.retry_failed ? " --retry-failed" : "") + " &\n" +
        "task=$!\n"
        "trap 'kill -TERM \"$task\"' TERM\n"
        "wait \"$task\"; code=$?\n"
        "while kill -0 \"$task\" 2> /dev/null; do wait \"$task\"; code=$?; done\n\n"
        "# 75: worth another try. 128 and more: it died of a signal, for want of memory say. Asking for a "
        "requeue from inside the job needs no\n"
        "# administrator; Slurm counts them. Slurm itself requeues only jobs whose node was lost.\n"
        "if { [ \"$code\" -eq 75 ] || [ \"$code\" -gt 128 ]; } && [ \"${SLURM_RESTART_COUNT:-0}\" -lt " +
        std::to_string(options.requeues) +
        " ]; then\n"
        "    echo \"exit code $code: requeued\"\n"
        "    scontrol requeue \"$SLURM_JOB_ID\"\n"
        "    sleep 60  # until it takes effect\n"
        "fi\n"
        "exit \"$code\"\n";
    return text;
}

std::string slurm_merge(const SubmitOptions& options, const Plan& plan) {
    const std::string folder = fs::absolute(options.folder).string();
    return "#!/bin/bash\n"
           "# Merges what is there once all tasks have ended; exit code 1 tells that scenes are missing.\n"
           "#SBATCH --job-name=landseam-merge\n"
           "#SBATCH --mem=" +
           std::to_string(megabytes_of(options, plan)) + "M\n" + "#SBATCH --time=" + std::to_string(24 * 60) +
           "\n" + "#SBATCH --output=" + folder + "/jobs/merge.log\n\n" + merge_command(options) + "\n";
}

std::string parallel_script(const SubmitOptions& options, const std::vector<std::int64_t>& tasks) {
    const std::string folder = fs::absolute(options.folder).string();
    std::string numbers;
    for (const std::int64_t task : tasks) numbers += std::to_string(task) + "\n";
    write_whole_file(folder + "/jobs/tasks.txt", numbers);
    std::string text =
        "#!/bin/bash\n"
        "# Written by 'landseam batch submit'; edit it as you like. For several machines add --sshloginfile "
        "HOSTS: they must see this folder\n"
        "# under the same name.\n"
        "parallel --will-cite --joblog " +
        quoted(folder + "/jobs/parallel.log") + " --retries " + std::to_string(options.requeues + 1) +
        (options.jobs > 0 ? " --jobs " + std::to_string(options.jobs) : std::string()) + " \\\n    " +
        quoted(options.program) + " batch run-task " + quoted(folder) + " --index {} --quiet --threads " +
        std::to_string(options.threads) + (options.retry_failed ? " --retry-failed" : "") +
        " :::: " + quoted(folder + "/jobs/tasks.txt") + " > /dev/null\n";
    if (options.output.empty()) return text;
    return text + "tasks=$?\n" + merge_command(options) + " || exit\nexit \"$tasks\"\n";
}

// What a command says; throws Error where it fails.
std::string answer_of(const std::string& command, const std::string& subject) {
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (!pipe) throw Error(subject, "cannot be run");
    std::string answer;
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe)) answer += buffer;
    const int status = ::pclose(pipe);
    while (!answer.empty() && answer.back() == '\n') answer.pop_back();
    if (status == 0) return answer;
    const bool absent = WIFEXITED(status) && WEXITSTATUS(status) == 127;
    throw Error(subject, absent ? "is not installed here" : "says: " + answer.substr(0, 500),
                "the job files are written: look at them, or write them only with --dry-run");
}

}  // namespace

void SubmitOptions::validate() const {
    if (engine != "slurm" && engine != "parallel")
        throw Error("--engine", "'" + engine + "' is none",
                    "slurm and parallel are; docs/clusters.md shows others", ErrorKind::usage);
    if (jobs < 0 || threads < 1 || minutes < 0 || requeues < 0)
        throw Error("", "--jobs, --threads, --time and --requeues must be positive numbers", "",
                    ErrorKind::usage);
}

SubmitReport submit_batch(const SubmitOptions& options) {
    options.validate();
    const Plan plan = read_plan(options.folder);
    const std::vector<std::int64_t> tasks = open_tasks(plan, options.retry_failed);
    SubmitReport report;
    report.tasks = static_cast<std::int64_t>(tasks.size());
    if (tasks.empty() && options.output.empty())
        throw Error(options.folder, "has no task left to do",
                    "failed ones are tried again with --retry-failed");
    const std::string jobs = fs::absolute(options.folder).string() + "/jobs";
    std::error_code failed;
    fs::create_directories(jobs, failed);
    const auto write = [&](const std::string& name, const std::string& text) {
        write_whole_file(jobs + "/" + name, text);
        fs::permissions(jobs + "/" + name, fs::perms::owner_exec, fs::perm_options::add, failed);
        report.files.push_back(jobs + "/" + name);
        return jobs + "/" + name;
    };
    if (options.engine == "parallel") {
        const std::string script = write("parallel.sh", parallel_script(options, tasks));
        if (options.submit) report.answer = answer_of(quoted(script), "GNU parallel");
        return report;
    }
    std::string after;
    if (!tasks.empty()) {
        const std::string script = write("array.sbatch", slurm_array(options, plan, tasks));
        if (options.submit) {
            const std::string id = answer_of("sbatch --parsable " + quoted(script), "sbatch");
            after = " --dependency=afterany:" + id.substr(0, id.find(';'));
            report.answer = "array job " + id;
        }
    }
    if (options.output.empty()) return report;
    const std::string script = write("merge.sbatch", slurm_merge(options, plan));
    if (options.submit)
        report.answer += (report.answer.empty() ? "" : ", ") + std::string("merge job ") +
                         answer_of("sbatch --parsable" + after + " " + quoted(script), "sbatch");
    return report;
}

}  // namespace landseam::catalog
