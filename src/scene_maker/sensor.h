// From light to counts: point spread, haze, noise.
#pragma once

#include "scene_maker/render.h"

namespace landseam::scene_maker {

// One image a band; 0 where `valid` is 0, else 1…2047.
std::vector<Image<std::uint16_t>> record(const Image<float>& reflectance, const ImageU8& valid,
                                         const SceneOptions& options);

}  // namespace landseam::scene_maker
