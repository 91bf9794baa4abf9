// All masks of a picture: a grid of point prompts, filtered and freed of duplicates.
// Source: Kirillov et al., Segment Anything (2023), appendix B; segment_anything/automatic_mask_generator.py.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/parallel.h"
#include "landseam/core/polygon.h"
#include "landseam/core/tile_mask.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/sam/model.h"

#include <memory>
#include <vector>

namespace landseam::mask_generation {

// The parameters of the reference's SamAutomaticMaskGenerator, under its names and with its defaults.
struct MaskGeneratorOptions {
    int points_per_side = 32;       // prompts along each side of the picture; their number is its square
    // Prompts decoded together, at most: a CPU takes fewer where more gain nothing. Changes speed and memory
    // only.
    int points_per_batch = 64;
    double pred_iou_thresh = 0.88;  // masks need a predicted IoU above this; 0 turns the filter off
    // Masks need at least this stability: pixels that stay in when the threshold on the logits rises by the
    // offset, over those that are in when it falls by it. 0 turns the filter off.
    double stability_score_thresh = 0.95;
    double stability_score_offset = 1.0;
    double box_nms_thresh = 0.7;   // of two masks of a crop with a box IoU above this the worse goes
    int crop_n_layers = 0;         // layer i cuts the picture into (2^i)² further crops
    double crop_nms_thresh = 0.7;  // as box_nms_thresh, between crops; the smaller crop wins
    double crop_overlap_ratio = 512.0 / 1500;  // of the first layer's crops, in parts of the shorter side
    int crop_n_points_downscale_factor = 1;    // layer i has points_per_side / factor^i points a side
    // Prompts of one's own instead of points_per_side, in fractions of the crop's width and height: one grid
    // for the picture and one for each crop layer. Empty: points_per_side holds.
    std::vector<std::vector<Point>> point_grids;
    int min_mask_region_area = 0;  // holes and islands of fewer pixels go; 0 leaves masks as they are

    // Approximate; 0: off. Every n-th point of a grid along each side is prompted first, and of the others
    // only those that lie in no mask found by then whose stability is in the upper half of what is accepted.
    // Of the masks of a full run (32² points) that a run with 2 or 4 finds again with an IoU of 0.9, against
    // the share of prompts it takes: embedded model, sample scene 85 % with 89 % and 93 % with 87 %; the
    // tests' small ViT 41 % with 40 % and 32 % with 26 %; their small TinyViT 80 % with 84 % and 70 % with 76
    // %. After Shu et al., TinySAM (2023), hierarchical segmenting of everything. Not with point_grids.
    int approximate_coarse_to_fine = 0;

    // Throws Error (usage) naming the first option that makes no sense.
    void validate() const;
};

// The fewest points a side that lie at most half of `object_size` apart on a tile of `tile_size` (both above
// 0, in the same unit), so that at least one falls on every object about that wide. Throws Error (usage) if
// those are more than an option may ask for.
int points_per_side_for_objects(double object_size, double tile_size);

// Immutable once made: generate() may run on several threads at once.
class AutomaticMaskGenerator {
public:
    // Throws Error (usage) if the options make no sense.
    AutomaticMaskGenerator(std::shared_ptr<const sam::Sam> model, MaskGeneratorOptions options);

    // The masks of `rgb` (RGB, or the bands of the model) in its pixels, never an empty one. Their order is
    // the reference's: without crops by falling predicted IoU; with crops, smaller crops first; with
    // min_mask_region_area, masks that needed no repair first.
    //
    // `valid`, if given, is 1 where the picture holds data, else 0: no prompt lands on the rest, and the
    // masks and their stability are taken over valid pixels alone. A picture without valid pixels is not even
    // encoded.
    //
    // The encoder's work and the prompt batches of a crop go through `parallel_for`; the result does not
    // depend on it.
    //
    // With `embeddings`, pictures (crops too) that it knows are not encoded again; masks then come from
    // embeddings rounded to fp16, whether known or new.
    //
    // Throws Error if the picture has no pixels or not as many channels as the model takes, or `valid` is not
    // one channel of the same size.
    std::vector<TileMask> generate(const ImageU8& rgb, const ImageU8* valid = nullptr,
                                   const ParallelFor& parallel_for = serial_for,
                                   sam::EmbeddingCache* embeddings = nullptr) const;

    const MaskGeneratorOptions& options() const { return options_; }

private:
    std::shared_ptr<const sam::Sam> model_;
    MaskGeneratorOptions options_;
};

}  // namespace landseam::mask_generation
