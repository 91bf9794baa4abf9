#include "landseam/pipeline/area_limits.h"

#include "landseam/core/error.h"

#include <cmath>
#include <cstdlib>

namespace landseam::pipeline {
namespace {

double area_of(const RunMask& mask, const AreaLimit& limit, const raster::Georeference& georeference) {
    const auto pixels = static_cast<double>(mask.area());
    if (!limit.on_ground || pixels == 0) return pixels;
    const PixelBox box = mask.bounds();
    const double x = std::floor(static_cast<double>(box.x) + static_cast<double>(box.width) / 2);
    const double y = std::floor(static_cast<double>(box.y) + static_cast<double>(box.height) / 2);
    return pixels * georeference.area_m2(
                        georeference.to_world({{{{x, y}, {x, y + 1}, {x + 1, y + 1}, {x + 1, y}}, {}}}));
}

}  // namespace

AreaLimit parse_area(const std::string& option, const std::string& text) {
    char* end = nullptr;
    AreaLimit limit;
    limit.value = std::strtod(text.c_str(), &end);
    const std::string unit = end;
    limit.on_ground = unit == "m2" || unit == "m²";
    if (end == text.c_str() || !(limit.value >= 0) || std::isinf(limit.value) ||
        !(limit.on_ground || unit.empty() || unit == "px"))
        throw Error(option, "'" + text + "' is no area", "write 40px (or 40), or 25m2", ErrorKind::usage);
    return limit;
}

AreaLimits AreaLimits::parse(const std::string& least, const std::string& most) {
    AreaLimits limits;
    if (!least.empty()) limits.least = parse_area("--min-area", least);
    if (!most.empty()) limits.most = parse_area("--max-area", most);
    return limits;
}

void AreaLimits::check_against(const raster::Georeference& georeference) const {
    const bool on_ground = (least && least->on_ground) || (most && most->on_ground);
    if (!on_ground || (georeference.known() && std::isfinite(georeference.gsd_m()))) return;
    throw Error(least && least->on_ground ? "--min-area" : "--max-area",
                "is given in m2, and the scene has no georeference that tells the size of its pixels",
                "give it in pixels, as 40px", ErrorKind::usage);
}

bool AreaLimits::is_too_small(const RunMask& mask, const raster::Georeference& georeference) const {
    return least && area_of(mask, *least, georeference) < least->value;
}

bool AreaLimits::is_too_large(const RunMask& mask, const raster::Georeference& georeference) const {
    return most && area_of(mask, *most, georeference) > most->value;
}

}  // namespace landseam::pipeline
