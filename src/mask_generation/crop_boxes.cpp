#include "mask_generation/crop_boxes.h"

#include <algorithm>
#include <cstdlib>

namespace landseam::mask_generation {
namespace {

// The length of each of n crops that overlap by `overlap` and together cover `length`.
int crop_length(int length, int n, int overlap) {
    const std::int64_t total = static_cast<std::int64_t>(overlap) * (n - 1) + length;
    return static_cast<int>((total + n - 1) / n);
}

bool is_cut(std::int64_t side, std::int64_t crop_side, std::int64_t picture_side) {
    constexpr std::int64_t tolerance = 20;
    return std::abs(side - crop_side) <= tolerance && std::abs(side - picture_side) > tolerance;
}

}  // namespace

std::vector<Crop> generate_crop_boxes(int width, int height, int n_layers, double overlap_ratio) {
    const PixelBox picture{0, 0, width, height};
    std::vector<Crop> crops{{picture, 0}};
    for (int layer = 1; layer <= n_layers; ++layer) {
        const int n = 1 << layer;
        const int overlap = static_cast<int>(overlap_ratio * std::min(width, height) * (2.0 / n));
        const int crop_width = crop_length(width, n, overlap), crop_height = crop_length(height, n, overlap);
        for (int i = 0; i < n; ++i) {
            for (int j = 0; j < n; ++j) {
                const PixelBox box{static_cast<std::int64_t>(crop_width - overlap) * i,
                                   static_cast<std::int64_t>(crop_height - overlap) * j, crop_width,
                                   crop_height};
                const PixelBox inside = intersection(box, picture);
                if (!inside.empty()) crops.push_back({inside, layer});
            }
        }
    }
    return crops;
}

bool is_box_near_crop_edge(const IndexBox& box, const PixelBox& crop, int width, int height) {
    return is_cut(box.x0, crop.x, 0) || is_cut(box.y0, crop.y, 0) || is_cut(box.x1, crop.right(), width) ||
           is_cut(box.y1, crop.bottom(), height);
}

}  // namespace landseam::mask_generation
