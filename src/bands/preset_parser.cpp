// Reads a preset from TOML. Every mistake in a file is reported with its line; keys that are not known are
// mistakes too.
#include "landseam/bands/preset.h"
#include "landseam/core/error.h"

#include "bands/channel_expression.h"
#include "bands/names.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <toml++/toml.h>

namespace landseam::bands {
namespace {

// Checked access to one table of the file.
class Section {
public:
    Section(const toml::table& table, std::string subject, std::string title)
        : table_(table), subject_(std::move(subject)), title_(std::move(title)) {}

    [[noreturn]] void fail(const toml::node* where, const std::string& cause) const {
        const auto line = (where ? where : static_cast<const toml::node*>(&table_))->source().begin.line;
        throw Error(subject_, "line " + std::to_string(line) + ": " + cause, "correct the preset file");
    }

    void allow_only(const std::vector<std::string>& keys) const {
        for (const auto& [key, node] : table_) {
            const std::string name(key.str());
            if (std::find(keys.begin(), keys.end(), name) == keys.end())
                fail(&node, "unknown key '" + name + "' in " + title_ + ", which takes " + joined(keys));
        }
    }

    const toml::node* find(const std::string& key) const { return table_.get(key); }
    const toml::table& table() const { return table_; }

    std::string text(const std::string& key, bool required) const {
        const toml::node* node = find(key);
        if (!node) {
            if (required) fail(nullptr, title_ + " needs '" + key + "'");
            return {};
        }
        return text_of(*node, key);
    }

    std::optional<double> number(const std::string& key) const {
        const toml::node* node = find(key);
        if (!node) return std::nullopt;
        return number_of(*node, key);
    }

    std::string text_of(const toml::node& node, const std::string& what) const {
        const auto value = node.value_exact<std::string>();
        if (!value || trimmed(*value).empty()) fail(&node, "'" + what + "' must be a text");
        return trimmed(*value);
    }

    double number_of(const toml::node& node, const std::string& what) const {
        const auto value = node.is_number() ? node.value<double>() : std::nullopt;
        if (!value || !std::isfinite(*value)) fail(&node, "'" + what + "' must be a number");
        return *value;
    }

    const toml::array& array_of(const toml::node& node, const std::string& what) const {
        const toml::array* array = node.as_array();
        if (!array) fail(&node, "'" + what + "' must be a list");
        return *array;
    }

    std::vector<std::string> texts_of(const toml::node& node, const std::string& what) const {
        std::vector<std::string> result;
        for (const toml::node& element : array_of(node, what)) result.push_back(text_of(element, what));
        return result;
    }

    // A section inside this one; nothing where the file has none.
    std::optional<Section> child(const std::string& key) const {
        const toml::node* node = find(key);
        if (!node) return std::nullopt;
        return as_section(*node, "[" + key + "]");
    }

