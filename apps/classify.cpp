// landseam classify SCENE LAYER OUTPUT: names for segments, learned from samples.
#include "landseam/core/error.h"
#include "landseam/pipeline/classify_layer.h"

#include "commands.h"
#include "measure_options.h"

#include <cstdio>
#include <cstdlib>

namespace landseam::apps {
namespace {

using pipeline::ClassifyOptions;

struct ClassifyCommand {
    ClassifyOptions options;
    std::vector<std::string> weights;  // CLASS=NUMBER
};

void take_weights(const std::vector<std::string>& texts, segments::ClassifierOptions& classifier) {
    for (const std::string& text : texts) {
        const std::size_t split = text.rfind('=');
        char* end = nullptr;
        const double weight = split == std::string::npos ? 0 : std::strtod(text.c_str() + split + 1, &end);
        if (split == std::string::npos || split == 0 || !end || *end != '\0' || !(weight > 0))
            throw Error("--weight", "'" + text + "' is not CLASS=NUMBER", "write building=2",
                        ErrorKind::usage);
        classifier.weights[text.substr(0, split)] = weight;
    }
}

void work(ClassifyCommand& command, Progress& progress) {
    take_weights(command.weights, command.options.classifier);
    const pipeline::ClassifyReport report = pipeline::classify_layer(command.options, progress);
    if (report.trained) std::printf("%s", pipeline::training_text(report.training).c_str());
    std::printf("%s:", command.options.output.c_str());
    for (std::size_t i = 0; i < report.written.size(); ++i)
        std::printf("%s %lld %s", i > 0 ? "," : "", static_cast<long long>(report.written[i].second),
                    report.written[i].first.c_str());
    std::printf("%s of %lld segments\n", report.written.empty() ? " none" : "",
                static_cast<long long>(report.segments));
}

void add_sample_options(CLI::App& command, ClassifyOptions& o) {
    const std::string group = "Training";
    command.add_option("--training", o.samples.layer, "Samples: polygons or points of any format and CRS")
        ->group(group)
        ->default_str("");
    CLI::Option* const field = command
                                   .add_option("--class-field", o.samples.class_field,
                                               "Field of the samples that names their classes")
                                   ->group(group)
                                   ->default_str("");
    command
        .add_option("--class", o.samples.class_name,
                    "The one class of all samples; what is 'other' is learned from the segments near them")
        ->group(group)
        ->default_str("")
        ->excludes(field);
    command
        .add_option("--match", o.samples.match,
                    "objects: each sample outlines one thing, and segments of an IoU of 0.5 or more with it "
                    "are of its class; areas: segments "
                    "that samples of a class cover to half are, or those that its points lie on [objects "
                    "with --class, else areas]")
        ->group(group)
        ->default_str("");
    command
        .add_option("--near", o.samples.near,
                    "How far from a sample segments teach what is other, in metres: beyond, nobody may have "
                    "drawn what is there [the root of the samples' median area]")
        ->group(group)
        ->default_str("");
    command
        .add_option("--method", o.classifier.method,
                    "forest, boost (boosted trees), svm, knn (nearest neighbours)")
        ->group(group);
    command.add_option("--trees", o.classifier.trees, "Trees of a forest, or rounds of boosting")
        ->group(group);
    command.add_option("--neighbours", o.classifier.neighbours, "Nearest samples that vote, with knn")
        ->group(group);
    command.add_option("--cost", o.classifier.cost, "What an error costs an svm")->group(group);
    command.add_option("--seed", o.classifier.seed, "Of all that is drawn at random")->group(group);
    command
        .add_option(
            "--folds", o.folds,
            "Parts of the samples, by blocks of the ground, that are held out in turn to validate; 0: none")
        ->group(group);
    command.add_option("--validation", o.validation, "Write a JSON file of the cross-validation")
        ->group(group)
        ->default_str("");
    command.add_option("--plot", o.plot, "Draw confusion matrix and important features as PNG")
        ->group(group)
        ->default_str("");
    command.add_option("--save-model", o.save_model, "Write what was learned to this file")
        ->group(group)
        ->default_str("");
    command.add_option("--model", o.model, "Take what an earlier run has learned, in place of --training")
        ->group(group)
        ->default_str("");
}

}  // namespace

void add_classify_command(CLI::App& program, CommandLine& line) {
    const auto state = std::make_shared<ClassifyCommand>();
    ClassifyOptions& o = state->options;
    CLI::App& command =
        *add_command<ClassifyCommand>(program, line, "classify", "Name segments after samples", state, work);
    add_measured_inputs(command, o);
    command
        .add_option("output", o.output,
                    "Layer to write, by extension; it has the fields class, probability and second")
        ->required();
    add_sample_options(command, o);
    command
        .add_option("--weight", state->weights,
                    "What a segment of a class counts in training, as building=2; may be repeated [rare "
                    "classes count as much as frequent ones]")
        ->group("Training");
    const std::string group = "Output";
    command.add_option("--only", o.only, "Write segments of this class only")->group(group)->default_str("");
    command
        .add_option("--min-probability", o.min_probability,
                    "Least probability of that class [where F1 of held-out samples was best, for a class of "
                    "objects; else 0]")
        ->group(group)
        ->default_str("");
    command
        .add_option("--overlap", o.overlap,
                    "Segments over one another: keep them, or best (what lies on something more probable is "
                    "left out)")
        ->group(group);
    command.add_flag("--dissolve", o.dissolve, "Join touching segments of a class")->group(group);
    command.add_option("--layer", o.layer_name, "Name of the layer")->group(group);
    command.add_flag("--overwrite", o.overwrite, "Replace outputs that exist")->group(group);
    add_measure_options(command, o);
    command.footer(
        "Examples:\n"
        "  landseam classify town.tif town.gpkg buildings.gpkg --training footprints.geojson --class "
        "building --only building --overlap best "
        "--save-model buildings.json\n"
        "  landseam classify next.tif next.gpkg buildings.gpkg --model buildings.json --only building "
        "--overlap best\n"
        "  landseam classify S2.tif fields.gpkg cover.gpkg --preset sentinel2 --training points.shp "
        "--class-field cover --dissolve");
}

}  // namespace landseam::apps
