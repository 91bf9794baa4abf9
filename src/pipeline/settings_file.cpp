#include "landseam/pipeline/settings_file.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "landseam/core/error.h"
#include "landseam/pipeline/segment_scene.h"

namespace landseam::bands {

NLOHMANN_JSON_SERIALIZE_ENUM(Channel::Kind, {{Channel::Kind::band, "band"},
                                             {Channel::Kind::normalized_difference, "normalized_difference"},
                                             {Channel::Kind::ratio, "ratio"},
                                             {Channel::Kind::difference, "difference"},
                                             {Channel::Kind::principal_component, "principal_component"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BandTerm, number, name, scale, offset, data_type)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Channel, kind, label, common_name, first, second, component)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PrincipalComponents, bands, mean, loadings, variance)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Stretch, low, high, gamma)

}  // namespace landseam::bands

namespace landseam::mask_generation {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MaskGeneratorOptions, points_per_side, points_per_batch, pred_iou_thresh,
                                   stability_score_thresh, stability_score_offset, box_nms_thresh, crop_n_layers,
                                   crop_nms_thresh, crop_overlap_ratio, crop_n_points_downscale_factor, min_mask_region_area,
                                   approximate_coarse_to_fine)

}  // namespace landseam::mask_generation

namespace landseam::pipeline {
namespace {

using nlohmann::json;

json plan_json(const bands::ChannelPlan& plan) {
    return {{"preset", plan.preset},
            {"composite", plan.composite},
            {"channels", plan.channels},
            {"source_bands", plan.source_bands},
            {"components", plan.components}};
}

bands::ChannelPlan plan_from(const json& object) {
    bands::ChannelPlan plan;
    object.at("preset").get_to(plan.preset);
    object.at("composite").get_to(plan.composite);
    object.at("channels").get_to(plan.channels);
    object.at("source_bands").get_to(plan.source_bands);
    object.at("components").get_to(plan.components);
    return plan;
}

json tiles_json(const SegmentOptions& options) {
    return {{"size", options.tile_size},
            {"overlap", options.tile_overlap},
            {"origin", {options.tile_origin_x, options.tile_origin_y}},
            {"coarse_levels", options.coarse_levels}};
}

json failed_json(const std::vector<FailedTile>& failed) {
    json list = json::array();
    for (const FailedTile& tile : failed)
        list.push_back({{"tile", tile.index},
                        {"box", {tile.window.x, tile.window.y, tile.window.width, tile.window.height}},
                        {"reason", tile.reason}});
    return list;
}

}  // namespace

std::string settings_path(const std::string& output) {
    const bool connection = output.rfind("PG:", 0) == 0 || output.rfind("/vsi", 0) == 0;
    return connection ? std::string() : output + ".settings.json";
}

std::string settings_json(const SegmentOptions& options, const raster::SceneInfo& scene, const bands::ChannelPlan& plan,
                          const bands::Stretch& stretch,
                          const std::string& model_summary, const std::vector<FailedTile>& failed) {
    json settings{{"landseam", LANDSEAM_VERSION},
                  {"scene", options.name()},
                  {"width", scene.width},
                  {"height", scene.height},
                  {"geotransform", scene.geo_transform ? json(scene.geo_transform->c) : json()},
                  {"crs", scene.crs_wkt},
                  {"area_of_interest", options.area_of_interest},
                  {"gsd", options.open.gsd ? json(*options.open.gsd) : json()},
                  {"picture", plan.describe()},
                  {"plan", plan_json(plan)},
                  {"stretch", stretch},
                  {"tiles", tiles_json(options)},
                  {"checkpoint", options.checkpoint.empty() ? "embedded" : options.checkpoint},
                  {"model", model_summary},
                  {"precision", options.precision},
                  {"object_size", options.object_size ? json(*options.object_size) : json()},
                  {"mask_generation", options.generator},
                  {"simplify", options.drawing.outlines.simplify},
                  {"smooth", options.drawing.outlines.smooth},
                  {"regularize", options.drawing.buildings ? "buildings" : ""},
                  {"overlap", options.overlap.policy},
                  {"fill_gaps", options.overlap.fill_gaps},
                  {"min_area", options.overlap.min_area},
                  {"max_area", options.overlap.max_area}};
    if (!failed.empty()) settings["failed_tiles"] = failed_json(failed);
    return settings.dump(2) + "\n";
}

std::string tile_settings_json(const SegmentOptions& options, const bands::ChannelPlan& plan, const bands::Stretch& stretch,
                               std::int64_t width, std::int64_t height, const std::string& weights) {
    json generator = options.generator;
    generator.erase("points_per_batch");  // speed and memory only
    std::string fingerprint;
    for (const char byte : weights) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
        fingerprint += digits;
    }
    const json settings{{"landseam", LANDSEAM_VERSION},
                        {"width", width},
                        {"height", height},
                        {"plan", plan_json(plan)},
                        {"stretch", stretch},
                        {"tiles", tiles_json(options)},
                        {"weights", fingerprint},
                        {"device", options.device.substr(0, options.device.find(':'))},
                        {"precision", options.precision},
                        {"embeddings", !options.embeddings.empty()},  // those are rounded
                        {"mask_generation", generator}};
    return settings.dump(2) + "\n";
}

