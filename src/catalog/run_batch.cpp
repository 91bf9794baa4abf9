#include "landseam/catalog/run.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/machine.h"

#include "catalog/scene_record.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace landseam::catalog {
namespace {

constexpr int exit_passing = 75;

// How the machine is shared out among scenes.
struct Share {
    int jobs = 1;
    int threads = 1;          // of each
    std::int64_t memory = 0;  // of each; 0: not limited
};

Share share_out(const RunOptions& options, const Plan& plan, std::int64_t scenes) {
    const int threads = pipeline::threads_of_machine(options.threads);
    const std::int64_t budget = pipeline::memory_of_machine(options.max_memory);
    Share share;
    share.jobs = options.jobs;
    if (share.jobs == 0) {
        share.jobs = threads;
        if (budget > 0 && plan.memory > 0)
            share.jobs = static_cast<int>(std::clamp<std::int64_t>(budget / plan.memory, 1, threads));
    }
    share.jobs = static_cast<int>(std::min<std::int64_t>(share.jobs, std::max<std::int64_t>(scenes, 1)));
    share.threads = std::max(1, threads / share.jobs);
    share.memory = budget / share.jobs;
    return share;
}

class BatchRun {
public:
    BatchRun(const RunOptions& options, Progress& progress)
        : options_(options), progress_(progress), plan_(read_plan(options.folder)) {}

    TaskReport run() {
        find_work();
        share_ = share_out(options_, plan_, static_cast<std::int64_t>(open_.size()));
        progress_.begin("scenes", plan_.scenes);
        while (!open_.empty() || !children_.empty()) {
            const bool stopping = pipeline::stop_was_requested();
            if (stopping && !stop_told_) stop_children();
            while (!stopping && !open_.empty() && static_cast<int>(children_.size()) < share_.jobs)
                start_next();
            if (stopping && children_.empty()) break;
            reap();
            show();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        progress_.end();
        report_.waiting += static_cast<std::int64_t>(open_.size());
        if (pipeline::stop_was_requested())
            throw Error(options_.folder, "interrupted", "the same command goes on from there",
                        ErrorKind::passing);
        return report_;
    }

private:
    struct Child {
        std::int64_t scene = 0;
        int deaths = 0;  // of earlier processes
    };

    void find_work() {
        for_each_scene(plan_, 0, plan_.scenes, [&](const Scene& scene) {
            const SceneRecord record(plan_, scene);
            if (record.is_done())
                ++report_.skipped;
            else if (record.state() == "failed" && !options_.retry_failed) {
                ++report_.failed;
                tell("scene '" + scene.id + "': " + record.error());
            } else
                open_.push_back({scene.index, 0});
        });
    }

    void tell(const std::string& error) {
        if (report_.first_error.empty()) report_.first_error = error;
    }

    std::vector<std::string> command(std::int64_t scene) const {
        std::vector<std::string> words{options_.program,   "batch",
                                       "run-task",         options_.folder,
                                       "--scene",          std::to_string(scene),
                                       "--threads",        std::to_string(share_.threads),
                                       "--retries",        std::to_string(options_.retries),
                                       "--retry-delay",    std::to_string(options_.retry_delay),
                                       "--parent-process", std::to_string(::getpid()),
                                       "--quiet"};
        if (share_.memory > 0) words.insert(words.end(), {"--max-memory", std::to_string(share_.memory)});
        if (options_.retry_failed) words.push_back("--retry-failed");
        if (!options_.thumbnails) words.push_back("--no-thumbnails");
        return words;
    }

    void start_next() {
        const Child child = open_.front();
        open_.pop_front();
        std::vector<std::string> words = command(child.scene);
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        // What it says stands in its status file; of a crash the last words would be missing there.
        const std::string log = options_.folder + "/run.log";
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                         0644);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        // A group of its own: Ctrl-C reaches this process alone, which asks each child once.
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
        pid_t process = 0;
        const int failure = ::posix_spawn(&process, options_.program.c_str(), &actions, &attributes,
                                          arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        if (failure != 0)
            throw Error(options_.program, std::string("cannot be run: ") + std::strerror(failure));
        children_[process] = child;
    }

    void stop_children() {
        for (const auto& [process, child] : children_) ::kill(process, SIGTERM);
        stop_told_ = true;
    }

    void reap() {
        for (auto child = children_.begin(); child != children_.end();) {
            int status = 0;
            if (::waitpid(child->first, &status, WNOHANG) != child->first) {
                ++child;
                continue;
            }
            finished(child->second, status);
            child = children_.erase(child);
        }
    }

    void finished(Child child, int status) {
        if (WIFSIGNALED(status)) {
            const std::string cause = "its process was ended by signal " + std::to_string(WTERMSIG(status)) +
                                      (WTERMSIG(status) == SIGKILL ? ", maybe for want of memory" : "");
            if (child.deaths++ < options_.retries) {
                progress_.warn("scene " + std::to_string(child.scene) + ": " + cause + "; it is begun again");
                return open_.push_back(child);
            }
            for_each_scene(plan_, child.scene, child.scene + 1, [&](const Scene& scene) {
                SceneRecord(plan_, scene).fail(cause + ", " + std::to_string(child.deaths) + " times", false);
                tell("scene '" + scene.id + "': " + cause);
            });
            ++report_.failed;
            return;
        }
        if (WEXITSTATUS(status) == 0) return void(++report_.done);
        const json record = read_status(plan_.scene_folder(child.scene));
        const std::string cause = record.value(
            "error", "it ended with exit code " + std::to_string(WEXITSTATUS(status)) + ", see run.log");
        tell("scene '" + record.value("id", std::to_string(child.scene)) + "': " + cause);
        ++(WEXITSTATUS(status) == exit_passing ? report_.waiting : report_.failed);
    }

    void show() {
        using Clock = std::chrono::steady_clock;
        if (Clock::now() - shown_ < std::chrono::milliseconds(500)) return;
        shown_ = Clock::now();
        std::int64_t tiles = 0, done = 0;
        for (const auto& [process, child] : children_) {
            const json status = read_status(plan_.scene_folder(child.scene));
            tiles += status.value("tiles", std::int64_t{0});
            done += status.value("tiles_done", std::int64_t{0});
        }
        std::string note = std::to_string(children_.size()) + " at work";
        if (tiles > 0)
            note += " on " + std::to_string(tiles) + " tiles, " + std::to_string(done) + " of them done";
        if (report_.failed > 0) note += ", " + std::to_string(report_.failed) + " failed";
        progress_.update(report_.done + report_.skipped + report_.failed + report_.waiting, note);
    }

    const RunOptions& options_;
    Progress& progress_;
    Plan plan_;
    Share share_;
    std::deque<Child> open_;
    std::map<pid_t, Child> children_;
    bool stop_told_ = false;
    TaskReport report_;
    std::chrono::steady_clock::time_point shown_;
};

}  // namespace

void RunOptions::validate() const {
    if (jobs < 0) throw Error("--jobs", "must not be negative", "", ErrorKind::usage);
    if (threads < 0) throw Error("--threads", "must not be negative", "", ErrorKind::usage);
    if (retries < 0) throw Error("--retries", "must not be negative", "", ErrorKind::usage);
    if (!(retry_delay >= 0))
        throw Error("--retry-delay", "must be a number of seconds, 0 or more", "", ErrorKind::usage);
}

TaskReport run_batch(const RunOptions& options, Progress& progress) {
    options.validate();
    return BatchRun(options, progress).run();
}

}  // namespace landseam::catalog
