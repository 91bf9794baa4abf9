// Finding the sensor from what a file tells of its bands.
#include "landseam/bands/channel_plan.h"
#include "landseam/core/error.h"

#include "bands/band_matching.h"
#include "bands/embedded_presets.h"

#include <cmath>
#include <optional>
#include <tuple>

namespace landseam::bands {
namespace {

// Smaller is better: file bands in no layout's order, mean wavelength distance (nm), preset bands that the
// file lacks.
using Misfit = std::tuple<bool, double, std::size_t>;

// Nothing where the preset does not name every band of the file or its default composite cannot be made.
std::optional<Misfit> misfit(const Preset& preset, const std::vector<BandDescription>& bands) {
    const BandMatch match = match_by_metadata(preset, bands);
    std::vector<std::string> order(bands.size());
    double distance = 0;
    std::size_t matched = 0, with_wavelength = 0;
    for (std::size_t p = 0; p < preset.bands.size(); ++p) {
        if (!match.file_band[p]) continue;
        const BandDescription& file = bands[*match.file_band[p]];
        order[*match.file_band[p]] = preset.bands[p].key;
        ++matched;
        if (!file.wavelength_nm || !preset.bands[p].wavelength_nm) continue;
        distance += std::abs(*file.wavelength_nm - *preset.bands[p].wavelength_nm);
        ++with_wavelength;
    }
    if (matched != bands.size()) return std::nullopt;
    for (const std::string& expression : preset.composite("").channels) {
        const auto band = preset.find_band(expression);
        if (band && !match.file_band[*band]) return std::nullopt;
    }
    if (with_wavelength > 0) distance /= static_cast<double>(with_wavelength);
    return Misfit{order != layout_for(preset, bands.size()), distance, preset.bands.size() - matched};
}

}  // namespace

std::string suggest_preset(const std::vector<BandDescription>& bands) {
    if (descriptions_only_count(bands) && !any_wavelength(bands)) return {};
    std::string best;
    std::optional<Misfit> best_misfit;
    bool tied = false;
    for (const std::string& name : preset_names()) {
        const auto found = misfit(load_preset(name), bands);
        if (!found || (best_misfit && *best_misfit < *found)) continue;
        tied = best_misfit && *best_misfit == *found;
        best_misfit = found;
        best = name;
    }
    return tied ? std::string() : best;
}

std::vector<std::string> presets_for_band_count(int band_count) {
    std::vector<std::string> names;
    for (const std::string& name : preset_names())
        if (!layout_for(load_preset(name), static_cast<std::size_t>(band_count)).empty())
            names.push_back(name);
    return names;
}

}  // namespace landseam::bands
