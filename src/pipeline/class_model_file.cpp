#include "pipeline/class_model_file.h"

#include "landseam/core/error.h"

#include "output/staged_output.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace landseam::segments {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ClassModel::Machine, vectors, coefficients, gamma, rho, slope, shift)

}  // namespace landseam::segments

namespace landseam::pipeline {
namespace {

using nlohmann::json;
using segments::ClassModel;

constexpr const char* format_name = "landseam class model";
constexpr int format_version = 1;
constexpr std::uintmax_t largest_file = std::uintmax_t{2} << 30;

// Columns, for a list of objects would be several times as long.
json nodes_json(const std::vector<ClassModel::Node>& nodes) {
    json feature = json::array(), threshold = json::array(), left = json::array(), right = json::array();
    for (const ClassModel::Node& node : nodes) {
        feature.push_back(node.feature);
        threshold.push_back(node.threshold);
        left.push_back(node.left);
        right.push_back(node.right);
    }
    return {{"feature", feature}, {"threshold", threshold}, {"left", left}, {"right", right}};
}

std::vector<ClassModel::Node> nodes_from(const json& object, const std::string& path) {
    const auto feature = object.at("feature").get<std::vector<int>>();
    const auto threshold = object.at("threshold").get<std::vector<float>>();
    const auto left = object.at("left").get<std::vector<int>>();
    const auto right = object.at("right").get<std::vector<int>>();
    if (threshold.size() != feature.size() || left.size() != feature.size() || right.size() != feature.size())
        throw Error(path, "is not a model of landseam classify (its nodes are not whole)",
                    "give a file that --save-model wrote");
    std::vector<ClassModel::Node> nodes;
    for (std::size_t i = 0; i < feature.size(); ++i)
        nodes.push_back({feature[i], threshold[i], left[i], right[i]});
    return nodes;
}

json model_json(const ClassModel& model) {
    return {{"method", model.method},        {"features", model.features},
            {"classes", model.classes},      {"fill", model.fill},
            {"center", model.center},        {"scale", model.scale},
            {"roots", model.roots},          {"nodes", nodes_json(model.nodes)},
            {"leaves", model.leaves},        {"machines", model.machines},
            {"samples", model.samples},      {"labels", model.labels},
            {"neighbours", model.neighbours}};
}

ClassModel model_from(const json& object, const std::string& path) {
    ClassModel model;
    object.at("method").get_to(model.method);
    object.at("features").get_to(model.features);
    object.at("classes").get_to(model.classes);
    object.at("fill").get_to(model.fill);
    object.at("center").get_to(model.center);
    object.at("scale").get_to(model.scale);
    object.at("roots").get_to(model.roots);
    model.nodes = nodes_from(object.at("nodes"), path);
    object.at("leaves").get_to(model.leaves);
    object.at("machines").get_to(model.machines);
    object.at("samples").get_to(model.samples);
    object.at("labels").get_to(model.labels);
    object.at("neighbours").get_to(model.neighbours);
    model.check(path);
    return model;
}

}  // namespace

void write_class_model(const std::string& path, const StoredClassModel& stored, bool overwrite) {
    const json object{
        {"format", format_name},     {"version", format_version},     {"landseam", LANDSEAM_VERSION},
        {"encoder", stored.encoder}, {"bands", stored.bands},         {"gsd", stored.gsd},
        {"only", stored.only},       {"threshold", stored.threshold}, {"model", model_json(stored.model)}};
    output::StagedOutput staged(path, overwrite);
    std::ofstream file(staged.path(), std::ios::binary);
    file << object.dump() << '\n';
    file.close();
    if (!file) throw Error(path, "cannot be written", "make room on the disk", ErrorKind::passing);
    staged.publish();
}

StoredClassModel read_class_model(const std::string& path) {
    std::error_code unreadable;
    const std::uintmax_t size = std::filesystem::file_size(path, unreadable);
    std::ifstream file(path, std::ios::binary);
    if (!file || unreadable) throw Error(path, "cannot be read", "give a file that --save-model wrote");
    if (size > largest_file)
        throw Error(path, "is larger than any model of landseam classify",
                    "give a file that --save-model wrote");
    try {
        const json object = json::parse(file);
        if (object.at("format") != format_name || object.at("version") != format_version)
            throw Error(path, "is not a model of this version of landseam classify",
                        "train it again with --save-model");
        StoredClassModel stored;
        object.at("encoder").get_to(stored.encoder);
        object.at("bands").get_to(stored.bands);
        object.at("gsd").get_to(stored.gsd);
        object.at("only").get_to(stored.only);
        object.at("threshold").get_to(stored.threshold);
        if (!(stored.threshold >= 0 && stored.threshold <= 1) || !std::isfinite(stored.gsd))
            throw Error(path,
                        "is not a model of landseam classify (its threshold or pixel size is no number)",
                        "give a file that --save-model wrote");
        stored.model = model_from(object.at("model"), path);
        return stored;
    } catch (const json::exception& error) {
        throw Error(path, std::string("is not a model of landseam classify (") + error.what() + ")",
                    "give a file that --save-model wrote");
    }
}

}  // namespace landseam::pipeline
