#include "generator_options.h"

#include <string>

namespace landseam::apps {

void add_generator_options(CLI::App& command, mask_generation::MaskGeneratorOptions& g,
                           std::optional<double>& pred_iou_thresh,
                           std::optional<double>& stability_score_thresh) {
    const std::string group = generator_group;
    command.add_option("--points-per-side", g.points_per_side, "Prompts along each side of a tile")
        ->group(group);
    command
        .add_option("--points-per-batch", g.points_per_batch,
                    "Prompts decoded together; affects speed and memory only")
        ->group(group);
    command
        .add_option("--pred-iou-thresh", pred_iou_thresh,
                    "Keep masks whose predicted IoU is above this [what suits the checkpoint; 0.88 for "
                    "published ones]")
        ->group(group);
    command
        .add_option("--stability-score-thresh", stability_score_thresh,
                    "Keep masks at least this stable [what suits the checkpoint; 0.95 for published ones]")
        ->group(group);
    command
        .add_option("--stability-score-offset", g.stability_score_offset,
                    "Shift of the cutoff that stability is measured with")
        ->group(group);
    command
        .add_option("--box-nms-thresh", g.box_nms_thresh,
                    "Box IoU above which the worse of two masks is dropped")
        ->group(group);
    command.add_option("--crop-n-layers", g.crop_n_layers, "Layers of ever smaller crops to segment as well")
        ->group(group);
    command.add_option("--crop-nms-thresh", g.crop_nms_thresh, "Box NMS between crops")->group(group);
    command
        .add_option("--crop-overlap-ratio", g.crop_overlap_ratio,
                    "Overlap of crops, as a share of the tile's shorter side")
        ->group(group);
    command
        .add_option("--crop-n-points-downscale-factor", g.crop_n_points_downscale_factor,
                    "Points a side shrink by this with each layer")
        ->group(group);
    command
        .add_option("--coarse-to-fine", g.approximate_coarse_to_fine,
                    "Approximate, loses masks; 0: off. Prompt every n-th point a side first (2 to 16), then "
                    "only points "
                    "outside the stable masks found")
        ->group(group);
    command
        .add_option("--min-mask-region-area", g.min_mask_region_area,
                    "Remove holes and islands smaller than this many pixels")
        ->group(group);
}

}  // namespace landseam::apps
