#include "landseam/catalog/plan.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/tile_cost.h"

#include "catalog/plan_files.h"
#include "catalog/scene_choice.h"
#include "catalog/sources.h"
#include "catalog/times.h"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

namespace landseam::catalog {
namespace fs = std::filesystem;
namespace {

void check_folder(const std::string& folder) {
    std::error_code unknown;
    if (!fs::exists(folder, unknown)) return;
    if (!fs::is_directory(folder, unknown))
        throw Error(folder, "is no folder", "name a new one for the plan");
    if (fs::exists(folder + "/plan.json", unknown))
        throw Error(folder, "holds a plan already, and plans do not change",
                    "name another folder, or remove this one");
    if (!fs::is_empty(folder, unknown)) throw Error(folder, "is not empty", "name a new folder for the plan");
}

std::string scene_lines(std::vector<Scene>& scenes, PlanReport& report) {
    std::string lines;
    for (std::size_t i = 0; i < scenes.size(); ++i) {
        scenes[i].index = static_cast<std::int64_t>(i);
        // A catalog may hold text that is no UTF-8 only where it did not come as JSON.
        lines += to_json(scenes[i]).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        if (scenes[i].bytes)
            report.bytes += *scenes[i].bytes;
        else
            ++report.of_unknown_size;
    }
    return lines;
}

std::string left_out_lines(const std::vector<LeftOut>& left_out, PlanReport& report) {
    std::string lines;
    for (const LeftOut& scene : left_out) {
        json line{{"id", scene.id}, {"source", scene.source}, {"reason", scene.reason}};
        if (!scene.detail.empty()) line["detail"] = scene.detail;
        lines += line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        ++report.left_out[scene.reason];
    }
    return lines;
}

// Seconds of the task that takes longest.
double add_costs(const std::vector<Scene>& scenes, const pipeline::TileCost& cost, PlanReport& report) {
    double largest = 0, task = 0;
    report.memory = cost.memory;
    for (std::size_t i = 0; i < scenes.size(); ++i) {
        if (static_cast<std::int64_t>(i) % report.chunk == 0) task = 0;
        if (scenes[i].width == 0) {
            ++report.of_unknown_cost;
            continue;
        }
        const double seconds =
            cost.seconds * static_cast<double>(cost.tiles(scenes[i].width, scenes[i].height));
        report.seconds += seconds;
        task += seconds;
        largest = std::max(largest, task);
    }
    return largest;
}

json left_out_counts(const PlanReport& report) {
    json counts = json::object();
    for (const auto& [reason, count] : report.left_out) counts[reason] = count;
    return counts;
}

[[noreturn]] void refuse_nothing(const PlanOptions& options, const PlanReport& report) {
    std::string reasons;
    for (const auto& [reason, count] : report.left_out)
        reasons += (reasons.empty() ? "" : "; ") + std::to_string(count) + ": " + reason;
    if (reasons.empty())
        throw Error(options.sources.front(), "leads to no scene",
                    "name a folder of rasters, or a catalog with links to items");
    throw Error(options.sources.front(), "no scene is left (" + reasons + ")",
                "loosen the filters, or choose assets with --assets");
}

// Afterwards nobody changes them by accident.
void write_protected(const std::string& path, const std::string& text) {
    write_whole_file(path, text);
    ::chmod(path.c_str(), 0444);
}

}  // namespace

void PlanOptions::validate() const {
    if (sources.empty())
        throw Error("", "no source of scenes is named", "give a folder, a list or a catalog",
                    ErrorKind::usage);
    if (folder.empty())
        throw Error("", "no folder for the plan is named", "name a new one", ErrorKind::usage);
    if (most_tasks < 1) throw Error("--max-tasks", "must be at least 1", "", ErrorKind::usage);
    if (!database.empty() && database.rfind("PG:", 0) != 0)
        throw Error("--to", "'" + database + "' is no connection to PostGIS",
                    "write PG:dbname=…; files are made by 'landseam batch merge'", ErrorKind::usage);
    filter.validate();
    segment.validate();
}

PlanReport plan_batch(const PlanOptions& options, Progress& progress) {
    options.validate();
    check_folder(options.folder);
    SceneChoice choice(options);
    SourceReader reader(choice, progress);
    progress.begin("sources", static_cast<std::int64_t>(options.sources.size()));
    std::int64_t read = 0;
    for (const std::string& source : options.sources) {
        reader.read(source);
        progress.update(++read, std::to_string(choice.scenes().size()) + " scenes");
    }
    choice.resolve_versions();
    progress.end();

    std::vector<Scene>& scenes = choice.scenes();
    PlanReport report;
    report.documents = reader.documents();
    report.scenes = static_cast<std::int64_t>(scenes.size());
    const std::string lines = scene_lines(scenes, report),
                      left_out = left_out_lines(choice.left_out(), report);
    if (scenes.empty()) refuse_nothing(options, report);
    report.chunk = (report.scenes + options.most_tasks - 1) / options.most_tasks;
    report.tasks = (report.scenes + report.chunk - 1) / report.chunk;
    double largest_task = 0;
    pipeline::TileCost cost;
    if (options.estimate) {
        cost = pipeline::measure_tile_cost(options.segment, progress);
        largest_task = add_costs(scenes, cost, report);
    }

    std::error_code failed;
    fs::create_directories(options.folder, failed);
    if (failed) throw Error(options.folder, "cannot be made: " + failed.message(), "name another folder");
    write_protected(options.folder + "/left_out.jsonl", left_out);
    write_protected(options.folder + "/scenes.jsonl", lines);
    const json plan{{"plan_version", 1},
                    {"landseam", LANDSEAM_VERSION},
                    {"planned", now_text()},
                    {"sources", options.sources},
                    {"assets", options.assets},
                    {"arguments", options.arguments},
                    {"database", options.database},
                    {"scenes", report.scenes},
                    {"scenes_size", lines.size()},
                    {"scenes_hash", raster::hash_of_text(lines)},
                    {"tasks", report.tasks},
                    {"chunk", report.chunk},
                    {"input_bytes", report.bytes},
                    {"scenes_of_unknown_size", report.of_unknown_size},
                    {"cost",
                     {{"tile_size", cost.tile_size},
                      {"tile_seconds", cost.seconds},
                      {"seconds", report.seconds},
                      {"largest_task_seconds", largest_task},
                      {"memory", report.memory},
                      {"scenes_of_unknown_cost", report.of_unknown_cost}}},
                    {"left_out", left_out_counts(report)}};
    // Last, so that a folder without it is no plan.
    write_protected(options.folder + "/plan.json",
                    plan.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
    return report;
}

}  // namespace landseam::catalog
