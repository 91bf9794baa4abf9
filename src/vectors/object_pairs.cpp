#include "vectors/object_pairs.h"

#include "landseam/vectors/simplify.h"

#include "vectors/geometry_index.h"

#include <algorithm>
#include <numeric>

namespace landseam::vectors {

Shapes prepare(const Geos& geos, const std::vector<EvaluatedObject>& objects) {
    Shapes shapes;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const bool valid = is_valid(objects[i].geometry);
        // Overlapping parts make a MultiPolygon invalid, so the repair dissolves them too.
        Geometry geometry = geos.to_geos(valid ? objects[i].geometry : make_valid(objects[i].geometry));
        const double area = geos.area(geometry.get());
        if (area > 0) {
            shapes.invalid += !valid;
            shapes.all.push_back({i, &objects[i], std::move(geometry), area});
        } else {
            ++shapes.empty;
        }
    }
    return shapes;
}

Overlaps find_overlaps(const Geos& geos, const std::vector<Shape>& predicted,
                       const std::vector<Shape>& truth) {
    std::vector<const GEOSGeometry*> all;
    for (const Shape& shape : truth) all.push_back(shape.geometry.get());
    const GeometryIndex index(geos, all);
    Overlaps overlaps(predicted.size());
    for (std::size_t i = 0; i < predicted.size(); ++i)
        for (const std::size_t t : index.near(predicted[i].geometry.get())) {
            const Geometry common = geos.checked(
                GEOSIntersection_r(geos.handle(), predicted[i].geometry.get(), truth[t].geometry.get()),
                "an intersection");
            const double shared = geos.area(common.get());
            if (shared > 0)
                overlaps[i].push_back({t, shared, shared / (predicted[i].area + truth[t].area - shared)});
        }
    return overlaps;
}

Overlaps of_one_class(const Overlaps& overlaps, const std::vector<Shape>& predicted,
                      const std::vector<Shape>& truth) {
    Overlaps kept(overlaps.size());
    for (std::size_t i = 0; i < overlaps.size(); ++i)
        for (const Overlap& overlap : overlaps[i])
            if (predicted[i].object->class_name == truth[overlap.truth].object->class_name)
                kept[i].push_back(overlap);
    return kept;
}

std::vector<std::size_t> by_score(const std::vector<Shape>& predicted) {
    std::vector<std::size_t> order(predicted.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return predicted[a].object->score > predicted[b].object->score;
    });
    return order;
}

std::vector<std::size_t> match(const std::vector<std::size_t>& order, const Overlaps& overlaps,
                               std::size_t truth_count, double iou_threshold) {
    std::vector<std::size_t> matches(overlaps.size(), unmatched);
    std::vector<bool> taken(truth_count, false);
    for (const std::size_t i : order) {
        const Overlap* best = nullptr;
        for (const Overlap& overlap : overlaps[i])
            if (!taken[overlap.truth] && (!best || overlap.iou > best->iou)) best = &overlap;
        if (!best || best->iou < iou_threshold) continue;
        taken[best->truth] = true;
        matches[i] = best->truth;
    }
    return matches;
}

double average_precision(const std::vector<std::size_t>& order, const std::vector<std::size_t>& matches,
                         std::size_t truth_count) {
    constexpr int samples = 101;
    std::vector<double> precision, recall;
    double hits = 0;
    for (std::size_t n = 0; n < order.size(); ++n) {
        hits += matches[order[n]] != unmatched;
        precision.push_back(hits / static_cast<double>(n + 1));
        recall.push_back(truth_count ? hits / static_cast<double>(truth_count) : 0);
    }
    // The best precision at this recall or any higher one.
    for (std::size_t n = precision.size(); n-- > 1;)
        precision[n - 1] = std::max(precision[n - 1], precision[n]);
    double sum = 0;
    for (int sample = 0; sample < samples; ++sample) {
        const auto reached = std::lower_bound(recall.begin(), recall.end(), sample / (samples - 1.0));
        if (reached != recall.end()) sum += precision[static_cast<std::size_t>(reached - recall.begin())];
    }
    return sum / samples;
}

}  // namespace landseam::vectors
