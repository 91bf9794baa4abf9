#include "landseam/bands/preset.h"

#include "landseam/core/error.h"

#include "bands/embedded_presets.h"
#include "bands/names.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace landseam::bands {
namespace {

[[noreturn]] void unknown_preset(const std::string& name) {
    const std::vector<std::string> known = preset_names();
    const std::vector<std::string> similar = similar_names(name, known);
    const std::string remedy = similar.empty()
                                   ? "presets are " + joined(known) + "; a file's name ends in .toml"
                                   : "did you mean " + joined(similar, "or") + "?";
    throw Error(name, "there is no band preset of this name", remedy, ErrorKind::usage);
}

std::string read_text(const std::string& path) {
    std::error_code ignored;
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path, ignored))
        throw Error(path, "the preset file cannot be read", "check the path");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.bad()) throw Error(path, "the preset file cannot be read", "check the path");
    return text;
}

}  // namespace

void StretchOptions::validate() const {
    const auto fail = [](const std::string& cause) { throw Error("stretch", cause, {}, ErrorKind::usage); };
    if (!(low_percentile >= 0 && low_percentile < high_percentile && high_percentile <= 100))
        fail("percentiles must be from 0 to 100, the low one below the high one");
    if (!(gamma > 0) || !std::isfinite(gamma)) fail("gamma must be above 0");
    if (method != StretchMethod::fixed) return;
    if (ranges.empty()) fail("a fixed stretch needs one range, or one for each channel");
    for (const auto& [low, high] : ranges)
        if (!std::isfinite(low) || !std::isfinite(high) || !(low < high))
            fail("a range needs a low value and a higher one");
}

const Composite& Preset::composite(const std::string& wanted) const {
    const std::string wanted_name = composite_name(wanted.empty() ? default_composite : wanted);
    std::vector<std::string> known;
    for (const Composite& composite : composites) {
        if (composite.name == wanted_name) return composite;
        known.push_back(composite.name);
    }
    const std::vector<std::string> similar = similar_names(wanted_name, known);
    throw Error(name + ":" + wanted, "the preset has no composite of this name",
                similar.empty() ? "it has " + joined(known) : "did you mean " + joined(similar, "or") + "?",
                ErrorKind::usage);
}

const Composite* Preset::composite_of(std::size_t channels) const {
    const Composite& preferred = composite("");
    if (preferred.channels.size() == channels) return &preferred;
    for (const Composite& composite : composites)
        if (composite.channels.size() == channels) return &composite;
    return nullptr;
}

std::optional<std::size_t> Preset::find_band(const std::string& band_name) const {
    const std::string wanted = squashed(band_name);
    if (wanted.empty()) return std::nullopt;
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const PresetBand& band = bands[i];
        if (wanted == squashed(band.key) || wanted == squashed(band.common_name) ||
            wanted == squashed(band.name))
            return i;
        for (const std::string& alias : band.aliases)
            if (wanted == squashed(alias)) return i;
    }
    return std::nullopt;
}

std::vector<std::string> preset_names() {
    std::vector<std::string> names;
    for (const auto& entry : embedded_presets()) names.push_back(entry.first);
    return names;
}

Preset load_preset(const std::string& name_or_path) {
    const std::string lowered = lower_case(name_or_path);
    const bool is_file = name_or_path.find('/') != std::string::npos ||
                         (lowered.size() > 5 && lowered.compare(lowered.size() - 5, 5, ".toml") == 0);
    if (is_file) return parse_preset(read_text(name_or_path), name_or_path);
    const auto found = embedded_presets().find(lowered);
    if (found == embedded_presets().end()) unknown_preset(name_or_path);
    return parse_preset(found->second, found->first + ".toml");
}

}  // namespace landseam::bands
