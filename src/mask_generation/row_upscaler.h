// The decoder's small logits at the picture's size, one row at a time.
#pragma once

#include "landseam/sam/resize.h"

#include <functional>
#include <vector>

namespace landseam::mask_generation {

// The two bilinear steps of the reference (align_corners false): from the decoder's square to the model's
// square, of which `input` is the part that holds the picture, and from there to the picture's size. Only a
// few rows exist at any time: a mask at the picture's size costs more to write and read back than to compute.
// Agrees with sam::SamPredictor::upscale up to fp32 rounding. Source: segment_anything/modeling/sam.py,
// postprocess_masks. Immutable once made.
class RowUpscaler {
public:
    // low_res_size and model_size are the sides of the two squares; input lies within the model's.
    RowUpscaler(int low_res_size, int model_size, sam::PictureSize input, sam::PictureSize picture);

    // Calls emit(y, row) for each row of the picture from top to bottom; a row holds picture.width values and
    // lives until emit returns. `logits` are low_res_size² values, row by row.
    void for_each_row(const float* logits, const std::function<void(int, const float*)>& emit) const;

private:
    // A sample between two neighbours of a line: first · (1 − weight) + second · weight.
    struct Tap {
        int first;
        int second;
        float weight;
    };
    struct Step {
        std::vector<Tap> columns;
        std::vector<Tap> rows;
    };
    class Stage;

    static std::vector<Tap> taps(int from, int to, int wanted);

    int low_res_size_;
    bool picture_is_input_;
    Step to_model_;
    Step to_picture_;
};

}  // namespace landseam::mask_generation