std::string failed_tiles_json(const std::vector<FailedTile>& failed) { return failed_json(failed).dump(); }

void write_settings(const std::string& path, const std::string& json_text) {
    const std::string temporary = path + ".tmp";
    std::ofstream file(temporary, std::ios::binary);
    file << json_text;
    file.close();
    if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
        std::remove(temporary.c_str());
        throw Error(path, "cannot be written", "check that the folder exists, is writable and has room");
    }
}

namespace {

// What `take` finds in the settings.
template <typename Take>
auto read_settings(const std::string& path, Take take) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(path, "cannot be read", "give the OUTPUT.settings.json of an earlier run");
    std::ostringstream text;
    text << file.rdbuf();
    try {
        return take(json::parse(text.str()));
    } catch (const json::exception& error) {
        throw Error(path, std::string("is not a settings file of landseam (") + error.what() + ")",
                    "give the OUTPUT.settings.json of an earlier run");
    }
}

}  // namespace

StoredStretch read_stretch(const std::string& path) {
    const StoredStretch stored = read_settings(path, [](const json& settings) {
        StoredStretch found;
        found.plan = plan_from(settings.at("plan"));
        settings.at("stretch").get_to(found.stretch);
        return found;
    });
    stored.stretch.validate();
    if (stored.plan.channels.empty() || stored.plan.channels.size() != stored.stretch.low.size())
        throw Error(path,
                    "is not a settings file of landseam (its stretch and its channels differ in number)",
                    "give the OUTPUT.settings.json of an earlier run");
    return stored;
}

StoredGrid read_grid(const std::string& path) {
    return read_settings(path, [](const json& settings) {
        StoredGrid grid;
        settings.at("width").get_to(grid.width);
        settings.at("height").get_to(grid.height);
        settings.at("crs").get_to(grid.crs_wkt);
        if (!settings.at("geotransform").is_null()) {
            GeoTransform transform;
            settings.at("geotransform").get_to(transform.c);
            grid.geo_transform = transform;
        }
        const json& tiles = settings.at("tiles");
        tiles.at("size").get_to(grid.tiles.tile_size);
        tiles.at("overlap").get_to(grid.tiles.overlap);
        tiles.at("origin").at(0).get_to(grid.tiles.origin_x);
        tiles.at("origin").at(1).get_to(grid.tiles.origin_y);
        grid.coarse_levels = tiles.value("coarse_levels", 0);
        if (const json gsd = settings.value("gsd", json()); !gsd.is_null()) grid.gsd = gsd.get<double>();
        return grid;
    });
}

}  // namespace landseam::pipeline
