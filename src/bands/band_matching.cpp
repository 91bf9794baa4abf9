#include "bands/band_matching.h"

#include "bands/names.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace landseam::bands {
namespace {

// A file's wavelength matches within half the preset band's width, but sensors of one series differ by some
// nanometres.
constexpr double kLeastToleranceNm = 15;

double tolerance_nm(const PresetBand& band) {
    return std::max(kLeastToleranceNm, band.bandwidth_nm / 2);
}

// Words beside a band's name which do not change what it means.
bool is_filler(const std::string& word) {
    static const std::vector<std::string> fillers{
        "band",    "channel", "nm",     "um",    "sr", "toa",       "boa",       "reflectance", "radiance",
        "surface", "sigma0",  "gamma0", "beta0", "db", "intensity", "amplitude", "linear"};
    if (is_number(word) || std::find(fillers.begin(), fillers.end(), word) != fillers.end()) return true;
    return word.size() > 1 && word[0] == 'b' && is_number(word.substr(1));  // "Band 4 - Red"
}

bool has_digit(const std::string& text) {
    return text.find_first_of("0123456789") != std::string::npos;
}

// How well a description names a band: 0 not at all, else the length of the matched name, 1000 more where the
// description is nothing but the name. A name without digits ("red") must not stand among unknown words ("red
// edge").
std::size_t name_score(const std::string& description, const std::string& name) {
    const std::string plain = squashed(name);
    if (plain.empty()) return 0;
    if (squashed(description) == plain) return 1000 + plain.size();
    const std::vector<std::string> all = words(description), wanted = words(name);
    const auto at = std::search(all.begin(), all.end(), wanted.begin(), wanted.end());
    if (wanted.empty() || at == all.end()) return 0;
    if (!has_digit(plain)) {
        const auto after = at + static_cast<std::ptrdiff_t>(wanted.size());
        if (!std::all_of(all.begin(), at, is_filler) || !std::all_of(after, all.end(), is_filler)) return 0;
    }
    return plain.size();
}

std::size_t band_score(const std::string& description, const PresetBand& band) {
    std::size_t best = std::max({name_score(description, band.key), name_score(description, band.name),
                                 name_score(description, band.common_name)});
    for (const std::string& alias : band.aliases) best = std::max(best, name_score(description, alias));
    return best;
}

// A description is not believed against the file's own wavelength ("Band 5 (450 nm)").
bool wavelengths_agree(const BandDescription& file, const PresetBand& band) {
    if (!file.wavelength_nm || !band.wavelength_nm) return true;
    const double allowed = std::max({50.0, *band.wavelength_nm / 10, band.bandwidth_nm});
    return std::abs(*file.wavelength_nm - *band.wavelength_nm) <= allowed;
}

bool only_counts(const BandDescription& band) {
    const std::string plain = squashed(band.description);
    const std::string number = std::to_string(band.number);
    return plain.empty() || plain == "b" + number || plain == number || plain == "layer" + number;
}

// (preset band, score) that the description names best; nothing where none or two do.
std::optional<std::pair<std::size_t, std::size_t>> named_band(const Preset& preset,
                                                              const BandDescription& file) {
    std::size_t best = 0, best_band = 0;
    bool tied = false;
    for (std::size_t i = 0; i < preset.bands.size(); ++i) {
        if (!wavelengths_agree(file, preset.bands[i])) continue;
        const std::size_t score = band_score(file.description, preset.bands[i]);
        if (score == 0 || score < best) continue;
        tied = score == best;
        best = score;
        best_band = i;
    }
    if (best == 0 || tied) return std::nullopt;
    return std::pair{best_band, best};
}

void match_descriptions(const Preset& preset, const std::vector<BandDescription>& bands, BandMatch& match) {
    std::vector<std::size_t> score(preset.bands.size(), 0);
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const auto named = named_band(preset, bands[i]);
        if (!named) continue;
        auto& taken = match.file_band[named->first];
        if (taken) {
            const bool better = named->second > score[named->first];
            const std::size_t used = better ? i : *taken;
            match.notes.push_back("bands " + std::to_string(bands[*taken].number) + " and " +
                                  std::to_string(bands[i].number) + " are both described as " +
                                  preset.bands[named->first].key + "; band " +
                                  std::to_string(bands[used].number) + " is used");
            if (!better) continue;
        }
        taken = i;
        score[named->first] = named->second;
    }
}

void match_wavelengths(const Preset& preset, const std::vector<BandDescription>& bands, BandMatch& match) {
    std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;  // distance, preset band, file band
    std::vector<bool> used(bands.size(), false);
    for (const auto& file : match.file_band)
        if (file) used[*file] = true;
    for (std::size_t p = 0; p < preset.bands.size(); ++p) {
        if (match.file_band[p] || !preset.bands[p].wavelength_nm) continue;
        for (std::size_t f = 0; f < bands.size(); ++f) {
            if (used[f] || !bands[f].wavelength_nm) continue;
            const double distance = std::abs(*bands[f].wavelength_nm - *preset.bands[p].wavelength_nm);
            if (distance <= tolerance_nm(preset.bands[p])) pairs.emplace_back(distance, p, f);
        }
    }
    std::sort(pairs.begin(), pairs.end());
    for (const auto& [distance, p, f] : pairs) {
        if (match.file_band[p] || used[f]) continue;
        match.file_band[p] = f;
        used[f] = true;
    }
}

bool any_matched(const BandMatch& match) {
    return std::any_of(match.file_band.begin(), match.file_band.end(),
                       [](const auto& f) { return f.has_value(); });
}

