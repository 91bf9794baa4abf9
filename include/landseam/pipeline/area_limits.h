// Which objects are too small or too large.
#pragma once

#include "landseam/core/run_mask.h"
#include "landseam/raster/georeference.h"

#include <optional>
#include <string>

namespace landseam::pipeline {

// An area as a user gives it: "40", "40px" (pixels) or "25m2" (on the ground).
struct AreaLimit {
    double value = 0;
    bool on_ground = false;
};

// Throws Error of kind usage, naming the option, for what is no area.
AreaLimit parse_area(const std::string& option, const std::string& text);

struct AreaLimits {
    std::optional<AreaLimit> least, most;

    // From --min-area and --max-area, either of which may be empty.
    static AreaLimits parse(const std::string& least, const std::string& most);
    bool any() const { return least || most; }
    // Throws Error (usage) if they need a size on the ground and the scene has none.
    void check_against(const raster::Georeference& georeference) const;

    // A pixel's ground area is taken at the middle of the mask.
    bool is_too_small(const RunMask& mask, const raster::Georeference& georeference) const;
    bool is_too_large(const RunMask& mask, const raster::Georeference& georeference) const;
};

}  // namespace landseam::pipeline
