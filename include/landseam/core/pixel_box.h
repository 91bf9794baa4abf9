// Rectangles of whole pixels.
#pragma once

#include <algorithm>
#include <cstdint>

namespace landseam {

// The pixels [x, x + width) × [y, y + height). Column x grows to the right, row y downwards; pixel (0, 0) is the
// upper left one. An empty box has no width or no height.
struct PixelBox {
    std::int64_t x = 0;
    std::int64_t y = 0;
    std::int64_t width = 0;
    std::int64_t height = 0;

    std::int64_t right() const { return x + width; }    // one past the last column
    std::int64_t bottom() const { return y + height; }  // one past the last row
    std::int64_t area() const { return empty() ? 0 : width * height; }
    bool empty() const { return width <= 0 || height <= 0; }
    bool contains(std::int64_t column, std::int64_t row) const {
        return column >= x && column < right() && row >= y && row < bottom();
    }
    bool contains(const PixelBox& other) const {
        return other.x >= x && other.y >= y && other.right() <= right() && other.bottom() <= bottom();
    }
    PixelBox shifted(std::int64_t dx, std::int64_t dy) const { return {x + dx, y + dy, width, height}; }

    friend bool operator==(const PixelBox& a, const PixelBox& b) {
        return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
    }
    friend bool operator!=(const PixelBox& a, const PixelBox& b) { return !(a == b); }
};

// The pixels in both boxes; a box with width and height 0 where there are none.
inline PixelBox intersection(const PixelBox& a, const PixelBox& b) {
    const std::int64_t x0 = std::max(a.x, b.x), y0 = std::max(a.y, b.y);
    const std::int64_t x1 = std::min(a.right(), b.right()), y1 = std::min(a.bottom(), b.bottom());
    return x1 > x0 && y1 > y0 ? PixelBox{x0, y0, x1 - x0, y1 - y0} : PixelBox{};
}

// The smallest box holding both; an empty one adds nothing.
inline PixelBox bounding(const PixelBox& a, const PixelBox& b) {
    if (a.empty()) return b;
    if (b.empty()) return a;
    const std::int64_t x0 = std::min(a.x, b.x), y0 = std::min(a.y, b.y);
    return {x0, y0, std::max(a.right(), b.right()) - x0, std::max(a.bottom(), b.bottom()) - y0};
}

}  // namespace landseam
