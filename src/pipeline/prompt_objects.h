// The objects that prompts speak of, on a scene's pixels.
#pragma once

#include "landseam/mask_generation/prompted_masks.h"
#include "landseam/output/layer_sink.h"
#include "landseam/pipeline/prompt_scene.h"
#include "landseam/raster/scene_info.h"

#include <cstdint>
#include <vector>

namespace landseam::pipeline {

struct PromptObject {
    std::int64_t id = 0;                   // see prompt_scene
    mask_generation::ObjectPrompt prompt;  // scene pixels, along pixel edges
    MultiPolygon polygons;                 // the positive polygons given for it, scene pixels
    std::vector<output::FieldValue> values;

    // Whether there is anything but points beside it.
    bool positive() const;
    // Whether its size is told, by a box or an outline.
    bool sized() const { return prompt.box || !prompt.outline.empty(); }
    // Of all but points beside it: x0, y0, x1, y1 in scene pixels. There must be some.
    mask_generation::ObjectPrompt::Box extent() const;
};

struct PromptObjects {
    std::vector<output::FieldDefinition> fields;  // of the layer
    std::vector<PromptObject> objects;            // in the order of their first features, then of the options
    std::int64_t skipped = 0;                     // features without geometry
};

// Throws Error: besides what reading the layer may throw, fields that are not there, labels that are none.
PromptObjects read_prompt_objects(const PromptOptions& options, const raster::SceneInfo& scene);

// Field names in `own` keep theirs; those of `fields` that are alike but for case get "prompt_" before them.
std::vector<output::FieldDefinition> renamed_fields(std::vector<output::FieldDefinition> fields,
                                                    const std::vector<output::FieldDefinition>& own);

}  // namespace landseam::pipeline