void match_layout(const Preset& preset, const std::vector<BandDescription>& bands, BandMatch& match) {
    const std::vector<std::string> layout = layout_for(preset, bands.size());
    for (std::size_t f = 0; f < layout.size(); ++f)
        for (std::size_t p = 0; p < preset.bands.size(); ++p)
            if (preset.bands[p].key == layout[f]) match.file_band[p] = f;
    if (any_matched(match)) match.source = BandMatch::Source::layout;
}

// Puts red, green and blue where the file's tags say; what the layout had there or elsewhere for them is
// dropped.
void match_colors(const Preset& preset, const std::vector<BandDescription>& bands, BandMatch& match) {
    const auto colors = color_bands(bands);
    if (!colors) return;
    const std::array<const char*, 3> names{"red", "green", "blue"};
    std::array<std::size_t, 3> preset_bands;
    for (std::size_t c = 0; c < 3; ++c) {
        const auto found = preset.find_band(names[c]);
        if (!found) return;
        preset_bands[c] = *found;
    }
    bool agrees = true;
    for (std::size_t c = 0; c < 3; ++c) agrees = agrees && match.file_band[preset_bands[c]] == (*colors)[c];
    if (!agrees && any_matched(match))
        match.notes.push_back(
            "the file's colour interpretation differs from the usual band order of preset '" + preset.name +
            "'; red, green and blue are taken as the file says");
    for (auto& file : match.file_band)
        if (file && std::find(colors->begin(), colors->end(), *file) != colors->end()) file.reset();
    for (std::size_t c = 0; c < 3; ++c) match.file_band[preset_bands[c]] = (*colors)[c];
    match.source = BandMatch::Source::color_interpretation;
}

PresetBand common_band(const char* name, double from_nm, double to_nm, std::vector<std::string> aliases) {
    return {name, "", name, (from_nm + to_nm) / 2, to_nm - from_nm, std::move(aliases)};
}

}  // namespace

bool descriptions_only_count(const std::vector<BandDescription>& bands) {
    return std::all_of(bands.begin(), bands.end(), only_counts);
}

bool any_wavelength(const std::vector<BandDescription>& bands) {
    return std::any_of(bands.begin(), bands.end(),
                       [](const auto& band) { return band.wavelength_nm.has_value(); });
}

std::vector<std::string> layout_for(const Preset& preset, std::size_t band_count) {
    const auto found = preset.layouts.find(static_cast<int>(band_count));
    if (found != preset.layouts.end()) return found->second;
    std::vector<std::string> keys;
    if (band_count == preset.bands.size())
        for (const PresetBand& band : preset.bands) keys.push_back(band.key);
    return keys;
}

BandMatch match_by_metadata(const Preset& preset, const std::vector<BandDescription>& bands) {
    BandMatch match(preset);
    if (!descriptions_only_count(bands) || layout_for(preset, bands.size()).empty())
        match_descriptions(preset, bands, match);
    match_wavelengths(preset, bands, match);
    if (any_matched(match)) match.source = BandMatch::Source::metadata;
    return match;
}

BandMatch match_bands(const Preset& preset, const std::vector<BandDescription>& bands) {
    BandMatch match = match_by_metadata(preset, bands);
    if (match.source == BandMatch::Source::metadata || any_wavelength(bands)) return match;
    match_layout(preset, bands, match);
    match_colors(preset, bands, match);
    if (match.source == BandMatch::Source::layout && !descriptions_only_count(bands))
        match.notes.push_back("the band descriptions name no band of preset '" + preset.name +
                              "'; bands are taken by their number");
    return match;
}

std::optional<std::array<std::size_t, 3>> color_bands(const std::vector<BandDescription>& bands) {
    const std::array<const char*, 3> names{"red", "green", "blue"};
    std::array<std::size_t, 3> found{};
    std::array<int, 3> count{};
    for (std::size_t i = 0; i < bands.size(); ++i)
        for (std::size_t c = 0; c < 3; ++c)
            if (bands[i].color_interpretation == names[c]) {
                found[c] = i;
                ++count[c];
            }
    if (count != std::array<int, 3>{1, 1, 1}) return std::nullopt;
    return found;
}

const Preset& generic_preset() {
    static const Preset preset = [] {
        Preset generic;
        generic.name = "generic";
        generic.bands = {common_band("coastal", 400, 450, {"coastal aerosol", "coastal blue"}),
                         common_band("blue", 450, 530, {"B"}),
                         common_band("green", 510, 600, {"G"}),
                         common_band("yellow", 600, 625, {}),
                         common_band("red", 620, 690, {"R"}),
                         common_band("rededge", 690, 750, {"red edge"}),
                         common_band("nir", 750, 900, {"N", "near infrared", "nir1", "nir08", "infrared"}),
                         common_band("swir16", 1550, 1750, {"swir1", "swir"}),
                         common_band("swir22", 2080, 2350, {"swir2"})};
        return generic;
    }();
    return preset;
}

std::string list_bands(const std::vector<BandDescription>& bands) {
    constexpr std::size_t kMost = 16;
    std::string text = std::to_string(bands.size()) + (bands.size() == 1 ? " band: " : " bands: ");
    for (std::size_t i = 0; i < std::min(kMost, bands.size()); ++i) {
        const BandDescription& band = bands[i];
        if (i > 0) text += ", ";
        text += std::to_string(band.number) + " ";
        if (!trimmed(band.description).empty()) text += "'" + trimmed(band.description) + "' ";
        text += "(";
        if (band.wavelength_nm) text += std::to_string(std::lround(*band.wavelength_nm)) + " nm, ";
        if (!band.color_interpretation.empty() && band.color_interpretation != "undefined")
            text += band.color_interpretation + ", ";
        text += band.data_type + ")";
    }
    if (bands.size() > kMost) text += " and " + std::to_string(bands.size() - kMost) + " more";
    return text;
}

}  // namespace landseam::bands
