#include "landseam/segments/classifier.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace landseam::segments {
namespace {

constexpr std::size_t most_rows_shuffled = 1500;  // of a fold: importance needs no more

// Probabilities of the model's classes in the columns of all classes.
void place_probabilities(const ClassModel& model, const std::vector<float>& found,
                         const std::vector<std::size_t>& rows, const std::vector<std::string>& classes,
                         std::vector<float>& all) {
    for (std::size_t k = 0; k < model.classes.size(); ++k) {
        const auto c = static_cast<std::size_t>(std::find(classes.begin(), classes.end(), model.classes[k]) -
                                                classes.begin());
        for (std::size_t i = 0; i < rows.size(); ++i)
            all[rows[i] * classes.size() + c] = found[i * model.classes.size() + k];
    }
}

FeatureTable rows_of(const FeatureTable& table, const std::vector<std::size_t>& rows) {
    FeatureTable part;
    part.names = table.names;
    for (const std::size_t i : rows)
        part.values.insert(part.values.end(), table.row(i), table.row(i) + table.columns());
    return part;
}

double mean_f1(const ClassModel& model, const FeatureTable& table, const std::vector<int>& labels,
               const std::vector<std::string>& classes, const ParallelFor& parallel_for) {
    std::vector<std::size_t> rows(table.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::vector<float> probabilities(rows.size() * classes.size());
    place_probabilities(model, class_probabilities(model, table, parallel_for), rows, classes, probabilities);
    return compare_classes(probabilities, labels, classes.size()).mean_f1;
}

// The loss by feature of the model, weighted by the rows of the fold.
void add_importance(const ClassModel& model, const FeatureTable& fold, const std::vector<int>& labels,
                    const std::vector<std::string>& classes, std::uint64_t seed,
                    std::map<std::string, double>& sums) {
    const double whole = mean_f1(model, fold, labels, classes, serial_for);
    FeatureTable changed = fold;
    for (std::size_t c = 0; c < fold.columns(); ++c) {
        if (!std::count(model.features.begin(), model.features.end(), fold.names[c])) continue;
        std::mt19937_64 random(seed + c);
        for (std::size_t i = fold.rows(); i > 1; --i)
            std::swap(changed.row(i - 1)[c], changed.row(random() % i)[c]);
        sums[fold.names[c]] +=
            (whole - mean_f1(model, changed, labels, classes, serial_for)) * static_cast<double>(fold.rows());
        for (std::size_t i = 0; i < fold.rows(); ++i) changed.row(i)[c] = fold.row(i)[c];
    }
}

}  // namespace

ValidationResult cross_validate(const FeatureTable& table, const std::vector<int>& labels,
                                const std::vector<std::string>& classes, const std::vector<int>& folds,
                                const ClassifierOptions& options, const ParallelFor& parallel_for) {
    ValidationResult result;
    result.probabilities.assign(table.rows() * classes.size(), 0);
    const int count = folds.empty() ? 0 : 1 + *std::max_element(folds.begin(), folds.end());
    std::vector<std::map<std::string, double>> sums(static_cast<std::size_t>(count));
    std::vector<double> rows_seen(static_cast<std::size_t>(count));
    parallel_for(static_cast<std::size_t>(count), [&](std::size_t fold) {
        std::vector<int> others = labels;
        std::vector<std::size_t> held, labelled;
        std::vector<bool> present(classes.size());
        for (std::size_t i = 0; i < labels.size(); ++i)
            if (folds[i] == static_cast<int>(fold)) {
                others[i] = -1;
                held.push_back(i);
                if (labels[i] >= 0) labelled.push_back(i);
            } else if (labels[i] >= 0) {
                present[static_cast<std::size_t>(labels[i])] = true;
            }
        if (labelled.empty() || std::count(present.begin(), present.end(), true) < 2) return;
        const ClassModel model = train_classes(table, others, classes, options, serial_for);
        place_probabilities(model, class_probabilities(model, rows_of(table, held), serial_for), held,
                            classes, result.probabilities);
        // Evenly spread over the fold, so that no class is left out.
        std::vector<std::size_t> few;
        const std::size_t step = 1 + (labelled.size() - 1) / most_rows_shuffled;
        for (std::size_t i = 0; i < labelled.size(); i += step) few.push_back(labelled[i]);
        std::vector<int> few_labels;
        for (const std::size_t i : few) few_labels.push_back(labels[i]);
        add_importance(model, rows_of(table, few), few_labels, classes, options.seed, sums[fold]);
        rows_seen[fold] = static_cast<double>(few.size());
    });
    const double all = std::accumulate(rows_seen.begin(), rows_seen.end(), 0.0);
    std::map<std::string, double> joined;
    for (const auto& of_fold : sums)
        for (const auto& [name, sum] : of_fold) joined[name] += all > 0 ? sum / all : 0;
    result.importance.assign(joined.begin(), joined.end());
    std::stable_sort(result.importance.begin(), result.importance.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return result;
}

ClassAgreement compare_classes(const std::vector<float>& probabilities, const std::vector<int>& labels,
                               std::size_t classes) {
    ClassAgreement agreement;
    agreement.confusion.assign(classes, std::vector<std::int64_t>(classes));
    double right = 0, all = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0) continue;
        const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i * classes);
        const auto told = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row;
        ++agreement.confusion[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(told)];
        right += told == labels[i];
        ++all;
    }
    agreement.accuracy = all > 0 ? right / all : 0;
    int with_rows = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        const auto& row = agreement.confusion[c];
        const auto hit = static_cast<double>(row[c]);
        const auto truth = static_cast<double>(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
        double told = 0;
        for (const auto& other : agreement.confusion) told += static_cast<double>(other[c]);
        agreement.precision.push_back(told > 0 ? hit / told : 0);
        agreement.recall.push_back(truth > 0 ? hit / truth : 0);
        agreement.f1.push_back(truth + told > 0 ? 2 * hit / (truth + told) : 0);
        if (truth > 0) {
            ++with_rows;
            agreement.mean_f1 += agreement.f1.back();
        }
    }
    if (with_rows > 0) agreement.mean_f1 /= with_rows;
    return agreement;
}

}  // namespace landseam::segments
