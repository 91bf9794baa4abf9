#include "landseam/core/error.h"
#include "landseam/mask_generation/automatic_mask_generator.h"

#include <algorithm>
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

void require_coarse_to_fine(const MaskGeneratorOptions& options) {
    constexpr int widest = 16;
    const int step = options.approximate_coarse_to_fine;
    require(step == 0 || (step >= 2 && step <= widest), "approximate_coarse_to_fine",
            "its value is " + std::to_string(step),
            "give a whole number from 2 to " + std::to_string(widest) + ", or 0 for all points at once");
    require(step == 0 || options.point_grids.empty(), "approximate_coarse_to_fine",
            "it thins a regular grid, and there are point_grids", "leave out one of the two");
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
    require_coarse_to_fine(*this);
    if (point_grids.empty()) {
        require_range(points_per_side, 1, most_points_per_side, "points_per_side");
        require_points_in_every_layer(*this);
    } else {
        require_grids(*this);
    }
}

int points_per_side_for_objects(double object_size, double tile_size) {
    const double points = std::max(1.0, std::ceil(2 * tile_size / object_size));
    require(points <= most_points_per_side, "object_size",
            "a tile would need more than " + std::to_string(most_points_per_side) + " points a side",
            "give larger objects or smaller tiles");
    return static_cast<int>(points);
}

}  // namespace landseam::mask_generation
