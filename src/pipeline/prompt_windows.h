// Prompts answered window by window.
#pragma once

#include "landseam/core/parallel.h"
#include "landseam/core/progress.h"
#include "landseam/mask_generation/prompted_masks.h"
#include "landseam/pipeline/scene_picture.h"
#include "landseam/sam/embedding_cache.h"
#include "landseam/tiling/prompt_window.h"

#include "pipeline/memory_budget.h"
#include "pipeline/prompt_objects.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::pipeline {

struct FoundObject {
    std::string status;    // as prompt_scene writes it, but "kept"
    MultiPolygon outline;  // scene pixels; empty unless status is "ok"
    double predicted_iou = 0;
    double stability_score = 0;
    double scale = 1;  // scene pixels a pixel of the window
    bool touches_edge = false;
};

struct FoundObjects {
    std::vector<FoundObject> objects;  // one a prompt object
    std::int64_t windows = 0;          // encoded, or known
};

// The window's scale that an object begins with: its own size where that is told, else `pointed_at_side`
// (scene pixels; 0: unknown, the scene's own pixels).
double first_scale(const PromptObject& object, int picture_size, double pointed_at_side);

// Where an object pointed at turns out to reach its window's edge, a coarser window is tried. Results do not
// depend on `schedule`, and neither on the other objects.
FoundObjects find_objects(const ScenePicture& scene, const std::vector<PromptObject>& objects,
                          const mask_generation::PromptedMaskGenerator& generator,
                          const PromptOptions& options, const TileSchedule& schedule, Progress& progress,
                          sam::EmbeddingCache* embeddings);

}  // namespace landseam::pipeline