    Section as_section(const toml::node& node, const std::string& title) const {
        if (!node.is_table()) fail(&node, title + " must be a table");
        return {*node.as_table(), subject_, title};
    }

private:
    const toml::table& table_;
    std::string subject_;
    std::string title_;
};

StretchOptions parse_stretch(const Section& section) {
    section.allow_only({"method", "low_percentile", "high_percentile", "ranges", "gamma"});
    StretchOptions options;
    const std::string method = section.text("method", true);
    if (method == "none") {
        options.method = StretchMethod::none;
    } else if (method == "percentile") {
        options.method = StretchMethod::percentile;
    } else if (method == "fixed") {
        options.method = StretchMethod::fixed;
    } else {
        section.fail(section.find("method"), "'method' must be \"none\", \"percentile\" or \"fixed\"");
    }
    options.low_percentile = section.number("low_percentile").value_or(options.low_percentile);
    options.high_percentile = section.number("high_percentile").value_or(options.high_percentile);
    options.gamma = section.number("gamma").value_or(options.gamma);
    if (const toml::node* ranges = section.find("ranges")) {
        for (const toml::node& element : section.array_of(*ranges, "ranges")) {
            const toml::array& pair = section.array_of(element, "ranges");
            if (pair.size() != 2) section.fail(&element, "a range is a list of two numbers");
            options.ranges.push_back(
                {section.number_of(pair[0], "ranges"), section.number_of(pair[1], "ranges")});
        }
    }
    try {
        options.validate();
    } catch (const Error& error) {
        section.fail(nullptr, error.what());
    }
    return options;
}

PresetBand parse_band(const Section& section) {
    section.allow_only({"key", "name", "common_name", "wavelength_nm", "bandwidth_nm", "aliases"});
    PresetBand band;
    band.key = section.text("key", true);
    if (is_number(band.key))
        section.fail(section.find("key"), "a key of digits only would be taken for a band number");
    band.name = section.text("name", false);
    band.common_name = section.text("common_name", false);
    band.wavelength_nm = section.number("wavelength_nm");
    if (band.wavelength_nm && *band.wavelength_nm <= 0)
        section.fail(section.find("wavelength_nm"), "a wavelength must be above 0 nm");
    band.bandwidth_nm = section.number("bandwidth_nm").value_or(0);
    if (band.bandwidth_nm < 0) section.fail(section.find("bandwidth_nm"), "a bandwidth cannot be below 0 nm");
    if (const toml::node* aliases = section.find("aliases"))
        band.aliases = section.texts_of(*aliases, "aliases");
    return band;
}

void parse_bands(const Section& file, Preset& preset) {
    const toml::node* node = file.find("bands");
    if (!node) file.fail(nullptr, "a preset needs [[bands]]");
    std::map<std::string, std::string> owner;  // squashed name → key of the band that has it
    for (const toml::node& element : file.array_of(*node, "bands")) {
        const PresetBand band = parse_band(file.as_section(element, "[[bands]]"));
        std::vector<std::string> names{band.key, band.name, band.common_name};
        names.insert(names.end(), band.aliases.begin(), band.aliases.end());
        for (const std::string& name : names) {
            if (squashed(name).empty()) continue;
            const auto [at, is_new] = owner.emplace(squashed(name), band.key);
            if (!is_new && (at->second != band.key || &name == &names[0]))
                file.fail(&element, "two bands are called '" + name + "'");
        }
        preset.bands.push_back(band);
    }
    if (preset.bands.empty()) file.fail(node, "a preset needs at least one band");
}

void parse_layouts(const Section& section, Preset& preset) {
    for (const auto& [key, node] : section.table()) {
        const std::string count(key.str());
        const std::vector<std::string> keys = section.texts_of(node, count);
        if (!is_number(count) || count != std::to_string(keys.size()))
            section.fail(&node,
                         "a layout is called by its number of bands, here " + std::to_string(keys.size()));
        std::set<std::string> seen;
        for (const std::string& band_key : keys) {
            if (band_key == "-") continue;
            bool known = false;
            for (const PresetBand& band : preset.bands) known = known || band.key == band_key;
            if (!known)
                section.fail(&node, "a layout names '" + band_key + "', which is no key of [[bands]]");
            if (!seen.insert(band_key).second) section.fail(&node, "a layout names '" + band_key + "' twice");
        }
        preset.layouts[static_cast<int>(keys.size())] = keys;
    }
}

// Every name in a composite must be the preset's: the file is checked when it is read, not when it is first
// used.
void check_channel(const Section& section, const toml::node& node, const Preset& preset,
                   const std::string& text) {
    const auto is_band = [&](const std::string& name) { return preset.find_band(name).has_value(); };
    ChannelExpression expression;
    try {
        expression = parse_channel_expression(text, is_band);
    } catch (const Error& error) {
        section.fail(&node, error.what());
    }
    for (const std::string& name : {expression.first, expression.second})
        if (!name.empty() && !is_number(name) && !is_band(name))
            section.fail(&node, "a composite uses '" + name + "', which is no band of this preset");
}

Composite parse_composite(const Section& parent, const std::string& name, const toml::node& node,
                          const Preset& preset) {
    Composite composite;
    composite.name = composite_name(name);
    const toml::node* channels = &node;
    if (node.is_table()) {
        const Section section = parent.as_section(node, "composite '" + name + "'");
        section.allow_only({"channels", "stretch"});
        channels = section.find("channels");
        if (!channels) section.fail(nullptr, "a composite needs 'channels'");
        if (const auto stretch = section.child("stretch")) composite.stretch = parse_stretch(*stretch);
    }
    composite.channels = parent.texts_of(*channels, name);
    if (composite.channels.empty())
        parent.fail(channels, "a composite is a list of channels, three or as many as a model takes");
    for (const std::string& text : composite.channels) check_channel(parent, *channels, preset, text);
    const StretchOptions& stretch = composite.stretch ? *composite.stretch : preset.stretch;
    const std::size_t ranges = stretch.method == StretchMethod::fixed ? stretch.ranges.size() : 1;
    if (ranges != 1 && ranges != composite.channels.size())
        parent.fail(channels, "composite '" + name + "' has " + std::to_string(composite.channels.size()) +
                                  " channels and a stretch of " + std::to_string(ranges) + " ranges");
    return composite;
}

void parse_composites(const Section& file, Preset& preset) {
    const auto section = file.child("composites");
    if (!section || section->table().empty()) file.fail(nullptr, "a preset needs [composites]");
    for (const auto& [key, node] : section->table()) {
        preset.composites.push_back(parse_composite(*section, std::string(key.str()), node, preset));
        for (std::size_t i = 0; i + 1 < preset.composites.size(); ++i)
            if (preset.composites[i].name == preset.composites.back().name)
                section->fail(&node, "two composites are called '" + preset.composites[i].name + "'");
    }
    preset.default_composite = composite_name(file.text("default_composite", false));
    if (preset.default_composite.empty()) {
        if (preset.composites.size() > 1)
            file.fail(nullptr, "a preset of several composites needs 'default_composite'");
        preset.default_composite = preset.composites.front().name;
    }
    for (const Composite& composite : preset.composites)
        if (composite.name == preset.default_composite) return;
    file.fail(file.find("default_composite"), "'" + preset.default_composite + "' is none of [composites]");
}

}  // namespace

Preset parse_preset(const std::string& toml_text, const std::string& subject) {
    toml::table root;
    try {
        root = toml::parse(std::string_view(toml_text));
    } catch (const toml::parse_error& error) {
        throw Error(
            subject,
            "line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()),
            "correct the preset file");
    }
    const Section file(root, subject, "the preset");
    file.allow_only({"name", "title", "default_composite", "stretch", "layouts", "composites", "bands"});
    Preset preset;
    preset.name = file.text("name", true);
    preset.title = file.text("title", false);
    preset.stretch.method = StretchMethod::percentile;
    if (const auto stretch = file.child("stretch")) preset.stretch = parse_stretch(*stretch);
    parse_bands(file, preset);
    if (const auto layouts = file.child("layouts")) parse_layouts(*layouts, preset);
    parse_composites(file, preset);
    return preset;
}

}  // namespace landseam::bands
