#include "landseam/pipeline/evaluate_layers.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"

#include "pipeline/match_plot.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace landseam::pipeline {
namespace {

constexpr std::size_t no_field = static_cast<std::size_t>(-1);

std::size_t field_index(const output::ReadLayer& layer, const std::string& name) {
    const auto found = std::find(layer.field_names.begin(), layer.field_names.end(), name);
    return found == layer.field_names.end() ? no_field
                                            : static_cast<std::size_t>(found - layer.field_names.begin());
}

std::size_t needed_field(const output::ReadLayer& layer, const std::string& path, const std::string& name,
                         const std::string& option) {
    if (name.empty()) return no_field;
    const std::size_t field = field_index(layer, name);
    if (field == no_field)
        throw Error(path, "has no field '" + name + "'", "name one of its fields as " + option);
    return field;
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

std::vector<vectors::EvaluatedObject> objects_of(const output::ReadLayer& layer, std::size_t score,
                                                 std::size_t name) {
    std::vector<vectors::EvaluatedObject> objects;
    for (const output::Feature& feature : layer.features)
        objects.push_back({feature.geometry, score == no_field ? 0 : as_number(feature.values[score]),
                           name == no_field ? std::string() : as_text(feature.values[name])});
    return objects;
}

void keep_class(std::vector<vectors::EvaluatedObject>& objects, const std::string& name) {
    objects.erase(std::remove_if(objects.begin(), objects.end(),
                                 [&](const auto& object) { return object.class_name != name; }),
                  objects.end());
}

nlohmann::ordered_json class_json(const vectors::ClassScores& c, bool matched) {
    nlohmann::ordered_json object = {{"true_objects", c.true_objects},
                                     {"found", c.found},
                                     {"recall", c.recall},
                                     {"mean_best_iou", c.mean_best_iou},
                                     {"share_best_iou_50", c.share_best_iou_50}};
    if (matched)
        object.update({{"predicted_objects", c.predicted_objects},
                       {"precision", c.precision},
                       {"f1", c.f1},
                       {"average_precision", c.average_precision},
                       {"pixel_iou", c.pixel_iou}});
    return object;
}

nlohmann::ordered_json confusion_json(const vectors::Scores& s) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::object();
    for (const auto& [classes, area] : s.common_area) rows[classes.first][classes.second] = area;
    return rows;
}

}  // namespace

void EvaluateOptions::validate() const {
    if (!(iou_threshold > 0 && iou_threshold <= 1))
        throw Error("--iou-threshold", "must be above 0 and at most 1", "", ErrorKind::usage);
    if (!(boundary_width >= 0 && boundary_width < 1e9))
        throw Error("--boundary-width", "must be a distance of 0 or more", "", ErrorKind::usage);
    if (plot_size < 100 || plot_size > 30000)
        throw Error("--plot-size", "must be from 100 to 30000 pixels", "", ErrorKind::usage);
    if (!only_class.empty() && class_field.empty())
        throw Error("--class", "needs --class-field", "", ErrorKind::usage);
    if (!predicted_class_field.empty() && class_field.empty())
        throw Error("--predicted-class-field", "needs --class-field", "", ErrorKind::usage);
}

Evaluation evaluate_layers(const EvaluateOptions& options) {
    options.validate();
    output::ReadLayer predicted = output::read_layer(options.predicted);
    output::ReadLayer truth = output::read_layer(options.truth, "", predicted.crs_wkt);
    const std::string frame = output::measuring_crs(predicted.crs_wkt, truth.features);
    if (frame != predicted.crs_wkt) {
        predicted = output::read_layer(options.predicted, "", frame);
        truth = output::read_layer(options.truth, "", frame);
    }
    const std::size_t score = field_index(predicted, options.score_field);
    const std::size_t guessed_class =
        needed_field(predicted, options.predicted, options.predicted_class_field, "--predicted-class-field");
    const std::size_t true_class = needed_field(truth, options.truth, options.class_field, "--class-field");
    std::vector<vectors::EvaluatedObject> guesses = objects_of(predicted, score, guessed_class);
    std::vector<vectors::EvaluatedObject> facts = objects_of(truth, no_field, true_class);
    if (!options.only_class.empty()) {
        keep_class(facts, options.only_class);
        if (guessed_class != no_field) keep_class(guesses, options.only_class);
    }

    vectors::ScoreOptions how;
    how.iou_threshold = options.iou_threshold;
    how.boundary_width = options.boundary_width;
    how.match_classes = guessed_class != no_field;
    Evaluation evaluation;
    evaluation.scores = vectors::evaluate(guesses, facts, how);
    evaluation.has_average_precision = score != no_field;
    evaluation.unit = frame.empty() ? "" : "m";
    if (options.class_field.empty()) evaluation.scores.per_class.clear();
    if (!options.plot.empty())
        draw_match_plot(options.plot, guesses, facts, evaluation.scores, options.plot_size,
                        options.overwrite);
    return evaluation;
}

std::string scores_json(const Evaluation& evaluation) {
    const vectors::Scores& s = evaluation.scores;
    const bool matched = !s.common_area.empty();
    nlohmann::ordered_json classes = nlohmann::ordered_json::object();
    for (const auto& [name, c] : s.per_class) classes[name] = class_json(c, matched);
    nlohmann::ordered_json object = {{"predicted_objects", s.predicted_objects},
                                     {"true_objects", s.true_objects},
                                     {"mean_best_iou", s.mean_best_iou},
                                     {"share_best_iou_50", s.share_best_iou_50},
                                     {"true_positives", s.true_positives},
                                     {"false_positives", s.false_positives},
                                     {"false_negatives", s.false_negatives},
                                     {"precision", s.precision},
                                     {"recall", s.recall},
                                     {"f1", s.f1}};
    const auto known = [&](double value) {
        return evaluation.has_average_precision ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    };
    object.update({{"average_precision", known(s.average_precision)},
                   {"average_precision_50", known(s.average_precision_50)},
                   {"average_precision_75", known(s.average_precision_75)},
                   {"pixel_iou", s.pixel_iou},
                   {"boundary_iou", s.outlines.boundary_iou},
                   {"boundary_width", s.outlines.boundary_width},
                   {"polis", s.outlines.polis},
                   {"vertex_ratio", s.outlines.vertex_ratio},
                   {"over_segmentation", s.over_segmentation},
                   {"under_segmentation", s.under_segmentation},
                   {"invalid_predicted", s.invalid_predicted},
                   {"invalid_true", s.invalid_true}});
    if (matched)
        object.update({{"overall_accuracy", s.overall_accuracy},
                       {"kappa", s.kappa},
                       {"common_area", confusion_json(s)}});
    object["per_class"] = classes;
    return object.dump(2);
}

}  // namespace landseam::pipeline
