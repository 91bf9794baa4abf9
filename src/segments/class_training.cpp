#include "segments/class_training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <opencv2/ml.hpp>

namespace landseam::segments {
namespace {

constexpr int trees_at_once = 10;  // of a forest: parts of that many trees are trained side by side
constexpr int deepest = 24, deepest_boosted = 3;
constexpr int smallest_leaf = 3;  // rows

struct Matrices {
    cv::Mat values, labels;
};

// `label_of` maps classes to those that the trainer shall tell apart.
template <typename LabelOf>
Matrices matrices_of(const TrainingRows& rows, const LabelOf& label_of) {
    Matrices m{cv::Mat(static_cast<int>(rows.rows()), static_cast<int>(rows.columns), CV_32F),
               cv::Mat(static_cast<int>(rows.rows()), 1, CV_32S)};
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        std::copy_n(rows.row(i), rows.columns, m.values.ptr<float>(static_cast<int>(i)));
        m.labels.at<int>(static_cast<int>(i)) = label_of(rows.labels[i]);
    }
    return m;
}

// Copies OpenCV's trees behind those of the model; `leaf` makes the row of `leaves` of a leaf and returns its
// number.
template <typename Leaf>
void append_trees(const cv::ml::DTrees& trees, ClassModel& model, const Leaf& leaf) {
    const auto& nodes = trees.getNodes();
    const auto& splits = trees.getSplits();
    const int first = static_cast<int>(model.nodes.size());
    for (const auto& node : nodes) {
        ClassModel::Node copy;
        if (node.split >= 0) {
            const auto& split = splits[static_cast<std::size_t>(node.split)];
            copy.feature = split.varIdx;
            copy.threshold = split.c;
            copy.left = first + node.left;
            copy.right = first + node.right;
        } else {
            copy.left = leaf(node);
        }
        model.nodes.push_back(copy);
    }
    for (const int root : trees.getRoots()) model.roots.push_back(first + root);
}

cv::Mat priors_of(const std::vector<double>& weights) {
    cv::Mat priors(1, static_cast<int>(weights.size()), CV_64F);
    for (std::size_t i = 0; i < weights.size(); ++i) priors.at<double>(static_cast<int>(i)) = weights[i];
    return priors;
}

// Every leaf gets the weighted shares of the classes among all rows that come to it, those too that its tree
// has not seen: with OpenCV's majority votes probabilities would be coarser.
void fill_leaves(const TrainingRows& rows, ClassModel& model) {
    const std::size_t classes = model.classes.size();
    for (const int root : model.roots)
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            const auto label = static_cast<std::size_t>(rows.labels[i]);
            model.leaves[static_cast<std::size_t>(leaf_of(model, root, rows.row(i))) * classes + label] +=
                static_cast<float>(rows.class_weights[label]);
        }
    for (std::size_t leaf = 0; leaf < model.leaves.size() / classes; ++leaf) {
        float* const shares = model.leaves.data() + leaf * classes;
        const float sum = std::accumulate(shares, shares + classes, 0.0F);
        for (std::size_t c = 0; c < classes; ++c)
            shares[c] = sum > 0 ? shares[c] / sum : 1 / static_cast<float>(classes);
    }
}

// Slope and shift of 1 / (1 + exp(slope · decision + shift)) by gradient descent on the logarithmic loss,
// with Platt's targets, that keep off 0 and 1.
void fit_sigmoid(const std::vector<double>& decisions, const std::vector<bool>& positive,
                 ClassModel::Machine& machine) {
    const double positives = static_cast<double>(std::count(positive.begin(), positive.end(), true));
    const double negatives = static_cast<double>(positive.size()) - positives;
    const double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
    double a = 0, b = std::log((negatives + 1) / (positives + 1));
    for (int step = 0; step < 100; ++step) {  // Newton's, damped by the unit in the diagonal
        double ga = 0, gb = 0, haa = 1e-6, hbb = 1e-6, hab = 0;
        for (std::size_t i = 0; i < decisions.size(); ++i) {
            const double p = 1 / (1 + std::exp(std::clamp(a * decisions[i] + b, -40.0, 40.0)));
            const double error = (positive[i] ? high : low) - p, curve = p * (1 - p);
            ga += error * decisions[i];
            gb += error;
            haa += curve * decisions[i] * decisions[i];
            hbb += curve;
            hab += curve * decisions[i];
        }
        const double determinant = haa * hbb - hab * hab;
        if (!(determinant > 1e-12)) break;
        const double da = (hbb * ga - hab * gb) / determinant, db = (haa * gb - hab * ga) / determinant;
        a -= std::clamp(da, -2.0, 2.0);
        b -= std::clamp(db, -2.0, 2.0);
        if (std::abs(da) + std::abs(db) < 1e-9) break;
    }
    machine.slope = a;
    machine.shift = b;
}

}  // namespace

