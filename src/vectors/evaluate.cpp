#include "landseam/vectors/evaluate.h"

#include "landseam/core/error.h"

#include "vectors/object_pairs.h"
#include "vectors/outline_scores.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace landseam::vectors {
namespace {

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}
double ratio(std::int64_t part, std::int64_t whole) {
    return ratio(static_cast<double>(part), static_cast<double>(whole));
}
double harmonic_mean(double a, double b) {
    return ratio(2 * a * b, a + b);
}

// The two layers, and what they have in common.
struct Comparison {
    Comparison(const std::vector<EvaluatedObject>& predicted, const std::vector<EvaluatedObject>& truth,
               const ScoreOptions& given)
        : options(given), guesses(prepare(geos, predicted)), facts(prepare(geos, truth)) {
        all_overlaps = find_overlaps(geos, guesses.all, facts.all);
        overlaps = options.match_classes ? of_one_class(all_overlaps, guesses.all, facts.all) : all_overlaps;
        order = by_score(guesses.all);
        matches = match(order, overlaps, facts.all.size(), options.iou_threshold);
    }

    Geos geos;
    const ScoreOptions& options;
    Shapes guesses;
    Shapes facts;
    Overlaps all_overlaps;
    Overlaps overlaps;  // of those that may match
    std::vector<std::size_t> order;
    std::vector<std::size_t> matches;
};

// Of each true object the best IoU of any prediction, and the shares that it leaves out and covers in vain.
struct BestFit {
    double iou = 0;
    double left_out = 0;
    double elsewhere = 0;
};

std::vector<BestFit> best_fits(const Comparison& c) {
    std::vector<BestFit> fits(c.facts.all.size());
    for (std::size_t i = 0; i < c.overlaps.size(); ++i)
        for (const Overlap& overlap : c.overlaps[i])
            if (BestFit& fit = fits[overlap.truth]; overlap.iou > fit.iou)
                fit = {overlap.iou, 1 - overlap.shared / c.facts.all[overlap.truth].area,
                       1 - overlap.shared / c.guesses.all[i].area};
    return fits;
}

void score_best_fits(const Comparison& c, Scores& scores) {
    const std::vector<BestFit> fits = best_fits(c);
    std::int64_t overlapped = 0;
    for (std::size_t i = 0; i < fits.size(); ++i) {
        ClassScores& of_class = scores.per_class[c.facts.all[i].object->class_name];
        ++of_class.true_objects;
        of_class.mean_best_iou += fits[i].iou;
        of_class.share_best_iou_50 += fits[i].iou >= 0.5;
        scores.mean_best_iou += fits[i].iou;
        scores.share_best_iou_50 += fits[i].iou >= 0.5;
        overlapped += fits[i].iou > 0;
        scores.over_segmentation += fits[i].left_out;
        scores.under_segmentation += fits[i].elsewhere;
    }
    const auto count = static_cast<double>(fits.size());
    scores.mean_best_iou = ratio(scores.mean_best_iou, count);
    scores.share_best_iou_50 = ratio(scores.share_best_iou_50, count);
    scores.over_segmentation = ratio(scores.over_segmentation, static_cast<double>(overlapped));
    scores.under_segmentation = ratio(scores.under_segmentation, static_cast<double>(overlapped));
    for (auto& [name, of_class] : scores.per_class) {
        const auto objects = static_cast<double>(of_class.true_objects);
        of_class.mean_best_iou = ratio(of_class.mean_best_iou, objects);
        of_class.share_best_iou_50 = ratio(of_class.share_best_iou_50, objects);
    }
}

void score_matches(const Comparison& c, Scores& scores) {
    for (std::size_t i = 0; i < c.guesses.all.size(); ++i) {
        if (c.options.match_classes)
            ++scores.per_class[c.guesses.all[i].object->class_name].predicted_objects;
        if (c.matches[i] == unmatched) continue;
        const Shape& fact = c.facts.all[c.matches[i]];
        ++scores.true_positives;
        ++scores.per_class[fact.object->class_name].found;
        scores.predicted_matched[c.guesses.all[i].index] = true;
        scores.true_matched[fact.index] = true;
    }
    scores.false_positives = scores.predicted_objects - scores.true_positives;
    scores.false_negatives = scores.true_objects - scores.true_positives;
    scores.precision = ratio(scores.true_positives, scores.predicted_objects);
    scores.recall = ratio(scores.true_positives, scores.true_objects);
    scores.f1 = harmonic_mean(scores.precision, scores.recall);
    for (auto& [name, of_class] : scores.per_class) {
        of_class.recall = ratio(of_class.found, of_class.true_objects);
        of_class.precision = ratio(of_class.found, of_class.predicted_objects);
        of_class.f1 = harmonic_mean(of_class.precision, of_class.recall);
    }
}

std::vector<std::size_t> of_class(const std::vector<std::size_t>& order, const std::vector<Shape>& shapes,
                                  const std::string& name) {
    std::vector<std::size_t> kept;
    for (const std::size_t i : order)
        if (shapes[i].object->class_name == name) kept.push_back(i);
    return kept;
}

