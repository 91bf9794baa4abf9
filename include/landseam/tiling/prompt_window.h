// The part of a scene that a model looks at to find one object.
#pragma once

#include "landseam/core/pixel_box.h"
#include "landseam/core/polygon.h"

namespace landseam::tiling {

struct PromptWindow {
    PixelBox box;               // scene pixels, inside the scene
    int width = 0, height = 0;  // of the picture to make of it; at most the model's picture size

    // From scene pixels to picture pixels, both along pixel edges.
    Point to_picture(Point scene) const {
        return {(scene.x - static_cast<double>(box.x)) * width / static_cast<double>(box.width),
                (scene.y - static_cast<double>(box.y)) * height / static_cast<double>(box.height)};
    }
};

// How many scene pixels, a power of two each way, become one of the picture, so that an object `object_side`
// scene pixels long takes at most `largest_share` of the picture's side. Throws Error of kind usage where an
// argument is not positive.
int prompt_reduction(double object_side, int picture_size, double largest_share = 0.6);

// The window of picture_size × reduction scene pixels a side with `centre` (scene pixels) in its middle,
// moved so that it holds `object` where it is large enough, then moved inside the scene. Where the scene is
// smaller than that the window is as long as the scene, and the picture shorter.
PromptWindow prompt_window(const PixelBox& scene, Point centre, const PixelBox& object, int picture_size,
                           int reduction);

// How many scene pixels, a power of two from 1/4 on, become one of the picture: the least at which an object
// of this size takes at most `largest_share` of the picture's side, but not less than is needed for it to
// take `smallest_share` of it. Throws Error of kind usage where an argument is not positive.
double prompt_scale(double object_side, int picture_size, double smallest_share, double largest_share);

// The window of picture_size × scale scene pixels a side that has `centre` nearest to its middle, among those
// that begin at multiples of a `steps`-th of their side and lie inside the scene: objects close together
// share one. With `steps` windows a side the centre is at most half a step from the middle, but for objects
// at the scene's border. Where the scene is smaller than the window it is as in prompt_window.
PromptWindow shared_prompt_window(const PixelBox& scene, Point centre, int picture_size, double scale,
                                  int steps);

}  // namespace landseam::tiling
