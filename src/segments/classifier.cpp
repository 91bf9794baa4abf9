#include "landseam/segments/classifier.h"

#include "landseam/core/error.h"

#include "segments/class_training.h"
#include "segments/robust_scale.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace landseam::segments {
namespace {

constexpr std::size_t rows_at_once = 256;

// What class_probabilities does, chunk by chunk.
template <typename Body>
void for_chunks(std::size_t rows, const ParallelFor& parallel_for, const Body& body) {
    parallel_for((rows + rows_at_once - 1) / rows_at_once, [&](std::size_t chunk) {
        for (std::size_t i = chunk * rows_at_once; i < std::min(rows, (chunk + 1) * rows_at_once); ++i)
            body(i);
    });
}

std::vector<double> class_weights(const std::vector<int>& labels, const std::vector<std::string>& classes,
                                  const ClassifierOptions& options) {
    std::vector<double> counts(classes.size()), weights(classes.size());
    for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
    for (std::size_t c = 0; c < classes.size(); ++c) {
        const auto named = options.weights.find(classes[c]);
        weights[c] = named != options.weights.end() ? named->second
                                                    : static_cast<double>(labels.size()) /
                                                          (static_cast<double>(classes.size()) * counts[c]);
    }
    return weights;
}

// Columns of the table that the model uses, with unknown values filled in.
void take_row(const ClassModel& model, const std::vector<std::size_t>& columns, const float* row,
              std::vector<float>& values) {
    values.resize(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c)
        values[c] = std::isfinite(row[columns[c]]) ? row[columns[c]] : model.fill[c];
}

void standardize(const ClassModel& model, float* row) {
    for (std::size_t c = 0; c < model.features.size(); ++c)
        row[c] = std::clamp((row[c] - model.center[c]) / model.scale[c], -10.0F, 10.0F);
}

bool is_standardized(const std::string& method) {
    return method == "svm" || method == "knn";
}

std::vector<std::size_t> columns_of(const ClassModel& model, const FeatureTable& table) {
    std::vector<std::size_t> columns;
    std::string missing;
    std::size_t count = 0;
    for (const std::string& name : model.features) {
        const auto found = std::find(table.names.begin(), table.names.end(), name);
        columns.push_back(static_cast<std::size_t>(found - table.names.begin()));
        if (found == table.names.end() && ++count <= 4) missing += (missing.empty() ? "" : ", ") + name;
    }
    if (count > 0)
        throw Error(
            "the model",
            "was trained on features that are missing here: " + missing +
                (count > 4 ? " and " + std::to_string(count - 4) + " more" : ""),
            "measure them the same way: the same bands and preset, --fields and embedding as in training");
    return columns;
}

void add_forest(const ClassModel& model, const float* row, float* out) {
    const std::size_t classes = model.classes.size();
    for (const int root : model.roots) {
        const float* const shares =
            model.leaves.data() + static_cast<std::size_t>(leaf_of(model, root, row)) * classes;
        for (std::size_t c = 0; c < classes; ++c) out[c] += shares[c];
    }
}

// Of one class against the others, or of the first of two.
void spread(const std::vector<double>& scores, float* out, std::size_t classes) {
    for (std::size_t c = 0; c < scores.size(); ++c) out[c] = static_cast<float>(scores[c]);
    if (scores.size() == 1 && classes == 2) out[1] = 1 - out[0];
}

void add_boosted(const ClassModel& model, const float* row, float* out) {
    const std::size_t ensembles = model.classes.size() == 2 ? 1 : model.classes.size();
    const std::size_t trees = model.roots.size() / ensembles;
    std::vector<double> scores;
    for (std::size_t e = 0; e < ensembles; ++e) {
        double sum = 0;
        for (std::size_t t = 0; t < trees; ++t)
            sum += model.leaves[static_cast<std::size_t>(leaf_of(model, model.roots[e * trees + t], row))];
        // Half of the logarithm of the odds. Source: Friedman, Hastie, Tibshirani 2000, "Additive logistic
        // regression".
        scores.push_back(1 / (1 + std::exp(std::clamp(-2 * sum, -40.0, 40.0))));
    }
    spread(scores, out, model.classes.size());
}

void add_machines(const ClassModel& model, const float* row, float* out) {
    std::vector<double> scores;
    for (const ClassModel::Machine& machine : model.machines) {
        const double decision = decision_of(machine, row, model.features.size());
        scores.push_back(1 /
                         (1 + std::exp(std::clamp(machine.slope * decision + machine.shift, -40.0, 40.0))));
    }
    spread(scores, out, model.classes.size());
}

// Near samples count more, by the inverse of their distance.
void add_neighbours(const ClassModel& model, const float* row, float* out) {
    const std::size_t columns = model.features.size();
    std::vector<std::pair<double, std::size_t>> distances(model.labels.size());
    for (std::size_t i = 0; i < distances.size(); ++i) {
        const float* const sample = model.samples.data() + i * columns;
        double sum = 0;
        for (std::size_t c = 0; c < columns; ++c) sum += (row[c] - sample[c]) * (row[c] - sample[c]);
        distances[i] = {sum, i};
    }
    const auto count = std::min(distances.size(), static_cast<std::size_t>(model.neighbours));
    std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count),
                      distances.end());
    for (std::size_t k = 0; k < count; ++k)
        out[model.labels[distances[k].second]] +=
            static_cast<float>(1 / (std::sqrt(distances[k].first) + 1e-3));
}

