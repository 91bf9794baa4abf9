// landseam evaluate PREDICTED TRUTH: the field's scores.
#include "landseam/pipeline/evaluate_layers.h"

#include "commands.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/seam_report.h"

#include <cstdio>

namespace landseam::apps {
namespace {

struct EvaluateCommand {
    pipeline::EvaluateOptions options;
    bool json = false;
    bool seams = false;
};

void print_seams(const EvaluateCommand& command) {
    const pipeline::SeamReport seams = pipeline::measure_seams(command.options.predicted);
    std::printf(command.json ? "{\"tile_lines\": %d, \"on_lines\": %.6f, \"elsewhere\": %.6f, \"seam_ratio\": %.4f, \"chance\": %.4f}\n"
                             : "tile lines                 %8d\noutline on them, elsewhere %8.5f %8.5f\n"
                               "seam ratio                 %8.3f, by chance 1 ± %.3f\n",
                seams.tile_lines, seams.on_lines, seams.elsewhere, seams.ratio(), seams.chance());
}

void print_classes(const vectors::Scores& s, bool matched) {
    std::printf("\n%-16s %8s %14s %14s %8s", "class", "objects", "mean best IoU", "share >= 0.5", "recall");
    std::printf(matched ? " %10s %6s %6s %10s\n" : "\n", "precision", "F1", "AP", "pixel IoU");
    for (const auto& [name, c] : s.per_class) {
        std::printf("%-16s %8lld %14.3f %14.3f %8.3f", name.c_str(), static_cast<long long>(c.true_objects),
                    c.mean_best_iou, c.share_best_iou_50, c.recall);
        if (matched)
            std::printf(" %10.3f %6.3f %6.3f %10.3f", c.precision, c.f1, c.average_precision, c.pixel_iou);
        std::printf("\n");
    }
    if (matched) std::printf("\noverall accuracy, kappa    %8.3f %6.3f\n", s.overall_accuracy, s.kappa);
}

void print_table(const pipeline::Evaluation& evaluation) {
    const vectors::Scores& s = evaluation.scores;
    const char* unit = evaluation.unit.c_str();
    std::printf("predicted polygons         %8lld\n", static_cast<long long>(s.predicted_objects));
    std::printf("true objects               %8lld\n", static_cast<long long>(s.true_objects));
    std::printf("mean best IoU              %8.3f\n", s.mean_best_iou);
    std::printf("share with best IoU >= 0.5 %8.3f\n", s.share_best_iou_50);
    std::printf("precision, recall, F1      %8.3f %6.3f %6.3f\n", s.precision, s.recall, s.f1);
    if (evaluation.has_average_precision)
        std::printf("AP at .5:.95, .5, .75      %8.3f %6.3f %6.3f\n", s.average_precision,
                    s.average_precision_50, s.average_precision_75);
    std::printf("pixel IoU                  %8.3f\n", s.pixel_iou);
    std::printf("over-, under-segmentation  %8.3f %6.3f\n", s.over_segmentation, s.under_segmentation);
    if (s.true_positives > 0) {
        std::printf("boundary IoU of pairs      %8.3f within %.3g %s\n", s.outlines.boundary_iou,
                    s.outlines.boundary_width, unit);
        std::printf("PoLiS distance of pairs    %8.3f %s\n", s.outlines.polis, unit);
        std::printf("vertices, predicted : true %8.3f\n", s.outlines.vertex_ratio);
    }
    if (s.invalid_predicted + s.invalid_true > 0)
        std::printf("repaired before comparing  %8lld predicted, %lld true\n",
                    static_cast<long long>(s.invalid_predicted), static_cast<long long>(s.invalid_true));
    if (!s.per_class.empty()) print_classes(s, !s.common_area.empty());
}

void work(EvaluateCommand& command, Progress&) {
    if (command.seams) return print_seams(command);
    if (command.options.truth.empty())
        throw Error("evaluate", "there is no layer of true objects", "name one after the layer to score, or ask for --seams",
                    ErrorKind::usage);
    const pipeline::Evaluation evaluation = pipeline::evaluate_layers(command.options);
    if (command.json)
        std::printf("%s\n", pipeline::scores_json(evaluation).c_str());
    else
        print_table(evaluation);
}

}  // namespace

void add_evaluate_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<EvaluateCommand>();
    CLI::App& command = *add_command<EvaluateCommand>(program, line, "evaluate",
                                                      "Score a layer against the truth", state, work);
    auto& o = state->options;
    command.add_option("predicted", o.predicted, "Layer to score")->required();
    CLI::Option* const truth = command.add_option("truth", o.truth, "Layer of true objects, in any CRS");
    command
        .add_flag("--seams", state->seams,
                  "Measure instead whether the edges of tiles can be seen in a layer of 'landseam segment': outline along them "
                  "against outline along the same lines shifted; 1 means no trace, and what shifted lines differ by is chance")
        ->excludes(truth);
    command.add_option("--score-field", o.score_field,
                       "Field of the predicted layer that says which polygon counts first");
    command.add_option("--class-field", o.class_field, "Field of the true layer: gives scores per class")
        ->default_str("");
    command
        .add_option("--predicted-class-field", o.predicted_class_field,
                    "Field of the predicted layer: its polygons count for true objects of their class only")
        ->default_str("")
        ->needs("--class-field");
    command.add_option("--class", o.only_class, "Only true objects of this class count")
        ->default_str("")
        ->needs("--class-field");
    command.add_option("--iou-threshold", o.iou_threshold, "IoU from which a polygon counts as found");
    command
        .add_option(
            "--boundary-width", o.boundary_width,
            "Boundary IoU looks this far inside of outlines, in metres; 0: a twentieth of the square root of "
            "the true objects' median area")
        ->default_str("0");
    command.add_flag("--json", state->json, "Print JSON instead of a table");
    command.add_option("--plot", o.plot, "PNG to draw: hits, misses and false alarms")->default_str("");
    command.add_option("--plot-size", o.plot_size, "Longest side of that picture in pixels");
    command.add_flag("--overwrite", o.overwrite, "Replace the picture if it exists");
    command.footer(
        "Examples:\n"
        "  landseam evaluate town.gpkg footprints.geojson\n"
        "  landseam evaluate town.gpkg truth.gpkg --class-field class --plot hits.png\n"
        "  landseam evaluate town.gpkg --seams");
}

}  // namespace landseam::apps
