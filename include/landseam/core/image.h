// Pictures in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace landseam {

// width × height pixels of `channels` values each, row by row, the values of one pixel side by side (HWC).
template <typename T>
struct Image {
    int width = 0;
    int height = 0;
    int channels = 1;
    std::vector<T> values;

    Image() = default;
    Image(int w, int h, int c = 1, T fill = T{})
        : width(w), height(h), channels(c), values(static_cast<std::size_t>(w) * h * c, fill) {}

    bool empty() const { return values.empty(); }
    std::size_t pixel_count() const { return static_cast<std::size_t>(width) * height; }
    T* row(int y) { return values.data() + static_cast<std::size_t>(y) * width * channels; }
    const T* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width * channels; }
    T& at(int x, int y, int c = 0) { return row(y)[static_cast<std::size_t>(x) * channels + c]; }
    const T& at(int x, int y, int c = 0) const { return row(y)[static_cast<std::size_t>(x) * channels + c]; }
};

using ImageU8 = Image<std::uint8_t>;
using ImageF = Image<float>;

// A window of a scene as it was read: one single-channel image a band, in original units (GDAL scale and offset are
// not applied), and which pixels hold data.
struct RasterWindow {
    std::vector<int> band_numbers;  // GDAL's, from 1; same order as `bands`
    std::vector<ImageF> bands;      // each width × height, 1 channel
    ImageU8 valid;                  // 1 where every requested band holds data, else 0

    int width() const { return valid.width; }
    int height() const { return valid.height; }
};

}  // namespace landseam
