#include "pipeline/class_selection.h"

#include "landseam/segments/overlaps.h"

#include <algorithm>
#include <numeric>

namespace landseam::pipeline {
namespace {

constexpr double tolerated_share = 1.0 / 3;  // of the smaller one's pixels

ClassifiedSegment classify(const StoredClassModel& stored, double threshold, std::size_t segment,
                           const float* probabilities) {
    const auto& classes = stored.model.classes;
    std::vector<std::size_t> order(classes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
    if (!stored.only.empty()) {
        const auto own = static_cast<std::size_t>(std::find(classes.begin(), classes.end(), stored.only) -
                                                  classes.begin());
        const auto at = std::find(order.begin(), order.end(), own);
        if (probabilities[own] >= threshold)
            std::rotate(order.begin(), at, at + 1);
        else if (at == order.begin())
            std::swap(order[0], order[1]);
    }
    return {segment, order[0], order[1], probabilities[order[0]]};
}

}  // namespace

std::vector<std::size_t> best_first(const std::vector<double>& scores) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    return order;
}

std::vector<std::size_t> choose_best(const std::vector<RunMask>& masks,
                                     const std::vector<std::size_t>& order) {
    std::vector<const RunMask*> pointers(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) pointers[rank] = &masks[order[rank]];
    // By rank: the better ones that each shares too much with.
    std::vector<std::vector<std::size_t>> rivals(order.size());
    for (const segments::SharedPixels& pair : segments::shared_pixels(pointers)) {
        const auto smaller =
            static_cast<double>(std::min(pointers[pair.first]->area(), pointers[pair.second]->area()));
        if (static_cast<double>(pair.pixels) > tolerated_share * smaller)
            rivals[pair.second].push_back(pair.first);
    }
    std::vector<bool> taken(order.size());
    std::vector<std::size_t> chosen;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        if (std::any_of(rivals[rank].begin(), rivals[rank].end(),
                        [&](std::size_t better) { return taken[better]; }))
            continue;
        taken[rank] = true;
        chosen.push_back(order[rank]);
    }
    return chosen;
}

std::vector<ClassifiedSegment> choose_segments(const StoredClassModel& model, const ClassifyOptions& options,
                                               const MeasuredLayer& measured,
                                               const std::vector<float>& probabilities) {
    const auto& classes = model.model.classes;
    const double threshold = options.min_probability >= 0 ? options.min_probability
                             : model.only.empty()         ? 0
                                                          : model.threshold;
    std::vector<ClassifiedSegment> all;
    for (std::size_t i = 0; i < measured.masks.size(); ++i) {
        const ClassifiedSegment segment =
            classify(model, threshold, i, probabilities.data() + i * classes.size());
        if (!options.only.empty() &&
            (classes[segment.label] != options.only || segment.probability < threshold))
            continue;
        all.push_back(segment);
    }
    if (options.overlap == "keep") return all;
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return all[a].probability > all[b].probability; });
    std::vector<std::size_t> ranked;
    for (const std::size_t k : order) ranked.push_back(all[k].segment);
    std::vector<bool> kept(measured.masks.size());
    for (const std::size_t i : choose_best(measured.masks, ranked)) kept[i] = true;
    all.erase(
        std::remove_if(all.begin(), all.end(), [&](const ClassifiedSegment& s) { return !kept[s.segment]; }),
        all.end());
    return all;
}

}  // namespace landseam::pipeline
