// How values become 8 bits: what a preset or the user asks for.
#pragma once

#include <array>
#include <vector>

namespace landseam::bands {

enum class StretchMethod {
    automatic,   // what the channel plan says (ChannelPlan::stretch)
    none,        // 0..255 stay what they are, other values are clamped; normalized differences: -1..1 becomes
                 // 0..255
    percentile,  // from the low to the high percentile of the sample's valid pixels
    fixed,       // from and to the given values
};

struct StretchOptions {
    StretchMethod method = StretchMethod::automatic;
    double low_percentile = 2;    // 0..100; used by StretchMethod::percentile
    double high_percentile = 98;  // above low_percentile, at most 100
    // {low, high} of each of the channels, or one for all; in the units of the channel: stored values
    // for a band, physical ones for a difference or ratio. Used by StretchMethod::fixed.
    std::vector<std::array<double, 2>> ranges;
    double gamma = 1;  // output = input^(1/gamma) on 0..1: above 1 brightens

    // Throws Error (usage) on values out of range.
    void validate() const;
};

}  // namespace landseam::bands
