#include "landseam/catalog/merge.h"

#include "landseam/core/error.h"
#include "landseam/pipeline/merge_layers.h"
#include "landseam/pipeline/overview_page.h"

#include "catalog/scene_record.h"
#include "catalog/times.h"

#include <filesystem>

namespace landseam::catalog {
namespace fs = std::filesystem;
namespace {

// A path as seen from the folder that `file` is in.
std::string seen_from(const std::string& file, const std::string& path) {
    return fs::proximate(fs::absolute(path), fs::absolute(file).parent_path()).string();
}

json footprint(const LonLatBox& box) {
    const auto ring = [](double west, double south, double east, double north) {
        return json::array(
            {json::array({{west, south}, {east, south}, {east, north}, {west, north}, {west, south}})});
    };
    if (box[0] <= box[2]) return {{"type", "Polygon"}, {"coordinates", ring(box[0], box[1], box[2], box[3])}};
    return {{"type", "MultiPolygon"},
            {"coordinates",
             json::array({ring(box[0], box[1], 180, box[3]), ring(-180, box[1], box[2], box[3])})}};
}

json item_of(const Scene& scene, const json& status, const std::string& folder, const std::string& items) {
    json item{{"type", "Feature"},
              {"stac_version", "1.0.0"},
              {"id", scene.id},
              {"geometry", nullptr},
              {"properties",
               {{"datetime", scene.datetime.empty() ? json() : json(scene.datetime)},
                {"landseam:version", status.value("landseam", "")},
                {"landseam:segments", status.value("segments", 0)}}},
              {"links", json::array()},
              {"assets",
               {{"segments",
                 {{"href", seen_from(items, folder + "/segments.gpkg")},
                  {"type", "application/geopackage+sqlite3"},
                  {"roles", {"data"}}}},
                {"settings",
                 {{"href", seen_from(items, folder + "/segments.gpkg.settings.json")},
                  {"type", "application/json"},
                  {"roles", {"metadata"}}}}}}};
    // Where a scene lies its own pixels tell best.
    std::optional<LonLatBox> box = scene.box;
    if (status.contains("bbox")) box = status["bbox"].get<LonLatBox>();
    if (box) {
        item["bbox"] = *box;
        item["geometry"] = footprint(*box);
    }
    // STAC wants a time: that of the plan's item, else when it was made.
    if (scene.datetime.empty()) {
        item["properties"]["start_datetime"] = "1970-01-01T00:00:00Z";
        item["properties"]["end_datetime"] = status.value("started", now_text());
    }
    const std::string origin = scene.description.empty() ? scene.source : scene.description;
    item["links"].push_back({{"rel", scene.description.empty() ? "via" : "derived_from"}, {"href", origin}});
    if (fs::exists(folder + "/thumbnail.png"))
        item["assets"]["thumbnail"] = {{"href", seen_from(items, folder + "/thumbnail.png")},
                                       {"type", "image/png"},
                                       {"roles", {"thumbnail"}}};
    return item;
}

class BatchMerge {
public:
    BatchMerge(const MergeOptions& options, Progress& progress)
        : options_(options),
          progress_(progress),
          plan_(read_plan(options.folder)),
          is_file_(options.output.rfind("PG:", 0) != 0) {
        if (is_file_) report_.items = options.output + ".items.json";
    }

    MergeReport run() {
        if (!options_.overwrite)
            for (const std::string& file : {report_.items, options_.report})
                if (!file.empty() && fs::exists(file))
                    throw Error(file, "exists already", "give another name, or --overwrite to replace it");
        overview_.header = {"scene", "date", "state", "segments", "tiles", "attempts", "seconds", "error"};
        for_each_scene(plan_, 0, plan_.scenes, [&](const Scene& scene) { add(scene); });
        if (report_.scenes == 0)
            throw Error(options_.folder, "none of its scenes is done",
                        "run them first: landseam batch run " + options_.folder);
        merge();
        if (is_file_) write_items();
        if (!options_.report.empty()) write_page();
        return report_;
    }

private:
    void add(const Scene& scene) {
        const std::string folder = plan_.scene_folder(scene.index);
        const json status = read_status(folder);
        const bool done = SceneRecord(plan_, scene).is_done();
        const std::string state = done ? "done" : status.value("state", "not begun"),
                          error = status.value("error", "");
        if (done) {
            ++report_.scenes;
            const std::int64_t segments = status.value("segments", std::int64_t{0});
            if (segments > 0)
                layers_.push_back({folder + "/segments.gpkg", scene.id, scene.date(), segments});
            if (is_file_) items_.push_back(item_of(scene, status, folder, report_.items));
        } else {
            report_.missing.push_back(scene.id + ": " + (error.empty() ? state : error));
        }
        if (options_.report.empty()) return;
        const auto number = [&](const char* name) {
            return std::to_string(status.value(name, std::int64_t{0}));
        };
        overview_.scenes.push_back(
            {{scene.id, scene.date(), state, number("segments"), number("tiles"), number("attempts"),
              std::to_string(static_cast<std::int64_t>(status.value("seconds", 0.0) + 0.5)), error},
             done ? folder + "/thumbnail.png" : "",
             scene.id + (scene.date().empty() ? "" : ", " + scene.date())});
    }

    void merge() {
        if (layers_.empty()) {
            progress_.warn("the scenes that are done hold no segment: there is no layer to write");
            return;
        }
        pipeline::MergeLayersOptions merge;
        merge.layers = layers_;
        merge.output = options_.output;
        merge.overwrite = options_.overwrite;
        merge.layer_name = options_.layer_name;
        merge.target_crs = options_.target_crs;
        merge.same_iou = options_.same_iou;
        merge.dataset_creation_options = options_.dataset_creation_options;
        merge.layer_creation_options = options_.layer_creation_options;
        const pipeline::MergeLayersReport merged = pipeline::merge_layers(merge, progress_);
        report_.segments = merged.segments;
        report_.dropped = merged.dropped;
        report_.joined = merged.joined;
    }

    void write_items() const {
        const json collection{{"type", "FeatureCollection"}, {"features", items_}};
        write_whole_file(report_.items,
                         collection.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
    }

    void write_page() {
        overview_.title = options_.output;
        overview_.facts = {
            {"scenes merged", std::to_string(report_.scenes) + " of " + std::to_string(plan_.scenes)},
            {"segments", std::to_string(report_.segments)},
            {"shown by several scenes, kept once", std::to_string(report_.dropped)},
            {"joined of pieces", std::to_string(report_.joined)}};
        for (const std::string& scene : report_.missing) overview_.warnings.push_back("missing: " + scene);
        pipeline::write_overview(options_.report, overview_, options_.overwrite);
    }

    const MergeOptions& options_;
    Progress& progress_;
    Plan plan_;
    bool is_file_;
    std::vector<pipeline::SceneLayer> layers_;
    json items_ = json::array();
    pipeline::Overview overview_;
    MergeReport report_;
};

}  // namespace

MergeReport merge_batch(const MergeOptions& options, Progress& progress) {
    return BatchMerge(options, progress).run();
}

}  // namespace landseam::catalog
