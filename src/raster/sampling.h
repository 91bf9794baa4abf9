// Resampling that knows about invalid pixels and gives the same pixel in whatever window it is computed.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace landseam::raster {

// The source pixels [first, first + weights.size()) that one output pixel is made of, along one axis.
struct Tap {
    std::int64_t first = 0;
    std::vector<double> weights;
};

// Taps of `count` output pixels, of which the i-th covers [(start + i·step)·scale, (start + (i +
// 1)·step)·scale) of a source axis of `limit` pixels: shares of cover where step·scale ≥ 1, else the two
// nearest pixel centres.
std::vector<Tap> make_taps(double start, double step, double scale, int count, std::int64_t limit);

// Gives the source pixels of a box, unresampled.
using NativeReader = std::function<RasterWindow(const PixelBox& source)>;

// A window of x.size() × y.size() pixels, read through `native` in blocks of bounded size.
RasterWindow resample(const NativeReader& native, const std::vector<int>& band_numbers,
                      const std::vector<Tap>& x, const std::vector<Tap>& y);

}  // namespace landseam::raster
