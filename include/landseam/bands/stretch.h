// From original values to the 8-bit picture that the model sees: one stretch a scene, so that all tiles
// agree.
#pragma once

#include "landseam/bands/channel_plan.h"
#include "landseam/bands/stretch_options.h"
#include "landseam/core/image.h"

#include <vector>

namespace landseam::bands {

// Channel c of a pixel = round(255 · clamp((value - low[c]) / (high[c] - low[c]), 0, 1)^(1 / gamma)).
struct Stretch {
    std::vector<double> low{0, 0, 0};
    std::vector<double> high{255, 255, 255};
    double gamma = 1;

    // Throws Error (failed) unless there are as many high values as low ones, all is finite, high > low and
    // gamma > 0: for stretches read from files.
    void validate() const;
};

// Estimates the scene's stretch from a sample (any overview of it) that holds all of the plan's source_bands.
// With StretchMethod::automatic method, percentiles and ranges come from plan.stretch, and gamma too unless
// options.gamma is not 1.
//
// A pixel counts where `valid` is not 0 and all source bands are finite; saturated values are data.
// Percentiles are exact on the sample, interpolated linearly between the two nearest ranks (rank = p · (n -
// 1)). Where both percentiles are equal the sample's minimum and maximum are taken; where these are equal too
// the channel becomes mid-grey; with no pixel at all the range is 0..1. StretchMethod::none on Byte bands
// whose values are all 0 or 1, not all 0, gives 0..1: bilevel pictures. Throws Error (usage) for fixed ranges
// that are neither one nor as many as the plan's channels.
Stretch estimate_stretch(const ChannelPlan& plan, const StretchOptions& options, const RasterWindow& sample);

// The picture: width × height × the plan's channels, row by row (HWC); of three: RGB. Each pixel depends on
// its own values alone. Pixels which are invalid or have a source band that is not finite are 0 in all
// channels. Throws Error where the window lacks a source band, the components are not fitted, or the stretch
// is of another number of channels.
ImageU8 to_rgb(const RasterWindow& window, const ChannelPlan& plan, const Stretch& stretch);

}  // namespace landseam::bands
