#include "landseam/tiling/prompt_window.h"

#include "landseam/core/error.h"

#include <algorithm>
#include <cmath>

namespace landseam::tiling {
namespace {

struct Span {
    std::int64_t begin = 0;
    std::int64_t length = 0;
};

// A span of `length` around `centre` that holds `object` and lies in `scene`, as far as there is room.
Span place(const Span& scene, double centre, const Span& object, std::int64_t length) {
    if (length >= scene.length) return scene;
    auto begin = static_cast<std::int64_t>(std::floor(centre - static_cast<double>(length) / 2 + 0.5));
    if (object.length <= length)
        begin = std::clamp(begin, object.begin + object.length - length, object.begin);
    return {std::clamp(begin, scene.begin, scene.begin + scene.length - length), length};
}

int picture_side(std::int64_t length, int reduction) {
    return static_cast<int>((length + reduction - 1) / reduction);
}

// Of the spans of `length` that begin at multiples of `step`, moved into the scene, the one with its middle
// nearest to `centre`.
Span place_on_lattice(const Span& scene, double centre, std::int64_t length, std::int64_t step) {
    if (length >= scene.length) return scene;
    const double begin = centre - static_cast<double>(length) / 2;
    const auto nearest = static_cast<std::int64_t>(std::floor(begin / static_cast<double>(step) + 0.5)) * step;
    return {std::clamp(nearest, scene.begin, scene.begin + scene.length - length), length};
}

}  // namespace

int prompt_reduction(double object_side, int picture_size, double largest_share) {
    if (!(object_side > 0 && picture_size > 0 && largest_share > 0))
        throw Error("", "a prompt's window needs a size above 0 of object, picture and share", "",
                    ErrorKind::usage);
    int reduction = 1;
    while (object_side > largest_share * picture_size * reduction && reduction < 1 << 20) reduction *= 2;
    return reduction;
}

PromptWindow prompt_window(const PixelBox& scene, Point centre, const PixelBox& object, int picture_size,
                           int reduction) {
    const std::int64_t side = std::int64_t{picture_size} * reduction;
    const Span x = place({scene.x, scene.width}, centre.x, {object.x, object.width}, side);
    const Span y = place({scene.y, scene.height}, centre.y, {object.y, object.height}, side);
    return {{x.begin, y.begin, x.length, y.length},
            picture_side(x.length, reduction),
            picture_side(y.length, reduction)};
}

double prompt_scale(double object_side, int picture_size, double smallest_share, double largest_share) {
    if (!(object_side > 0 && picture_size > 0 && smallest_share > 0 && largest_share > 0))
        throw Error("", "a prompt's window needs a size above 0 of object, picture and share", "",
                    ErrorKind::usage);
    double scale = 1;
    while (object_side > largest_share * picture_size * scale && scale < 1 << 20) scale *= 2;
    while (object_side < smallest_share * picture_size * scale && scale > 0.25 &&
           object_side <= largest_share * picture_size * scale / 2)
        scale /= 2;
    return scale;
}

PromptWindow shared_prompt_window(const PixelBox& scene, Point centre, int picture_size, double scale,
                                  int steps) {
    const std::int64_t side = std::max<std::int64_t>(1, std::llround(picture_size * scale));
    const std::int64_t step = std::max<std::int64_t>(1, side / steps);
    const Span x = place_on_lattice({scene.x, scene.width}, centre.x, side, step);
    const Span y = place_on_lattice({scene.y, scene.height}, centre.y, side, step);
    const auto in_picture = [&](std::int64_t length) {
        const auto size = static_cast<int>(std::ceil(static_cast<double>(length) / scale));
        return std::clamp(size, 1, picture_size);
    };
    return {{x.begin, y.begin, x.length, y.length}, in_picture(x.length), in_picture(y.length)};
}

}  // namespace landseam::tiling
