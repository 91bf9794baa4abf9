#include "landseam/core/error.h"
#include "landseam/mask_generation/automatic_mask_generator.h"

#include <cmath>
#include <string>

namespace landseam::mask_generation {
namespace {

// Limits that no sensible request reaches, so that a slip of the keyboard is told from a day of work.
constexpr int most_points_per_side = 1024;
constexpr int most_crop_layers = 8;

void require(bool holds, const char* option, const std::string& cause, const std::string& remedy) {
    if (!holds) throw Error(option, cause, remedy, ErrorKind::usage);
}

void require_range(double value, double lowest, double highest, const char* option) {
    // Written so that NaN fails.
    require(value >= lowest && value <= highest, option, "its value is " + std::to_string(value),
            "give a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
}

void require_range(int value, int lowest, int highest, const char* option) {
    require(value >= lowest && value <= highest, option, "its value is " + std::to_string(value),
            "give a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
}

void require_at_least(int value, int lowest, const char* option) {
    require(value >= lowest, option, "its value is " + std::to_string(value),
            "give a whole number of at least " + std::to_string(lowest));
}

void require_points_in_every_layer(const MaskGeneratorOptions& options) {
    int side = options.points_per_side;
    for (int layer = 1; layer <= options.crop_n_layers; ++layer)
        side /= options.crop_n_points_downscale_factor;
    require(side >= 1, "crop_n_points_downscale_factor",
            "it leaves no point in the last of " + std::to_string(options.crop_n_layers) + " crop layers",
            "give a smaller factor, fewer crop layers or more points_per_side");
}

void require_grids(const MaskGeneratorOptions& options) {
    const std::size_t wanted = static_cast<std::size_t>(options.crop_n_layers) + 1;
    require(options.point_grids.size() == wanted, "point_grids",
            "there are " + std::to_string(options.point_grids.size()) + " grids for the picture and " +
                std::to_string(options.crop_n_layers) + " crop layers",
            "give " + std::to_string(wanted));
    for (const std::vector<Point>& grid : options.point_grids)
        for (const Point& point : grid)
            require(point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1, "point_grids",
                    "a point lies outside the picture",
                    "give fractions of its width and height, from 0 to 1");
}

}  // namespace

void MaskGeneratorOptions::validate() const {
    require_at_least(points_per_batch, 1, "points_per_batch");
    require_range(pred_iou_thresh, 0.0, 1.0, "pred_iou_thresh");
    require_range(stability_score_thresh, 0.0, 1.0, "stability_score_thresh");
    require(std::isfinite(stability_score_offset) && stability_score_offset >= 0, "stability_score_offset",
            "its value is " + std::to_string(stability_score_offset), "give a number of at least 0");
    require_range(box_nms_thresh, 0.0, 1.0, "box_nms_thresh");
    require_range(crop_n_layers, 0, most_crop_layers, "crop_n_layers");
    require_range(crop_nms_thresh, 0.0, 1.0, "crop_nms_thresh");
    require_range(crop_overlap_ratio, 0.0, 1.0, "crop_overlap_ratio");
    require_at_least(crop_n_points_downscale_factor, 1, "crop_n_points_downscale_factor");
    require_at_least(min_mask_region_area, 0, "min_mask_region_area");
    if (point_grids.empty()) {
        require_range(points_per_side, 1, most_points_per_side, "points_per_side");
        require_points_in_every_layer(*this);
    } else {
        require_grids(*this);
    }
}

}  // namespace landseam::mask_generation
