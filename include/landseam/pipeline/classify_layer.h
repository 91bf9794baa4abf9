// Classes for the segments of a layer, learned from samples.
#pragma once

#include "landseam/core/progress.h"
#include "landseam/pipeline/measure_layer.h"
#include "landseam/segments/classifier.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct SampleOptions {
    std::string layer;        // polygons or points in any format and CRS; empty: none
    std::string class_field;  // of the layer: the class of each sample. Or …
    std::string class_name;   // … the one class of all samples; "other" is learned from the scene
    // "objects": each sample outlines one thing, and a segment is of its class where their IoU is at least
    // 0.5; segments near a sample that are not are "other". "areas": samples lie on what is of their class,
    // and a segment is of the class that most of its samples have, if they cover half of it; of points those
    // that lie on it count. Empty: objects with class_name, areas with class_field. Points are always areas.
    std::string match;
    // With class_name or objects: segments whose bounds are at most this far from those of some sample, in
    // metres (pixels without georeference), teach what is other. Labels end somewhere, and beyond it nothing
    // is known. Below 0: the root of the samples' median area.
    double near = -1;

    void validate() const;
};

struct ClassifyOptions : MeasureOptions {
    std::string output;  // format by extension
    bool overwrite = false;
    std::string layer_name = "classes";
    SampleOptions samples;
    segments::ClassifierOptions classifier;
    std::string model;       // of an earlier run, in place of samples
    std::string save_model;  // file; empty: none
    int folds = 5;           // of the cross-validation; 0: none
    std::string validation;  // JSON file for its results; empty: none
    std::string plot;        // PNG of them; empty: none

    std::string only;  // class to write; empty: all
    // Below it segments do not count for the class `only`. Below 0: what was best in cross-validation for a
    // class of objects, else 0.
    double min_probability = -1;
    // "keep": segments that lie over one another are all written. "best": only those that no better one
    // covers to a third of the smaller one's area; better is what is more probably of its class.
    std::string overlap = "keep";
    bool dissolve = false;  // touching segments of a class become one

    void validate() const;
};

// A training's report.
struct TrainingReport {
    std::vector<std::string> classes;
    std::vector<std::int64_t> samples;  // segments that teach each class
    std::int64_t ambiguous = 0;         // segments near samples that teach nothing
    int folds = 0;                      // of the cross-validation; 0: there was none
    segments::ClassAgreement agreement;
    std::vector<std::pair<std::string, double>> importance;
    double threshold = 0;  // of a class of objects: the probability where their F1 was best …
    double object_f1 = 0;  // … and that F1, over the samples, of segments chosen as with overlap "best"
};

struct ClassifyReport {
    std::int64_t segments = 0;                                  // of the layer
    std::vector<std::pair<std::string, std::int64_t>> written;  // by class
    bool trained = false;
    TrainingReport training;
};

// Measures the layer's segments (measure_layer), learns from the samples or takes the model, and writes the
// layer with the fields class, probability and second (the next probable class) beside its own.
//
// Cross-validation holds out blocks of the ground, not single segments: neighbours are alike, and to have
// seen the one says much of the other. The samples' bounds are cut into 5 × 5 blocks, dealt out to the folds
// at random.
//
// Throws Error; then no output has appeared.
ClassifyReport classify_layer(const ClassifyOptions& options, Progress& progress);

// The training as text for people.
std::string training_text(const TrainingReport& report);

}  // namespace landseam::pipeline
