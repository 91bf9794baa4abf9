#include "landseam/catalog/run.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/merge_layers.h"
#include "landseam/pipeline/quicklook.h"

#include "catalog/scene_record.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

namespace landseam::catalog {
namespace fs = std::filesystem;
namespace {

// Passes a scene's progress on, and to its status file.
class RecordedProgress : public Progress {
public:
    RecordedProgress(Progress& progress, SceneRecord& record) : progress_(progress), record_(record) {}
    void begin(const std::string& phase, std::int64_t total) override {
        is_tiles_ = phase == "tiles";
        total_ = total;
        progress_.begin(phase, total);
    }
    void update(std::int64_t done, const std::string& note) override {
        if (is_tiles_) record_.tiles(done, total_);
        progress_.update(done, note);
    }
    void end() override { progress_.end(); }
    void warn(const std::string& message) override {
        record_.log(message);
        progress_.warn(message);
    }

private:
    Progress& progress_;
    SceneRecord& record_;
    bool is_tiles_ = false;
    std::int64_t total_ = 0;
};

class SceneRun {
public:
    SceneRun(const Plan& plan, const Scene& scene, const TaskOptions& options, Progress& progress)
        : plan_(plan),
          scene_(scene),
          options_(options),
          folder_(plan.scene_folder(scene.index)),
          lock_(folder_),
          record_(plan, scene),
          progress_(progress, record_) {}

    // Adds to the report what became of the scene.
    void run(TaskReport& report) {
        if (!lock_.held()) {
            ++report.waiting;
            tell(report, "another process works on it");
            return;
        }
        if (record_.is_done()) return void(++report.skipped);
        if (record_.state() == "failed" && !options_.retry_failed) {
            ++report.failed;
            tell(report, record_.error());
            return;
        }
        for (int attempt = 0;; ++attempt) try {
                record_.begin();
                record_.finish(work());
                return void(++report.done);
            } catch (const Error& error) {
                const bool passing = error.kind() == ErrorKind::passing;
                record_.fail(error.what(), passing);
                if (passing && attempt < options_.retries && wait(attempt)) continue;
                ++(passing ? report.waiting : report.failed);
                return tell(report, error.what());
            } catch (const std::exception& error) {
                record_.fail(error.what(), false);
                ++report.failed;
                return tell(report, error.what());
            }
    }

private:
    void tell(TaskReport& report, const std::string& error) {
        if (report.first_error.empty()) report.first_error = "scene '" + scene_.id + "': " + error;
    }

    // Until it is time for another attempt; false once a stop was requested.
    bool wait(int attempt) {
        using Clock = std::chrono::steady_clock;
        const double seconds = std::min(300.0, options_.retry_delay * std::pow(2.0, attempt));
        const auto until = Clock::now() + std::chrono::duration<double>(seconds);
        while (Clock::now() < until && !pipeline::stop_was_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        raster::forget_remote_files();
        return !pipeline::stop_was_requested();
    }

    std::string input() const {
        if (scene_.assets.size() == 1 && scene_.assets.front().bands.empty())
            return scene_.assets.front().path;
        const std::string path = folder_ + "/scene.vrt";
        raster::write_asset_stack(path, scene_.assets);
        return path;
    }

    json work() {
        pipeline::SegmentOptions segment = options_.segment;
        segment.scene = input();
        segment.scene_name = scene_.id;
        segment.output = folder_ + "/segments.gpkg";
        segment.work = folder_ + "/work";
        segment.overwrite = true;
        const pipeline::SegmentReport report = segment_it(segment);
        if (!plan_.database.empty()) write_to_database(segment, report);
        if (options_.thumbnails) draw_thumbnail(segment);
        const raster::SceneOutline outline = raster::scene_outline(segment.scene);
        json result{{"output", "segments.gpkg"},
                    {"output_bytes", raster::local_file_size(segment.output).value_or(0)},
                    {"output_hash", raster::hash_of_file(segment.output)},
                    {"segments", report.segments},
                    {"masks", report.masks},
                    {"tiles", report.tiles},
                    {"tiles_done", report.tiles},
                    {"tiles_kept", report.kept_tiles},
                    {"size", {outline.width, outline.height}}};
        if (outline.box) result["bbox"] = *outline.box;
        return result;
    }

    // The report's segments are those that the layer has.
    pipeline::SegmentReport segment_it(const pipeline::SegmentOptions& segment) {
        if (options_.classes.model.empty()) return pipeline::segment_scene(segment, progress_);
        pipeline::ClassifiedScene done = pipeline::segment_and_classify(segment, options_.classes, progress_);
        done.segments.segments = 0;
        for (const auto& [name, count] : done.classes.written) done.segments.segments += count;
        return std::move(done.segments);
    }

    void write_to_database(const pipeline::SegmentOptions& segment, const pipeline::SegmentReport& report) {
        pipeline::MergeLayersOptions merge;
        merge.output = plan_.database;
        merge.target_crs = "EPSG:4326";
        merge.layer_name = segment.layer_name;
        merge.layers = {{segment.output, scene_.id, scene_.date(), report.segments}};
        pipeline::merge_layers(merge, progress_);
    }

    // It is made for people to look at: without one the scene is done as well.
    void draw_thumbnail(const pipeline::SegmentOptions& segment) {
        try {
            pipeline::QuicklookOptions quicklook;
            quicklook.scene = segment.scene;
            quicklook.layer = segment.output;
            quicklook.output = folder_ + "/thumbnail.png";
            quicklook.overwrite = true;
            quicklook.max_size = 256;
            quicklook.bare = true;
            quicklook.open = segment.open;
            quicklook.picture.stretch_from = segment.output + ".settings.json";
            const auto silent = silent_progress();
            pipeline::draw_quicklook(quicklook, *silent);
        } catch (const Error& error) {
            record_.log(std::string("no thumbnail: ") + error.what());
        }
    }

    const Plan& plan_;
    const Scene& scene_;
    const TaskOptions& options_;
    std::string folder_;
    SceneLock lock_;
    SceneRecord record_;
    RecordedProgress progress_;
};

}  // namespace

std::vector<std::string> planned_arguments(const std::string& folder) {
    return read_plan(folder).arguments;
}

void TaskOptions::validate() const {
    if (task.has_value() == scene.has_value())
        throw Error("", "which task is not told",
                    "give --index or --scene, or run it where SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX "
                    "or JOB_COMPLETION_INDEX is set",
                    ErrorKind::usage);
    if (retries < 0) throw Error("--retries", "must not be negative", "", ErrorKind::usage);
    if (!(retry_delay >= 0))
        throw Error("--retry-delay", "must be a number of seconds, 0 or more", "", ErrorKind::usage);
    segment.validate();
}

TaskReport run_task(const TaskOptions& options, Progress& progress) {
    options.validate();
    const Plan plan = read_plan(options.folder);
    const std::int64_t number = options.task ? *options.task : *options.scene,
                       count = options.task ? plan.tasks : plan.scenes;
    if (number < 0 || number >= count)
        throw Error(options.folder,
                    std::string("has no ") + (options.task ? "task " : "scene ") + std::to_string(number),
                    "they are numbered from 0 to " + std::to_string(count - 1), ErrorKind::usage);
    const std::int64_t first = options.task ? plan.first_scene(number) : number;
    const std::int64_t end = options.task ? plan.end_scene(number) : number + 1;
    TaskReport report;
    for_each_scene(plan, first, end, [&](const Scene& scene) {
        if (pipeline::stop_was_requested()) return void(++report.waiting);
        SceneRun(plan, scene, options, progress).run(report);
    });
    return report;
}

}  // namespace landseam::catalog
