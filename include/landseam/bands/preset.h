// Band presets: what is known of a sensor's bands, one TOML file a sensor (band_presets/ has those that come
// with landseam; they are part of the library, no file is looked for at run time).
#pragma once

#include "landseam/bands/stretch_options.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landseam::bands {

struct PresetBand {
    std::string key;          // the sensor's own name of the band, "B8A"; unique in the preset
    std::string name;         // in words
    std::string common_name;  // as in the STAC "eo" extension: "red", "nir", "swir16"; may be empty
    std::optional<double> wavelength_nm;  // published centre; radar has none
    double bandwidth_nm = 0;
    std::vector<std::string> aliases;  // other names found in files
};

struct Composite {
    std::string name;                       // "false-color"
    std::vector<std::string> channels;  // channel expressions (channel_plan.h); of three: red, green, blue
    std::optional<StretchOptions> stretch;  // where it differs from the preset's
};

struct Preset {
    std::string name;
    std::string title;
    std::vector<PresetBand> bands;  // in the usual order of files
    std::vector<Composite> composites;
    std::string default_composite;
    // Number of bands in a file → the keys in that file's order, "-" for a band that the preset does not
    // name. Used for files which tell neither names nor wavelengths. The order of `bands` counts as a layout
    // too.
    std::map<int, std::vector<std::string>> layouts;
    StretchOptions stretch;  // StretchMethod::none means: none for 8-bit data, percentiles for any other

    // The composite of that name ("false-colour", "False Color" are "false-color"), the default one for an
    // empty name. Throws Error (usage) naming those there are.
    const Composite& composite(const std::string& composite_name) const;
    // The first composite of so many channels, the default one before all others; null where there is none.
    const Composite* composite_of(std::size_t channels) const;
    // Index in `bands` of the band with that key, common name, name or alias; upper or lower case, spaces,
    // '-' and '_' make no difference; nothing where there is none.
    std::optional<std::size_t> find_band(const std::string& band_name) const;
};

// Names of the presets that come with landseam, sorted.
std::vector<std::string> preset_names();

// A preset by name, or from a file where the argument ends in ".toml" or has a '/'. Throws Error: unknown
// names (usage, with the nearest known ones), unreadable files, and files that are no preset, with the line.
Preset load_preset(const std::string& name_or_path);

// A preset from TOML text; `subject` is what errors name.
Preset parse_preset(const std::string& toml_text, const std::string& subject);

}  // namespace landseam::bands
