#include "landseam/pipeline/classify_layer.h"

#include "landseam/core/error.h"
#include "landseam/output/layer_sink.h"

#include "pipeline/class_charts.h"
#include "pipeline/class_layer.h"
#include "pipeline/class_model_file.h"
#include "pipeline/class_selection.h"
#include "pipeline/segment_labels.h"
#include "pipeline/threads.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include <tbb/task_arena.h>

namespace landseam::pipeline {
namespace {

std::string bands_of(const raster::SceneInfo& scene) {
    std::string text;
    for (const int band : scene.image_bands) {
        const auto found = std::find_if(scene.bands.begin(), scene.bands.end(),
                                        [&](const auto& b) { return b.number == band; });
        if (found == scene.bands.end()) continue;
        const std::string& name =
            found->description.empty() ? found->color_interpretation : found->description;
        text += (text.empty() ? "" : ", ") + (name.empty() ? "band " + std::to_string(band) : name);
    }
    return text;
}

// Where the F1 of held-out samples is best; ties go to the lower threshold.
void find_threshold(const SegmentLabels& labels, const MeasuredLayer& measured,
                    const std::vector<float>& probabilities, std::size_t own, TrainingReport& report) {
    std::vector<double> scores(measured.masks.size(), -1);
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (labels.judged[i]) scores[i] = probabilities[i * labels.classes.size() + own];
    const std::vector<std::size_t> order = best_first(scores);
    const std::vector<std::size_t> kept = choose_best(measured.masks, order);
    double hits = 0, told = 0;
    std::vector<bool> found(static_cast<std::size_t>(labels.samples));
    report.threshold = 1;
    for (const std::size_t i : kept) {
        if (scores[i] < 0) break;
        ++told;
        const int sample = labels.sample_of[i];
        if (labels.of_segments[i] == static_cast<int>(own) && sample >= 0 &&
            !found[static_cast<std::size_t>(sample)]) {
            found[static_cast<std::size_t>(sample)] = true;
            ++hits;
        }
        const double f1 = 2 * hits / (told + static_cast<double>(labels.samples));
        if (f1 >= report.object_f1) {
            report.object_f1 = f1;
            report.threshold = scores[i];
        }
    }
}

struct Learned {
    StoredClassModel stored;
    TrainingReport report;
};

Learned learn(const ClassifyOptions& options, const MeasuredLayer& measured, const ParallelFor& parallel_for,
              Progress& progress) {
    const SegmentLabels labels = label_segments(options.samples, measured);
    Learned learned;
    TrainingReport& report = learned.report;
    report.classes = labels.classes;
    report.samples.assign(labels.classes.size(), 0);
    report.ambiguous = labels.ambiguous;
    for (const int label : labels.of_segments)
        if (label >= 0) ++report.samples[static_cast<std::size_t>(label)];
    for (std::size_t c = 0; c < labels.classes.size(); ++c)
        if (report.samples[c] < 5)
            progress.warn("class '" + labels.classes[c] + "' has " + std::to_string(report.samples[c]) +
                          " segments to learn from; more samples would help");
    StoredClassModel& stored = learned.stored;
    stored.encoder = measured.encoder;
    stored.bands = bands_of(measured.scene);
    stored.gsd = measured.gsd;
    if (!options.samples.class_name.empty() && labels.objects) stored.only = options.samples.class_name;
    progress.begin("training", 1);
    if (options.folds > 0) {
        const std::vector<int> folds =
            spatial_folds(labels, measured, options.folds, options.classifier.seed);
        const segments::ValidationResult result = segments::cross_validate(
            measured.features, labels.of_segments, labels.classes, folds, options.classifier, parallel_for);
        report.folds = options.folds;
        report.agreement =
            segments::compare_classes(result.probabilities, labels.of_segments, labels.classes.size());
        report.importance = result.importance;
        if (!stored.only.empty()) {
            const auto own =
                std::find(labels.classes.begin(), labels.classes.end(), stored.only) - labels.classes.begin();
            find_threshold(labels, measured, result.probabilities, static_cast<std::size_t>(own), report);
            stored.threshold = report.threshold;
        }
    }
    stored.model = segments::train_classes(measured.features, labels.of_segments, labels.classes,
                                           options.classifier, parallel_for);
    progress.update(1, "");
    progress.end();
    return learned;
}

// What can be told before the scene is read.
void refuse_misfits(const StoredClassModel& stored, const ClassifyOptions& options) {
    if (!stored.encoder.empty() && !options.embedding)
        throw Error(options.model, "was trained with the embedding of " + stored.encoder,
                    "leave out --no-embedding");
    const auto& classes = stored.model.classes;
    if (!options.only.empty() && !std::count(classes.begin(), classes.end(), options.only))
        throw Error("--only", "'" + options.only + "' is no class of '" + options.model + "'",
                    "name one of its classes: " + joined_names(classes), ErrorKind::usage);
}

void warn_of_differences(const StoredClassModel& stored, const ClassifyOptions& options,
                         const MeasuredLayer& measured, Progress& progress) {
    if (!stored.encoder.empty() && stored.encoder != measured.encoder)
        throw Error(
            options.model,
            "was trained with the embedding of " + stored.encoder + ", and this is " + measured.encoder,
            "give the same --checkpoint as in training");
    const double ratio = stored.gsd > 0 && measured.gsd > 0 ? measured.gsd / stored.gsd : 1;
    if (ratio > 2 || ratio < 0.5)
        progress.warn("'" + options.model + "' was trained on pixels of " + std::to_string(stored.gsd) +
                      " m, and these are " + std::to_string(measured.gsd) +
                      " m: texture will look different; --gsd brings them together");
}

}  // namespace

void ClassifyOptions::validate() const {
    MeasureOptions::validate();
    samples.validate();
    classifier.validate();
    const auto refuse = [](const std::string& option, const std::string& cause,
                           const std::string& remedy = "") {
        throw Error(option, cause, remedy, ErrorKind::usage);
    };
    if (samples.layer.empty() == model.empty())
        refuse("classify", "needs either samples or a model",
               "give --training SAMPLES to learn from, or --model FILE of an earlier run");
    if (!model.empty() && !save_model.empty())
        refuse("--save-model", "there is nothing to save where --model is given");
    if (folds == 1 || folds < 0 || folds > 25) refuse("--folds", "must be 0 or from 2 to 25");
    if (overlap != "keep" && overlap != "best") refuse("--overlap", "must be keep or best");
    if (min_probability > 1 || !std::isfinite(min_probability))
        refuse("--min-probability", "must be from 0 to 1");
    for (const std::string* path : {&save_model, &validation, &plot})
        if (!path->empty() &&
            (*path == output || std::filesystem::path(*path) == std::filesystem::path(layer)))
            refuse("classify", "'" + *path + "' is named twice");
}

ClassifyReport classify_layer(const ClassifyOptions& options, Progress& progress) {
    options.validate();
    for (const std::string* path : {&options.output, &options.save_model, &options.validation, &options.plot})
        if (!path->empty() && std::filesystem::exists(*path) && !options.overwrite)
            throw Error(*path, "exists", "name another output, or replace it with --overwrite");
    std::optional<StoredClassModel> known;
    if (!options.model.empty()) {
        known = read_class_model(options.model);
        refuse_misfits(*known, options);
    }
    MeasureOptions measure = options;
    if (known) measure.embedding = !known->encoder.empty();
    MeasuredLayer measured = measure_layer(measure, progress);
    const ThreadLimit limit(options.threads_or_cores());
    tbb::task_arena arena(options.threads_or_cores());
    const ParallelFor parallel_for = [&, shared = shared_with_idle_threads()](std::size_t count,
                                                                              const auto& body) {
        arena.execute([&] { shared(count, body); });
    };
    ClassifyReport report;
    report.segments = static_cast<std::int64_t>(measured.masks.size());
    if (!known) {
        Learned learned = learn(options, measured, parallel_for, progress);
        known = std::move(learned.stored);
        report.trained = true;
        report.training = std::move(learned.report);
        if (!options.only.empty() &&
            !std::count(known->model.classes.begin(), known->model.classes.end(), options.only))
            throw Error("--only", "'" + options.only + "' is none of the classes",
                        "name one of them: " + joined_names(known->model.classes), ErrorKind::usage);
    } else {
        warn_of_differences(*known, options, measured, progress);
    }
    const std::vector<float> probabilities =
        segments::class_probabilities(known->model, measured.features, parallel_for);
    const std::vector<ClassifiedSegment> chosen = choose_segments(*known, options, measured, probabilities);
    report.written = write_classes(options, *known, std::move(measured), chosen, progress);
    if (report.trained) {
        if (!options.save_model.empty()) write_class_model(options.save_model, *known, options.overwrite);
        if (!options.validation.empty())
            write_validation(options.validation, report.training, options.overwrite);
        if (!options.plot.empty()) draw_validation(options.plot, report.training, options.overwrite);
    }
    return report;
}

}  // namespace landseam::pipeline
