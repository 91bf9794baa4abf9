#include "pipeline/class_charts.h"

#include "landseam/core/error.h"
#include "landseam/output/charts.h"
#include "landseam/output/picture.h"

#include "output/staged_output.h"
#include "pipeline/pictures_stacked.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

namespace landseam::pipeline {
namespace {

constexpr std::size_t most_bars = 20;

template <typename... Values>
std::string format(const char* pattern, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

}  // namespace

void write_validation(const std::string& path, const TrainingReport& report, bool overwrite) {
    nlohmann::ordered_json classes = nlohmann::ordered_json::object(),
                           importance = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < report.classes.size(); ++c) {
        nlohmann::ordered_json own = {{"samples", report.samples[c]}};
        if (report.folds > 0)
            own.update({{"precision", report.agreement.precision[c]},
                        {"recall", report.agreement.recall[c]},
                        {"f1", report.agreement.f1[c]}});
        classes[report.classes[c]] = own;
    }
    for (const auto& [name, value] : report.importance) importance[name] = value;
    nlohmann::ordered_json object = {
        {"classes", classes}, {"ambiguous", report.ambiguous}, {"folds", report.folds}};
    if (report.folds > 0)
        object.update({{"confusion", report.agreement.confusion},
                       {"accuracy", report.agreement.accuracy},
                       {"mean_f1", report.agreement.mean_f1},
                       {"threshold", report.threshold},
                       {"object_f1", report.object_f1},
                       {"importance", importance}});
    output::StagedOutput staged(path, overwrite);
    std::ofstream file(staged.path(), std::ios::binary);
    file << object.dump(2) << '\n';
    file.close();
    if (!file) throw Error(path, "cannot be written", "make room on the disk", ErrorKind::passing);
    staged.publish();
}

void draw_validation(const std::string& path, const TrainingReport& report, bool overwrite) {
    if (report.folds == 0)
        throw Error("--plot", "shows the cross-validation, and --folds 0 leaves it out",
                    "leave out one of them", ErrorKind::usage);
    auto bars = report.importance;
    bars.resize(std::min(bars.size(), most_bars));
    output::write_png(path,
                      stacked(output::draw_confusion("true class (row), class told (column), held-out blocks",
                                                     report.classes, report.agreement.confusion),
                              output::draw_bars("loss of mean F1 without the feature", bars)),
                      overwrite);
}

std::string training_text(const TrainingReport& report) {
    std::string text = format("%-16s %9s", "class", "segments") +
                       (report.folds > 0 ? format(" %9s %9s %9s", "precision", "recall", "F1") : "") + "\n";
    for (std::size_t c = 0; c < report.classes.size(); ++c) {
        text += format("%-16s %9lld", report.classes[c].c_str(), static_cast<long long>(report.samples[c]));
        if (report.folds > 0)
            text += format(" %9.3f %9.3f %9.3f", report.agreement.precision[c], report.agreement.recall[c],
                           report.agreement.f1[c]);
        text += "\n";
    }
    if (report.folds == 0) return text;
    text += format("held out in %d folds of blocks: accuracy %.3f, mean F1 %.3f\n", report.folds,
                   report.agreement.accuracy, report.agreement.mean_f1);
    if (report.object_f1 > 0)
        text += format("objects: F1 %.3f where the probability is %.3f or more\n", report.object_f1,
                       report.threshold);
    text += "confusion (rows: true, columns: told)\n" + format("%-16s", "");
    for (const std::string& name : report.classes) text += format(" %12.12s", name.c_str());
    text += "\n";
    for (std::size_t r = 0; r < report.classes.size(); ++r) {
        text += format("%-16s", report.classes[r].c_str());
        for (const std::int64_t count : report.agreement.confusion[r])
            text += format(" %12lld", static_cast<long long>(count));
        text += "\n";
    }
    text += "most important (loss of mean F1):";
    for (std::size_t i = 0; i < std::min<std::size_t>(8, report.importance.size()); ++i)
        text += format("%s %s %.3f", i > 0 ? "," : "", report.importance[i].first.c_str(),
                       report.importance[i].second);
    return text + "\n";
}

}  // namespace landseam::pipeline