void normalize(float* row, std::size_t classes) {
    const float sum = std::accumulate(row, row + classes, 0.0F);
    for (std::size_t c = 0; c < classes; ++c)
        row[c] = sum > 0 ? row[c] / sum : 1 / static_cast<float>(classes);
}

void add_scores(const ClassModel& model, const float* row, float* out) {
    if (model.method == "forest") return add_forest(model, row, out);
    if (model.method == "boost") return add_boosted(model, row, out);
    if (model.method == "svm") return add_machines(model, row, out);
    add_neighbours(model, row, out);
}

}  // namespace

void ClassifierOptions::validate() const {
    const auto refuse = [](const std::string& option, const std::string& cause) {
        throw Error(option, cause, "", ErrorKind::usage);
    };
    static const std::set<std::string> methods{"forest", "boost", "svm", "knn"};
    if (!methods.count(method))
        refuse("--method", "must be forest, boost, svm or knn, and is '" + method + "'");
    if (trees < 1 || trees > 10000) refuse("--trees", "must be from 1 to 10000");
    if (neighbours < 1 || neighbours > 10000) refuse("--neighbours", "must be from 1 to 10000");
    if (!(cost > 0 && cost < 1e9)) refuse("--cost", "must be a number above 0");
    for (const auto& [name, weight] : weights)
        if (!(weight > 0 && weight < 1e9)) refuse("--weight", "of '" + name + "' must be a number above 0");
}

ClassModel train_classes(const FeatureTable& table, const std::vector<int>& labels,
                         const std::vector<std::string>& classes, const ClassifierOptions& options,
                         const ParallelFor& parallel_for) {
    options.validate();
    std::vector<std::size_t> chosen;
    std::vector<bool> present(classes.size());
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (labels[i] >= 0) {
            chosen.push_back(i);
            present[static_cast<std::size_t>(labels[i])] = true;
        }
    if (std::count(present.begin(), present.end(), true) < 2 || classes.size() < 2)
        throw Error("training", "there are samples of fewer than two classes",
                    "give samples of two classes at least");
    ClassModel model;
    model.method = options.method;
    // Classes without rows have no place in the model.
    std::vector<int> renumbered(classes.size(), -1);
    for (std::size_t c = 0; c < classes.size(); ++c)
        if (present[c]) {
            renumbered[c] = static_cast<int>(model.classes.size());
            model.classes.push_back(classes[c]);
        }
    std::vector<std::size_t> columns;
    for (std::size_t c = 0; c < table.columns(); ++c) {
        std::vector<float> values;
        for (const std::size_t i : chosen)
            if (std::isfinite(table.row(i)[c])) values.push_back(table.row(i)[c]);
        const RobustScale scale = robust_scale(values);
        if (values.empty() || scale.constant) continue;
        columns.push_back(c);
        model.features.push_back(table.names[c]);
        model.fill.push_back(scale.center);
        model.center.push_back(scale.center);
        model.scale.push_back(scale.scale);
    }
    if (columns.empty())
        throw Error("training", "no feature differs among the samples", "give samples of different things");
    TrainingRows rows;
    rows.columns = columns.size();
    std::vector<float> values;
    for (const std::size_t i : chosen) {
        take_row(model, columns, table.row(i), values);
        if (is_standardized(options.method)) standardize(model, values.data());
        rows.values.insert(rows.values.end(), values.begin(), values.end());
        rows.labels.push_back(renumbered[static_cast<std::size_t>(labels[i])]);
    }
    rows.class_weights = class_weights(rows.labels, model.classes, options);
    if (options.method == "forest") train_forest(rows, options, model, parallel_for);
    if (options.method == "boost") train_boosted(rows, options, model, parallel_for);
    if (options.method == "svm") train_machines(rows, options, model, parallel_for);
    if (options.method == "knn") {
        model.samples = std::move(rows.values);
        model.labels = std::move(rows.labels);
        model.neighbours = options.neighbours;
    }
    return model;
}

std::vector<float> class_probabilities(const ClassModel& model, const FeatureTable& table,
                                       const ParallelFor& parallel_for) {
    const std::vector<std::size_t> columns = columns_of(model, table);
    const std::size_t classes = model.classes.size();
    std::vector<float> probabilities(table.rows() * classes);
    for_chunks(table.rows(), parallel_for, [&](std::size_t i) {
        std::vector<float> row;
        take_row(model, columns, table.row(i), row);
        if (is_standardized(model.method)) standardize(model, row.data());
        add_scores(model, row.data(), probabilities.data() + i * classes);
        normalize(probabilities.data() + i * classes, classes);
    });
    return probabilities;
}

}  // namespace landseam::segments
