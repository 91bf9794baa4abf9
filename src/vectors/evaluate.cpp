#include "landseam/vectors/evaluate.h"

#include "landseam/core/error.h"
#include "landseam/vectors/simplify.h"

#include "vectors/geos.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace landseam::vectors {
namespace {

// An object as it is compared.
struct Shape {
    const EvaluatedObject* object = nullptr;
    Geometry geometry;
    double area = 0;
};

struct Shapes {
    std::vector<Shape> all;  // those with an area
    std::int64_t invalid = 0;
    std::int64_t empty = 0;
};

Shapes prepare(const Geos& geos, const std::vector<EvaluatedObject>& objects) {
    Shapes shapes;
    for (const EvaluatedObject& object : objects) {
        const bool valid = is_valid(object.geometry);
        // Overlapping parts make a MultiPolygon invalid, so the repair dissolves them too.
        Geometry geometry = geos.to_geos(valid ? object.geometry : make_valid(object.geometry));
        const double area = geos.area(geometry.get());
        if (area > 0) {
            shapes.invalid += !valid;
            shapes.all.push_back({&object, std::move(geometry), area});
        } else {
            ++shapes.empty;
        }
    }
    return shapes;
}

struct Overlap {
    std::size_t truth = 0;
    double iou = 0;
};

// For every prediction the true objects that it overlaps, in their order.
std::vector<std::vector<Overlap>> find_overlaps(const Geos& geos, const std::vector<Shape>& predicted,
                                                const std::vector<Shape>& truth) {
    const GEOSContextHandle_t handle = geos.handle();
    const std::unique_ptr<GEOSSTRtree, std::function<void(GEOSSTRtree*)>> tree(
        GEOSSTRtree_create_r(handle, 10), [handle](GEOSSTRtree* t) { GEOSSTRtree_destroy_r(handle, t); });
    std::vector<std::size_t> indices(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        indices[i] = i;
        GEOSSTRtree_insert_r(handle, tree.get(), truth[i].geometry.get(), &indices[i]);
    }
    std::vector<std::vector<Overlap>> overlaps(predicted.size());
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        std::vector<std::size_t> near;
        GEOSSTRtree_query_r(
            handle, tree.get(), predicted[i].geometry.get(),
            [](void* item, void* found) {
                static_cast<std::vector<std::size_t>*>(found)->push_back(*static_cast<std::size_t*>(item));
            },
            &near);
        std::sort(near.begin(), near.end());
        for (const std::size_t t : near) {
            const Geometry common =
                geos.checked(GEOSIntersection_r(handle, predicted[i].geometry.get(), truth[t].geometry.get()),
                             "an intersection");
            const double shared = geos.area(common.get());
            if (shared > 0) overlaps[i].push_back({t, shared / (predicted[i].area + truth[t].area - shared)});
        }
    }
    return overlaps;
}

// Which true objects are found, one to one.
std::vector<bool> match(const std::vector<Shape>& predicted, std::size_t truth_count,
                        const std::vector<std::vector<Overlap>>& overlaps, double iou_threshold) {
    std::vector<std::size_t> order(predicted.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return predicted[a].object->score > predicted[b].object->score;
    });
    std::vector<bool> taken(truth_count, false);
    for (const std::size_t i : order) {
        const Overlap* best = nullptr;
        for (const Overlap& overlap : overlaps[i])
            if (!taken[overlap.truth] && (!best || overlap.iou > best->iou)) best = &overlap;
        if (best && best->iou >= iou_threshold) taken[best->truth] = true;
    }
    return taken;
}

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

}  // namespace

Scores evaluate(const std::vector<EvaluatedObject>& predicted, const std::vector<EvaluatedObject>& truth,
                double iou_threshold) {
    if (!(iou_threshold > 0 && iou_threshold <= 1))
        throw Error("", "an IoU threshold of " + std::to_string(iou_threshold) + " makes no sense",
                    "give a number above 0 and up to 1", ErrorKind::usage);
    for (const EvaluatedObject& object : predicted)
        if (std::isnan(object.score)) throw Error("", "a prediction's score is not a number");
    const Geos geos;
    const Shapes guesses = prepare(geos, predicted), facts = prepare(geos, truth);
    const auto overlaps = find_overlaps(geos, guesses.all, facts.all);
    const std::vector<bool> found = match(guesses.all, facts.all.size(), overlaps, iou_threshold);
    std::vector<double> best_iou(facts.all.size(), 0);
    for (const std::vector<Overlap>& of_one : overlaps)
        for (const Overlap& overlap : of_one)
            best_iou[overlap.truth] = std::max(best_iou[overlap.truth], overlap.iou);

    Scores scores;
    scores.predicted_objects = static_cast<std::int64_t>(guesses.all.size());
    scores.true_objects = static_cast<std::int64_t>(facts.all.size());
    scores.invalid_predicted = guesses.invalid;
    scores.invalid_true = facts.invalid;
    scores.empty_predicted = guesses.empty;
    scores.empty_true = facts.empty;
    for (std::size_t i = 0; i < facts.all.size(); ++i) {
        ClassScores& of_class = scores.per_class[facts.all[i].object->class_name];
        ++of_class.true_objects;
        of_class.found += found[i];
        of_class.mean_best_iou += best_iou[i];
        of_class.share_best_iou_50 += best_iou[i] >= 0.5;
        scores.true_positives += found[i];
        scores.mean_best_iou += best_iou[i];
        scores.share_best_iou_50 += best_iou[i] >= 0.5;
    }
    for (auto& [name, of_class] : scores.per_class) {
        const auto count = static_cast<double>(of_class.true_objects);
        of_class.recall = ratio(static_cast<double>(of_class.found), count);
        of_class.mean_best_iou = ratio(of_class.mean_best_iou, count);
        of_class.share_best_iou_50 = ratio(of_class.share_best_iou_50, count);
    }
    const auto hits = static_cast<double>(scores.true_positives);
    const auto guess_count = static_cast<double>(scores.predicted_objects);
    const auto fact_count = static_cast<double>(scores.true_objects);
    scores.mean_best_iou = ratio(scores.mean_best_iou, fact_count);
    scores.share_best_iou_50 = ratio(scores.share_best_iou_50, fact_count);
    scores.false_positives = scores.predicted_objects - scores.true_positives;
    scores.false_negatives = scores.true_objects - scores.true_positives;
    scores.precision = ratio(hits, guess_count);
    scores.recall = ratio(hits, fact_count);
    scores.f1 = ratio(2 * scores.precision * scores.recall, scores.precision + scores.recall);
    return scores;
}

}  // namespace landseam::vectors
