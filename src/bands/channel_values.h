// The value of a channel at a pixel.
#pragma once

#include "landseam/bands/channel_plan.h"
#include "landseam/core/image.h"

#include <cstddef>
#include <vector>

namespace landseam::bands {

// Where a window holds the band of that number. Throws Error where it does not.
const ImageF& band_image(const RasterWindow& window, int number);

// Reads a plan's channels out of a window, which must outlive it. Pixels are counted row by row.
class ChannelReader {
public:
    // Throws Error where the window lacks a source band or the plan's components are needed and not fitted.
    ChannelReader(const RasterWindow& window, const ChannelPlan& plan);

    std::size_t pixel_count() const { return window_.valid.pixel_count(); }
    // Whether the pixel holds data: valid, and finite in every source band.
    bool has_data(std::size_t pixel) const;
    std::vector<std::size_t> pixels_with_data() const;  // ascending
    double value(std::size_t channel, std::size_t pixel) const;

private:
    struct Term {
        const float* values = nullptr;
        double scale = 1, offset = 0;
        double physical(std::size_t pixel) const {
            return static_cast<double>(values[pixel]) * scale + offset;
        }
    };
    Term term(const BandTerm& band) const;
    double component_value(int component, std::size_t pixel) const;

    const RasterWindow& window_;
    const ChannelPlan& plan_;
    std::vector<Term> first_, second_;      // of each channel
    std::vector<const float*> sources_;     // of plan.source_bands
    std::vector<const float*> components_;  // of plan.components.bands
};

}  // namespace landseam::bands