void score_average_precision(const Comparison& c, Scores& scores) {
    constexpr int thresholds = 10;
    for (int step = 0; step < thresholds; ++step) {
        const double threshold = 0.5 + 0.05 * step;
        const auto matches = match(c.order, c.overlaps, c.facts.all.size(), threshold);
        double precision = 0;
        if (c.options.match_classes) {
            std::int64_t classes = 0;
            for (auto& [name, of_one] : scores.per_class) {
                if (of_one.true_objects == 0) continue;
                const double of_this = average_precision(of_class(c.order, c.guesses.all, name), matches,
                                                         static_cast<std::size_t>(of_one.true_objects));
                of_one.average_precision += of_this / thresholds;
                precision += of_this;
                ++classes;
            }
            precision = ratio(precision, static_cast<double>(classes));
        } else {
            precision = average_precision(c.order, matches, c.facts.all.size());
        }
        scores.average_precision += precision / thresholds;
        if (step == 0) scores.average_precision_50 = precision;
        if (step == 5) scores.average_precision_75 = precision;
    }
}

double pixel_iou(const Geos& geos, const std::vector<const Shape*>& a, const std::vector<const Shape*>& b) {
    std::vector<const Shape*> both = a;
    both.insert(both.end(), b.begin(), b.end());
    const double united = covered_area(geos, both);
    return ratio(covered_area(geos, a) + covered_area(geos, b) - united, united);
}

void score_ground(const Comparison& c, Scores& scores) {
    std::map<std::string, std::vector<const Shape*>> guesses, facts;
    std::vector<const Shape*> all_guesses, all_facts;
    for (const Shape& shape : c.guesses.all) {
        all_guesses.push_back(&shape);
        guesses[shape.object->class_name].push_back(&shape);
    }
    for (const Shape& shape : c.facts.all) {
        all_facts.push_back(&shape);
        facts[shape.object->class_name].push_back(&shape);
    }
    scores.pixel_iou = pixel_iou(c.geos, all_guesses, all_facts);
    if (!c.options.match_classes) return;
    for (auto& [name, of_one] : scores.per_class)
        of_one.pixel_iou = pixel_iou(c.geos, guesses[name], facts[name]);
}

void score_classes(const Comparison& c, Scores& scores) {
    std::map<std::string, double> of_truth, of_guess;
    double total = 0, right = 0;
    for (std::size_t i = 0; i < c.all_overlaps.size(); ++i)
        for (const Overlap& overlap : c.all_overlaps[i]) {
            const std::string& fact = c.facts.all[overlap.truth].object->class_name;
            const std::string& guess = c.guesses.all[i].object->class_name;
            scores.common_area[{fact, guess}] += overlap.shared;
            of_truth[fact] += overlap.shared;
            of_guess[guess] += overlap.shared;
            total += overlap.shared;
            if (fact == guess) right += overlap.shared;
        }
    scores.overall_accuracy = ratio(right, total);
    double by_chance = 0;
    for (const auto& [name, area] : of_truth) by_chance += ratio(area, total) * ratio(of_guess[name], total);
    scores.kappa = ratio(scores.overall_accuracy - by_chance, 1 - by_chance);
}

double chosen_boundary_width(const Comparison& c) {
    if (c.options.boundary_width > 0 || c.facts.all.empty()) return c.options.boundary_width;
    std::vector<double> areas;
    for (const Shape& shape : c.facts.all) areas.push_back(shape.area);
    std::nth_element(areas.begin(), areas.begin() + static_cast<std::ptrdiff_t>(areas.size() / 2),
                     areas.end());
    return std::sqrt(areas[areas.size() / 2]) / 20;
}

}  // namespace

void ScoreOptions::validate() const {
    if (!(iou_threshold > 0 && iou_threshold <= 1))
        throw Error("", "an IoU threshold of " + std::to_string(iou_threshold) + " makes no sense",
                    "give a number above 0 and up to 1", ErrorKind::usage);
    if (!(boundary_width >= 0) || std::isinf(boundary_width))
        throw Error("", "a boundary of the width " + std::to_string(boundary_width) + " makes no sense",
                    "give a distance above 0, or 0 to have it chosen", ErrorKind::usage);
}

Scores evaluate(const std::vector<EvaluatedObject>& predicted, const std::vector<EvaluatedObject>& truth,
                const ScoreOptions& options) {
    options.validate();
    for (const EvaluatedObject& object : predicted)
        if (std::isnan(object.score)) throw Error("", "a prediction's score is not a number");
    const Comparison comparison(predicted, truth, options);
    Scores scores;
    scores.predicted_objects = static_cast<std::int64_t>(comparison.guesses.all.size());
    scores.true_objects = static_cast<std::int64_t>(comparison.facts.all.size());
    scores.invalid_predicted = comparison.guesses.invalid;
    scores.invalid_true = comparison.facts.invalid;
    scores.empty_predicted = comparison.guesses.empty;
    scores.empty_true = comparison.facts.empty;
    scores.predicted_matched.assign(predicted.size(), false);
    scores.true_matched.assign(truth.size(), false);
    score_best_fits(comparison, scores);
    score_matches(comparison, scores);
    score_average_precision(comparison, scores);
    score_ground(comparison, scores);
    if (options.match_classes) score_classes(comparison, scores);
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < comparison.matches.size(); ++i)
        if (comparison.matches[i] != unmatched)
            pairs.emplace_back(&comparison.guesses.all[i], &comparison.facts.all[comparison.matches[i]]);
    scores.outlines = score_outlines(comparison.geos, pairs, chosen_boundary_width(comparison));
    return scores;
}

}  // namespace landseam::vectors
