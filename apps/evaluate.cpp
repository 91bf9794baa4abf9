// landseam evaluate PREDICTED TRUTH: the field's scores.
#include <cstdio>

#include "commands.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/evaluate_layers.h"
#include "landseam/pipeline/seam_report.h"

namespace landseam::apps {
namespace {

struct EvaluateCommand {
    pipeline::EvaluateOptions options;
    bool json = false;
    bool seams = false;
};

void print_seams(const EvaluateCommand& command) {
    const pipeline::SeamReport seams = pipeline::measure_seams(command.options.predicted);
    std::printf(command.json ? "{\"tile_lines\": %d, \"on_lines\": %.6f, \"elsewhere\": %.6f, \"seam_ratio\": %.4f}\n"
                             : "tile lines                 %8d\noutline on them, elsewhere %8.5f %8.5f\nseam ratio                 %8.3f\n",
                seams.tile_lines, seams.on_lines, seams.elsewhere, seams.ratio());
}

void print_table(const vectors::Scores& s) {
    std::printf("predicted polygons         %8lld\n", static_cast<long long>(s.predicted_objects));
    std::printf("true objects               %8lld\n", static_cast<long long>(s.true_objects));
    std::printf("mean best IoU              %8.3f\n", s.mean_best_iou);
    std::printf("share with best IoU >= 0.5 %8.3f\n", s.share_best_iou_50);
    std::printf("precision, recall, F1      %8.3f %6.3f %6.3f\n", s.precision, s.recall, s.f1);
    if (s.invalid_predicted + s.invalid_true > 0)
        std::printf("repaired before comparing  %8lld predicted, %lld true\n", static_cast<long long>(s.invalid_predicted),
                    static_cast<long long>(s.invalid_true));
    if (s.per_class.empty()) return;
    std::printf("\n%-16s %8s %14s %14s %8s\n", "class", "objects", "mean best IoU", "share >= 0.5", "recall");
    for (const auto& [name, c] : s.per_class)
        std::printf("%-16s %8lld %14.3f %14.3f %8.3f\n", name.c_str(), static_cast<long long>(c.true_objects), c.mean_best_iou,
                    c.share_best_iou_50, c.recall);
}

void work(EvaluateCommand& command, Progress&) {
    if (command.seams) return print_seams(command);
    if (command.options.truth.empty())
        throw Error("evaluate", "there is no layer of true objects", "name one after the layer to score, or ask for --seams",
                    ErrorKind::usage);
    const vectors::Scores scores = pipeline::evaluate_layers(command.options);
    if (command.json)
        std::printf("%s\n", pipeline::scores_json(scores).c_str());
    else
        print_table(scores);
}

}  // namespace

void add_evaluate_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<EvaluateCommand>();
    CLI::App& command = *add_command<EvaluateCommand>(program, line, "evaluate", "Score a layer against the truth", state, work);
    auto& o = state->options;
    command.add_option("predicted", o.predicted, "Layer to score")->required();
    CLI::Option* const truth = command.add_option("truth", o.truth, "Layer of true objects, in any CRS");
    command
        .add_flag("--seams", state->seams,
                  "Measure instead whether the edges of tiles can be seen in a layer of 'landseam segment': outline along them "
                  "against outline along other lines; 1 means no trace")
        ->excludes(truth);
    command.add_option("--score-field", o.score_field, "Field of the predicted layer that says which polygon counts first");
    command.add_option("--class-field", o.class_field, "Field of the true layer: gives scores per class")->default_str("");
    command.add_option("--class", o.only_class, "Only true objects of this class count")->default_str("")->needs("--class-field");
    command.add_option("--iou-threshold", o.iou_threshold, "IoU from which a polygon counts as found");
    command.add_flag("--json", state->json, "Print JSON instead of a table");
    command.footer("Examples:\n  landseam evaluate town.gpkg footprints.geojson\n  landseam evaluate town.gpkg --seams");
}

}  // namespace landseam::apps
