#include "mask_generation/box_nms.h"

#include <algorithm>
#include <numeric>

namespace landseam::mask_generation {
namespace {

// In single precision, as in the reference, so that a threshold such as 0.7 falls on the same side.
float box_iou(const IndexBox& a, const IndexBox& b) {
    const std::int64_t width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
    const std::int64_t height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
    if (width <= 0 || height <= 0) return 0;
    const std::int64_t common = width * height;
    return static_cast<float>(common) / static_cast<float>(a.area() + b.area() - common);
}

}  // namespace

std::vector<std::size_t> box_nms(const std::vector<IndexBox>& boxes, const std::vector<float>& scores,
                                 double iou_threshold) {
    std::vector<std::size_t> order(boxes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    std::vector<std::size_t> kept;
    for (const std::size_t candidate : order) {
        const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](std::size_t better) {
            return box_iou(boxes[better], boxes[candidate]) > iou_threshold;
        });
        if (!suppressed) kept.push_back(candidate);
    }
    return kept;
}

}  // namespace landseam::mask_generation
