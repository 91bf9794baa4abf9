// Non-maximum suppression of boxes.
#pragma once

#include "landseam/core/pixel_box.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace landseam::mask_generation {

// A box as the reference has it: its first and last column and row. Its width and area are therefore those
// between the centres of its outer pixels: a box one pixel wide has area 0.
struct IndexBox {
    std::int64_t x0 = 0;
    std::int64_t y0 = 0;
    std::int64_t x1 = 0;
    std::int64_t y1 = 0;

    std::int64_t area() const { return (x1 - x0) * (y1 - y0); }
    friend bool operator==(const IndexBox& a, const IndexBox& b) {
        return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
    }
};

// Of a TileMask's bbox, whose width and height are last − first as well.
inline IndexBox index_box(const PixelBox& bbox) {
    return {bbox.x, bbox.y, bbox.right(), bbox.bottom()};
}

// The indices of the boxes that stay, by falling score, equal scores in the given order. A box goes if its
// intersection over union with a better one that stays is strictly greater than the threshold. No score is
// NaN. Source: torchvision.ops.batched_nms with one category.
std::vector<std::size_t> box_nms(const std::vector<IndexBox>& boxes, const std::vector<float>& scores,
                                 double iou_threshold);

}  // namespace landseam::mask_generation
