#include "landseam/pipeline/evaluate_layers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"

namespace landseam::pipeline {
namespace {

constexpr std::size_t no_field = static_cast<std::size_t>(-1);

std::size_t field_index(const output::ReadLayer& layer, const std::string& name) {
    const auto found = std::find(layer.field_names.begin(), layer.field_names.end(), name);
    return found == layer.field_names.end() ? no_field : static_cast<std::size_t>(found - layer.field_names.begin());
}

double as_number(const output::FieldValue& value) {
    if (const double* real = std::get_if<double>(&value)) return *real;
    if (const std::int64_t* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return 0;
}

std::string as_text(const output::FieldValue& value) {
    if (const std::string* text = std::get_if<std::string>(&value)) return *text;
    if (const std::int64_t* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    return {};
}

std::vector<vectors::EvaluatedObject> predictions(const output::ReadLayer& layer, const EvaluateOptions& options) {
    const std::size_t score = field_index(layer, options.score_field);
    std::vector<vectors::EvaluatedObject> objects;
    for (const output::Feature& feature : layer.features)
        objects.push_back({feature.geometry, score == no_field ? 0 : as_number(feature.values[score]), {}});
    return objects;
}

std::vector<vectors::EvaluatedObject> true_objects(const output::ReadLayer& layer, const EvaluateOptions& options) {
    const std::size_t name = options.class_field.empty() ? no_field : field_index(layer, options.class_field);
    if (!options.class_field.empty() && name == no_field)
        throw Error(options.truth, "has no field '" + options.class_field + "'", "name one of its fields as --class-field");
    std::vector<vectors::EvaluatedObject> objects;
    for (const output::Feature& feature : layer.features) {
        const std::string class_name = name == no_field ? std::string() : as_text(feature.values[name]);
        if (options.only_class.empty() || class_name == options.only_class) objects.push_back({feature.geometry, 0, class_name});
    }
    return objects;
}

}  // namespace

void EvaluateOptions::validate() const {
    if (!(iou_threshold > 0 && iou_threshold <= 1))
        throw Error("--iou-threshold", "must be above 0 and at most 1", "", ErrorKind::usage);
    if (!only_class.empty() && class_field.empty())
        throw Error("--class", "needs --class-field", "", ErrorKind::usage);
}

vectors::Scores evaluate_layers(const EvaluateOptions& options) {
    options.validate();
    const output::ReadLayer predicted = output::read_layer(options.predicted);
    const output::ReadLayer truth = output::read_layer(options.truth, "", predicted.crs_wkt);
    vectors::Scores scores =
        vectors::evaluate(predictions(predicted, options), true_objects(truth, options), options.iou_threshold);
    if (options.class_field.empty()) scores.per_class.clear();
    return scores;
}

std::string scores_json(const vectors::Scores& s) {
    nlohmann::ordered_json classes = nlohmann::ordered_json::object();
    for (const auto& [name, c] : s.per_class)
        classes[name] = {{"true_objects", c.true_objects}, {"found", c.found}, {"recall", c.recall},
                         {"mean_best_iou", c.mean_best_iou}, {"share_best_iou_50", c.share_best_iou_50}};
    nlohmann::ordered_json object = {
        {"predicted_objects", s.predicted_objects}, {"true_objects", s.true_objects}, {"mean_best_iou", s.mean_best_iou},
        {"share_best_iou_50", s.share_best_iou_50}, {"true_positives", s.true_positives},
        {"false_positives", s.false_positives}, {"false_negatives", s.false_negatives}, {"precision", s.precision},
        {"recall", s.recall}, {"f1", s.f1}, {"invalid_predicted", s.invalid_predicted}, {"invalid_true", s.invalid_true},
        {"per_class", classes}};
    return object.dump(2);
}

}  // namespace landseam::pipeline
