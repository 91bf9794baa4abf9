// Masks for prompts on one picture (segment_anything/predictor.py). This header shows libtorch's tensors.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/parallel.h"
#include "landseam/core/polygon.h"
#include "landseam/sam/model.h"
#include "landseam/sam/resize.h"

#include <memory>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace landseam::sam {

namespace cpu {
struct DecoderPicture;
}

// Points of one prompt, in picture pixels: (0, 0) is the centre of the upper left pixel, as in the reference.
struct PointPrompts {
    std::vector<Point> coords;
    std::vector<int> labels;  // one a point: 1 on the object, 0 beside it, −1 not a point
};

// Corners of a box in picture pixels, both inclusive.
struct BoxPrompt {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

// Prompts against the picture given to set_image. All const functions may be called from several threads at
// once. No function keeps a gradient. Tensors are fp32 and lie on the model's device.
//
// g is the model's grid (64 in published models), B the number of prompts, n the masks of each: with
// multimask_output the three ambiguous ones (mask tokens 1…), otherwise the single one (mask token 0).
class SamPredictor {
public:
    explicit SamPredictor(std::shared_ptr<const Sam> model);

    const Sam& model() const { return *model_; }

    // Encodes a picture of as many channels as the model has bands (RGB where these are 3), any size from
    // 1 × 1; throws Error where it has another number of channels. On a CPU the work is shared out through
    // `parallel_for`, on which the numbers do not depend.
    void set_image(const ImageU8& rgb, const ParallelFor& parallel_for = serial_for);

    // Takes an embedding [1, C, g, g] made earlier by set_image for a picture of this size.
    void set_image_embedding(at::Tensor embedding, PictureSize picture,
                             const ParallelFor& parallel_for = serial_for);

    at::Tensor image_embedding() const;                    // [1, C, g, g]
    PictureSize picture_size() const { return picture_; }  // of the picture given
    PictureSize input_size() const { return input_; }      // of the same in the model's frame, before padding

    struct Prediction {
        at::Tensor
            low_res_logits;  // [B, n, 4g, 4g], the model's padded square frame; a mask is where it is > 0
        at::Tensor iou_predictions;  // [B, n]
    };

    // One prompt (B = 1), made of points (none: empty), a box and a mask [4g, 4g], [1, 4g, 4g] or [1, 1, 4g,
    // 4g] of low_res_logits.
    Prediction predict(const PointPrompts& points, const std::optional<BoxPrompt>& box = {},
                       const std::optional<at::Tensor>& mask_input = {}, bool multimask_output = true) const;

    // One prompt a point, each a single positive point in picture pixels.
    Prediction predict_points(const std::vector<Point>& points, bool multimask_output = true) const;

    // The first half of predict_points: everything but the masks themselves, which cost more than the rest of
    // the decoder and are wanted for some only.
    struct TokenPrediction {
        at::Tensor iou_predictions;  // [B, n]
        at::Tensor mask_tokens;      // [B, n, C], what predict_masks makes masks of
        at::Tensor image;            // [B, …], for predict_masks: the layout is the decoder's own
        int first_mask = 0;          // mask token of column 0: 1 with multimask_output, otherwise 0
    };
    TokenPrediction predict_tokens(const std::vector<Point>& points, bool multimask_output = true) const;

    // More prompts than these at once cost memory and gain nothing.
    int prompts_at_once() const;

    // Masks of chosen prompts; the same numbers as predict_points up to fp32 rounding.
    struct MaskChoice {
        int prompt = 0;  // row of TokenPrediction
        int mask = 0;    // column of TokenPrediction
    };
    // Returns [chosen.size(), 4g, 4g], in the order of `chosen`.
    at::Tensor predict_masks(const TokenPrediction& tokens, const std::vector<MaskChoice>& chosen) const;

    // Logits [..., 4g, 4g] to the picture's size, [..., height, width]: bilinear to the model's square,
    // padding cut off, bilinear to the picture. The second step copies nothing where the picture has the
    // model's size.
    at::Tensor upscale(const at::Tensor& low_res_logits) const;

private:
    Prediction with_masks(const TokenPrediction& tokens) const;
    TokenPrediction decode(const at::Tensor& sparse, bool multimask_output) const;
    Point to_input_frame(Point picture_point) const;
    void require_image() const;

    std::shared_ptr<const Sam> model_;
    PictureSize picture_;
    PictureSize input_;
    at::Tensor embedding_;
    std::shared_ptr<const cpu::DecoderPicture> decoder_picture_;  // with the model's fast decoder
};

}  // namespace landseam::sam