void train_forest(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                  const ParallelFor& parallel_for) {
    const auto parts = static_cast<std::size_t>((options.trees + trees_at_once - 1) / trees_at_once);
    std::vector<cv::Ptr<cv::ml::RTrees>> forests(parts);
    parallel_for(parts, [&](std::size_t part) {
        const Matrices m = matrices_of(rows, [](int label) { return label; });
        const int trees = std::min(trees_at_once, options.trees - static_cast<int>(part) * trees_at_once);
        auto forest = cv::ml::RTrees::create();
        forest->setMaxDepth(deepest);
        forest->setMinSampleCount(2 * smallest_leaf);
        forest->setPriors(priors_of(rows.class_weights));
        forest->setTermCriteria({cv::TermCriteria::MAX_ITER, trees, 0});
        cv::theRNG().state =
            options.seed * 0x9E3779B97F4A7C15U + part + 1;  // this thread's own, which forests draw from
        forest->train(cv::ml::TrainData::create(m.values, cv::ml::ROW_SAMPLE, m.labels));
        forests[part] = forest;
    });
    for (const auto& forest : forests)
        append_trees(*forest, model, [&](const cv::ml::DTrees::Node&) {
            model.leaves.resize(model.leaves.size() + model.classes.size());
            return static_cast<int>(model.leaves.size() / model.classes.size()) - 1;
        });
    fill_leaves(rows, model);
}

void train_boosted(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                   const ParallelFor& parallel_for) {
    const std::size_t ensembles = model.classes.size() == 2 ? 1 : model.classes.size();
    std::vector<cv::Ptr<cv::ml::Boost>> boosted(ensembles);
    parallel_for(ensembles, [&](std::size_t c) {
        const Matrices m = matrices_of(rows, [&](int label) { return label == static_cast<int>(c) ? 1 : 0; });
        const double own = rows.class_weights[c];
        double others = 0;
        for (std::size_t k = 0; k < rows.class_weights.size(); ++k)
            others = std::max(others, k == c ? 0 : rows.class_weights[k]);
        auto trainer = cv::ml::Boost::create();
        trainer->setBoostType(cv::ml::Boost::GENTLE);
        trainer->setWeakCount(options.trees);
        trainer->setWeightTrimRate(0);
        trainer->setMaxDepth(deepest_boosted);
        trainer->setPriors(priors_of({others, own}));
        trainer->train(cv::ml::TrainData::create(m.values, cv::ml::ROW_SAMPLE, m.labels));
        boosted[c] = trainer;
    });
    for (const auto& trainer : boosted) {
        append_trees(*trainer, model, [&](const cv::ml::DTrees::Node& node) {
            model.leaves.push_back(static_cast<float>(node.value));
            return static_cast<int>(model.leaves.size()) - 1;
        });
    }
}

double decision_of(const ClassModel::Machine& machine, const float* row, std::size_t columns) {
    double sum = -machine.rho;
    for (std::size_t i = 0; i < machine.coefficients.size(); ++i) {
        const float* const vector = machine.vectors.data() + i * columns;
        double distance = 0;
        for (std::size_t c = 0; c < columns; ++c) distance += (row[c] - vector[c]) * (row[c] - vector[c]);
        sum += machine.coefficients[i] * std::exp(-machine.gamma * distance);
    }
    return sum;
}

void train_machines(const TrainingRows& rows, const ClassifierOptions& options, ClassModel& model,
                    const ParallelFor& parallel_for) {
    const std::size_t machines = model.classes.size() == 2 ? 1 : model.classes.size();
    model.machines.resize(machines);
    parallel_for(machines, [&](std::size_t c) {
        const Matrices m = matrices_of(rows, [&](int label) { return label == static_cast<int>(c) ? 1 : 0; });
        double others = 0;
        for (std::size_t k = 0; k < rows.class_weights.size(); ++k)
            others = std::max(others, k == c ? 0 : rows.class_weights[k]);
        ClassModel::Machine& machine = model.machines[c];
        machine.gamma = 1 / static_cast<double>(rows.columns);
        auto trainer = cv::ml::SVM::create();
        trainer->setType(cv::ml::SVM::C_SVC);
        trainer->setKernel(cv::ml::SVM::RBF);
        trainer->setGamma(machine.gamma);
        trainer->setC(options.cost);
        trainer->setClassWeights(priors_of({others, rows.class_weights[c]}));
        trainer->setTermCriteria({cv::TermCriteria::MAX_ITER + cv::TermCriteria::EPS, 100000, 1e-4});
        trainer->train(cv::ml::TrainData::create(m.values, cv::ml::ROW_SAMPLE, m.labels));
        cv::Mat alpha, chosen;
        machine.rho = trainer->getDecisionFunction(0, alpha, chosen);
        const cv::Mat vectors = trainer->getSupportVectors();
        for (int i = 0; i < static_cast<int>(alpha.total()); ++i) {
            machine.coefficients.push_back(static_cast<float>(alpha.at<double>(i)));
            const float* const vector = vectors.ptr<float>(chosen.at<int>(i));
            machine.vectors.insert(machine.vectors.end(), vector, vector + rows.columns);
        }
        std::vector<double> decisions;
        std::vector<bool> positive;
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            decisions.push_back(decision_of(machine, rows.row(i), rows.columns));
            positive.push_back(rows.labels[i] == static_cast<int>(c));
        }
        fit_sigmoid(decisions, positive, machine);
    });
}

}  // namespace landseam::segments
