// From the plan to light: what the sensor would see without blur, noise and counting.
#pragma once

#include "landseam/core/image.h"

#include "scene_maker/plan.h"

namespace landseam::scene_maker {

struct Rendering {
    Image<float> reflectance;     // 4 channels: red, green, blue, near infrared
    Image<std::int32_t> topmost;  // index into Plan::objects at the pixel's centre; -1 for none
};

Rendering render(const Plan& plan, const SceneOptions& options);

}  // namespace landseam::scene_maker
