// From light to counts: point spread, haze, noise.
#pragma once

#include "scene_maker/render.h"

namespace landseam::scene_maker {

std::vector<double> gaussian_kernel(double deviation);
// Along x or y; beyond the border the border's own value goes on.
Image<float> blurred(const Image<float>& image, const std::vector<double>& kernel, bool along_x);
// About Gaussian, with mean 0 and deviation 1: the sum of twelve uniform numbers, which needs no logarithm
// and is therefore the same everywhere.
double bell(Random& random);

// One image a band; 0 where `valid` is 0, else 1…2047.
std::vector<Image<std::uint16_t>> record(const Image<float>& reflectance, const ImageU8& valid,
                                         const SceneOptions& options);

}  // namespace landseam::scene_maker
