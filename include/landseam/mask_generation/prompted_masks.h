// Masks of the objects that somebody points at on a picture. No libtorch in this header.
// Source: Kirillov et al., Segment Anything (2023), section 3; segment_anything/predictor.py.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/parallel.h"
#include "landseam/core/polygon.h"
#include "landseam/core/run_mask.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/sam/model.h"

#include <memory>
#include <optional>
#include <vector>

namespace landseam::mask_generation {

// What points at one object: any of points, a box and a rough outline. Coordinates are the picture's along
// pixel edges: its first pixel covers [0, 1] × [0, 1].
struct ObjectPrompt {
    struct PromptPoint {
        Point at;
        bool on_object = true;  // false: beside it
    };
    struct Box {
        double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    };

    std::vector<PromptPoint> points;
    std::optional<Box> box;
    MultiPolygon outline;  // given to the model as its mask prompt; empty: none

    bool empty() const { return points.empty() && !box && outline.empty(); }
    // One point on the object and nothing else: it may mean a part or the whole.
    bool ambiguous() const;
};

struct PromptedMask {
    RunMask mask;                // the picture's pixels; empty where the model finds nothing
    double predicted_iou = 0;    // what the model thinks its IoU with the true object is
    double stability_score = 0;  // as in TileMask, with an offset of 1
};

// Immutable once made: generate() may run on several threads at once.
class PromptedMaskGenerator {
public:
    explicit PromptedMaskGenerator(std::shared_ptr<const sam::Sam> model);

    // One mask a prompt, in their order. An ambiguous prompt gets that of the model's three masks which it
    // rates best; every other one the single mask that the model has for it, unless there is
    // a box and the mask's bounds have an IoU below 0.5 with it: then of all four masks the one that fits it
    // best. Up to fp32 rounding a mask does not depend on the other prompts. The picture is encoded once, and
    // not at all where there is no prompt.
    //
    // `valid`, `parallel_for` and `embeddings` are as in AutomaticMaskGenerator::generate. Throws Error as
    // that does, and for an empty prompt.
    std::vector<PromptedMask> generate(const ImageU8& rgb, const std::vector<ObjectPrompt>& prompts,
                                       const ImageU8* valid = nullptr,
                                       const ParallelFor& parallel_for = serial_for,
                                       sam::EmbeddingCache* embeddings = nullptr) const;

    const sam::ModelInfo& model_info() const { return sam::model_info(*model_); }

private:
    std::shared_ptr<const sam::Sam> model_;
};

}  // namespace landseam::mask_generation
