// Labels brought to a scene's pixels.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/pipeline/pack_samples.h"
#include "landseam/raster/scene_info.h"
#include "landseam/sam/samples.h"

namespace landseam::pipeline {

// The level that `source` makes of the pixels of `window` of the scene. Throws Error where the labels cannot
// be read or placed, a field is missing, or a raster holds too many classes to be one.
sam::SampleLevel label_level(const LabelSource& source, const raster::SceneInfo& scene,
                             const PixelBox& window);

}  // namespace landseam::pipeline
