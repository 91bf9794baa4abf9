// From the plan to light: what the sensor would see without blur, noise and counting.
#pragma once

#include "landseam/core/image.h"

#include "scene_maker/plan.h"

namespace landseam::scene_maker {

struct Rendering {
    Image<float> reflectance;     // 4 channels: red, green, blue, near infrared
    Image<std::int32_t> topmost;  // index into Plan::objects at the pixel's centre; -1 for none
    Image<std::int32_t> parts;    // the marks on the other levels likewise
    Image<std::int32_t> lands;
};

// Quick shadows have edges that are a little rougher, and take a third of the time.
enum class Shadows { exact, quick };

Rendering render(const Plan& plan, const SceneOptions& options, Shadows shadows = Shadows::exact);

}  // namespace landseam::scene_maker
