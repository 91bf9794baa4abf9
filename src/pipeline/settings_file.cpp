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

}  // namespace

std::string settings_path(const std::string& output) {
    const bool connection = output.rfind("PG:", 0) == 0 || output.rfind("/vsi", 0) == 0;
    return connection ? std::string() : output + ".settings.json";
}

std::string settings_json(const SegmentOptions& options, const bands::ChannelPlan& plan, const bands::Stretch& stretch,
                          const std::string& model_summary) {
    json tiles{{"size", options.tile_size}, {"overlap", options.tile_overlap}};
    json settings{{"landseam", LANDSEAM_VERSION},
                  {"scene", options.scene},
                  {"area_of_interest", options.area_of_interest},
                  {"gsd", options.open.gsd ? json(*options.open.gsd) : json()},
                  {"picture", plan.describe()},
                  {"plan", plan_json(plan)},
                  {"stretch", stretch},
                  {"tiles", tiles},
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
    return settings.dump(2) + "\n";
}

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

StoredStretch read_stretch(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(path, "cannot be read", "give the OUTPUT.settings.json of an earlier run");
    std::ostringstream text;
    text << file.rdbuf();
    StoredStretch stored;
    try {
        const json settings = json::parse(text.str());
        stored.plan = plan_from(settings.at("plan"));
        settings.at("stretch").get_to(stored.stretch);
    } catch (const json::exception& error) {
        throw Error(path, std::string("is not a settings file of landseam (") + error.what() + ")",
                    "give the OUTPUT.settings.json of an earlier run");
    }
    stored.stretch.validate();
    if (stored.plan.channels.empty() || stored.plan.channels.size() != stored.stretch.low.size())
        throw Error(path,
                    "is not a settings file of landseam (its stretch and its channels differ in number)",
                    "give the OUTPUT.settings.json of an earlier run");
    return stored;
}

}  // namespace landseam::pipeline
