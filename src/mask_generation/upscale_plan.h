// How the decoder's small logits are brought to the picture's size.
#pragma once

#include "landseam/sam/resize.h"

#include <vector>

namespace landseam::mask_generation {

// The samples of a resized line, each between two neighbours of the line it is made of:
// value = line[first] · (1 − weight) + line[second] · weight, with first ≤ second and 0 ≤ weight < 1. first
// and second never fall from one sample to the next.
struct ResizeTaps {
    std::vector<int> first;
    std::vector<int> second;
    std::vector<float> weight;
};

// A bilinear resize: along the columns of the rows it needs, then between two such rows.
struct ResizeStep {
    ResizeTaps columns;
    ResizeTaps rows;
};

// Of each sample of a line of the picture: the samples [first, last] of the decoder's line it is made of.
struct Footprint {
    std::vector<int> first;
    std::vector<int> last;
};

// The two bilinear steps of the reference (align_corners false): from the decoder's square to the model's
// square, of which `input` is the part that holds the picture, and from there to the picture's size. The
// second is left out where it would copy. Source: segment_anything/modeling/sam.py, postprocess_masks.
struct UpscalePlan {
    // low_res_size and model_size are the sides of the two squares; input lies within the model's.
    UpscalePlan(int low_res_size, int model_size, sam::PictureSize input, sam::PictureSize picture);

    int low_res_size;
    sam::PictureSize picture;
    std::vector<ResizeStep> steps;  // one or two
    Footprint columns;
    Footprint rows;
};

}  // namespace landseam::mask_generation
