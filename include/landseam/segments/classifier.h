// Classes learned from examples.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/segments/feature_table.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace landseam::segments {

struct ClassifierOptions {
    std::string method = "forest";  // "forest", "boost" (trees), "svm" (radial basis), "knn"
    int trees = 300;                // of a forest, rounds of boosting for each class
    int neighbours = 15;
    double cost = 10;  // of an SVM's errors
    // What a row of a class counts. One of a class that is not named: all rows / (classes · rows of the
    // class), so that rare classes count as much as frequent ones.
    std::map<std::string, double> weights;
    std::uint64_t seed = 1;

    // Throws Error (usage) naming the option.
    void validate() const;
};

// What was learned, as plain data: OpenCV's ml learns, nothing of it is needed to apply a model.
struct ClassModel {
    struct Node {
        int feature = -1;  // −1: a leaf
        float threshold = 0;
        int left = 0;  // node where the feature is not above the threshold; of a leaf the row of `leaves`
        int right = 0;
    };
    // A machine that tells one class from the others by Σ coefficient · exp(−gamma · distance²) − rho, which
    // becomes a probability by a sigmoid (Platt 1999).
    struct Machine {
        std::vector<float> vectors;  // row by row, standardized
        std::vector<float> coefficients;
        double gamma = 0, rho = 0, slope = 0, shift = 0;
    };

    std::string method;
    std::vector<std::string> features;  // names, the order of all vectors below
    std::vector<std::string> classes;   // two at least
    std::vector<float> fill;            // what stands for unknown values: the training's medians
    std::vector<float> center,
        scale;  // standardized value = (value − center) / scale: median and interquartile range
    std::vector<int> roots;  // of trees; boosted ones class by class, equally many of each
    std::vector<Node> nodes;
    std::vector<float>
        leaves;  // of a forest a row of probabilities for each leaf, of boosted trees one number
    std::vector<Machine> machines;  // one a class, of two classes one for the first
    std::vector<float> samples;     // of nearest neighbours: standardized rows …
    std::vector<int> labels;        // … and their classes
    int neighbours = 0;

    // Throws Error (failed), with `subject`, where anything points out of range or has another size than it
    // must: for models read from files. What passes can be applied to any table without harm.
    void check(const std::string& subject) const;
};

// `labels`: a class for each row of the table, −1 for rows that teach nothing. Features that are known of no
// row, or are the same in all, are left out. The same rows and seed give the same model, whatever the
// threads. Throws Error: fewer than two classes with rows, no feature left.
ClassModel train_classes(const FeatureTable& table, const std::vector<int>& labels,
                         const std::vector<std::string>& classes, const ClassifierOptions& options,
                         const ParallelFor& parallel_for = serial_for);

// Probabilities: a row for each of the table's, a column for each class, summing up to 1. Columns are found
// by name. Throws Error naming the features that the table lacks.
std::vector<float> class_probabilities(const ClassModel& model, const FeatureTable& table,
                                       const ParallelFor& parallel_for = serial_for);

struct ValidationResult {
    std::vector<float>
        probabilities;  // as class_probabilities, of rows by models that have not seen their fold
    // How much lower the mean F1 of the classes is once a feature's values are shuffled among the rows of a
    // fold; by name, most important first. Of alike features each can stand for the other, and both look
    // unimportant.
    std::vector<std::pair<std::string, double>> importance;
};

// For every fold a model is trained on all other rows. `folds`: of each row, from 0; −1: passed over, with probabilities of
// 0. Rows of label −1 teach nothing and count for nothing, but are told of.
ValidationResult cross_validate(const FeatureTable& table, const std::vector<int>& labels,
                                const std::vector<std::string>& classes, const std::vector<int>& folds,
                                const ClassifierOptions& options,
                                const ParallelFor& parallel_for = serial_for);

struct ClassAgreement {
    std::vector<std::vector<std::int64_t>> confusion;  // a row a true class, a column a class told
    std::vector<double> precision, recall, f1;         // by class; 0 where there is nothing to divide by
    double mean_f1 = 0;                                // over classes with rows
    double accuracy = 0;
};

// Of the most probable class with the label, over rows with a label of 0 or more.
ClassAgreement compare_classes(const std::vector<float>& probabilities, const std::vector<int>& labels,
                               std::size_t classes);

}  // namespace landseam::segments
