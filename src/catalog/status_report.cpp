#include "landseam/catalog/run.h"

#include "catalog/scene_record.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace landseam::catalog {
namespace {

// A scene's state as one looks at it now: one that says it is running, while no process holds its lock, was
// cut off.
std::string state_now(const json& status, const std::string& folder) {
    const std::string state = status.value("state", "");
    if (state.empty()) return "new";
    if (state == "running" && !is_locked(folder)) return "cut off";
    return state;
}

struct Counts {
    std::map<std::string, std::int64_t> states;
    std::int64_t segments = 0, tiles_done = 0, tiles_at_work = 0, attempts = 0;
    double seconds = 0;  // of scenes that are done

    std::int64_t of(const std::string& state) const {
        const auto found = states.find(state);
        return found == states.end() ? 0 : found->second;
    }
    void add(const json& status, const std::string& state) {
        ++states[state];
        attempts += status.value("attempts", std::int64_t{0});
        if (state == "done") {
            segments += status.value("segments", std::int64_t{0});
            seconds += status.value("seconds", 0.0);
        }
        if (state == "running") {
            tiles_at_work += status.value("tiles", std::int64_t{0});
            tiles_done += status.value("tiles_done", std::int64_t{0});
        }
    }
};

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
    return text;
}

std::string table(const Plan& plan, const Counts& counts) {
    static const std::pair<const char*, const char*> meanings[] = {
        {"done", ""},
        {"running", ""},
        {"cut off", "its process ended in the middle; the next run goes on from there"},
        {"waiting", "a passing fault; the next run tries it again"},
        {"failed", "for good; --retry-failed tries it again"},
        {"new", "not begun"}};
    std::string text;
    for (const auto& [state, meaning] : meanings) {
        if (counts.of(state) == 0) continue;
        char line[200];
        std::snprintf(line, sizeof line, "%-8s %8lld%s%s\n", state, static_cast<long long>(counts.of(state)),
                      *meaning ? "  " : "", meaning);
        text += line;
    }
    char line[300];
    std::snprintf(line, sizeof line, "of %lld scenes in %lld tasks; %lld segments so far",
                  static_cast<long long>(plan.scenes), static_cast<long long>(plan.tasks),
                  static_cast<long long>(counts.segments));
    text += line;
    if (counts.tiles_at_work > 0)
        text += "; " + std::to_string(counts.tiles_done) + " of " + std::to_string(counts.tiles_at_work) +
                " tiles of scenes at work";
    if (counts.of("done") > 0) {
        std::snprintf(line, sizeof line, "; %.3g s a scene",
                      counts.seconds / static_cast<double>(counts.of("done")));
        text += line;
    }
    return text + "\n";
}

}  // namespace

StatusReport batch_status(const StatusOptions& options) {
    const Plan plan = read_plan(options.folder);
    Counts counts;
    std::string scenes, failed;
    for_each_scene(plan, 0, plan.scenes, [&](const Scene& scene) {
        const std::string folder = plan.scene_folder(scene.index);
        json status = read_status(folder);
        const std::string state = state_now(status, folder);
        counts.add(status, state);
        if (options.json) {
            status["index"] = scene.index;
            status["id"] = scene.id;
            status["state"] = state;
            status["task"] = scene.index / plan.chunk;
            if (state != "failed" && state != "waiting" && state != "running") status.erase("log");
            scenes += (scenes.empty() ? "\n  " : ",\n  ") +
                      status.dump(-1, ' ', false, json::error_handler_t::replace);
        }
        if (options.failed && (state == "failed" || state == "waiting" || state == "cut off"))
            failed += state + "  scene " + std::to_string(scene.index) + "  " + one_line(scene.id) + ": " +
                      one_line(status.value("error", "no error was told")) + "\n";
    });
    StatusReport report;
    report.complete = counts.of("done") + counts.of("failed") == plan.scenes;
    if (options.json) {
        json states = json::object();
        for (const auto& [state, count] : counts.states) states[state] = count;
        report.text = "{\"scenes\": " + std::to_string(plan.scenes) +
                      ", \"tasks\": " + std::to_string(plan.tasks) +
                      ", \"segments\": " + std::to_string(counts.segments) +
                      ", \"states\": " + states.dump() + ", \"list\": [" + scenes + "\n]}\n";
    } else {
        report.text = failed + table(plan, counts);
    }
    return report;
}

}  // namespace landseam::catalog
