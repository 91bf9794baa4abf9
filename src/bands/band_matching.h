// Which band of a file is which band of a preset.
#pragma once

#include "landseam/bands/preset.h"
#include "landseam/core/band_description.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace landseam::bands {

struct BandMatch {
    enum class Source { nothing, metadata, color_interpretation, layout };

    Source source = Source::nothing;
    std::vector<std::optional<std::size_t>> file_band;  // of each preset band: index into the file's bands
    std::vector<std::string> notes;                     // doubts worth a warning

    explicit BandMatch(const Preset& preset) : file_band(preset.bands.size()) {}
};

// Matching by descriptions and wavelengths alone; see plan_channels() for the rules. Descriptions that only
// count the bands ("Band 1", "b2") say nothing where the preset has a layout for that number of bands.
BandMatch match_by_metadata(const Preset& preset, const std::vector<BandDescription>& bands);

// By metadata; where that finds no band at all and the file tells no wavelengths, by colour interpretation
// and layout.
BandMatch match_bands(const Preset& preset, const std::vector<BandDescription>& bands);

// Whether no description says more than the band's number in the file ("", "Band 1", "b2", "layer 3").
bool descriptions_only_count(const std::vector<BandDescription>& bands);

bool any_wavelength(const std::vector<BandDescription>& bands);

// Keys in the order of a file with that many bands; empty where the preset does not say.
std::vector<std::string> layout_for(const Preset& preset, std::size_t band_count);

// Indices of the bands tagged red, green, blue, where each tag occurs exactly once.
std::optional<std::array<std::size_t, 3>> color_bands(const std::vector<BandDescription>& bands);

// No bands of any sensor, but the common names and ranges of the STAC "eo" extension: what a file of an
// unknown sensor can be asked for ("nir", "red") if its descriptions or wavelengths tell.
const Preset& generic_preset();

// "4 bands: 1 'B2' (492 nm, UInt16), 2 ..."
std::string list_bands(const std::vector<BandDescription>& bands);

}  // namespace landseam::bands
