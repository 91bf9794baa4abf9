#include "landseam/bands/channel_plan.h"

#include "landseam/core/error.h"

#include "bands/band_matching.h"
#include "bands/channel_expression.h"
#include "bands/names.h"

#include <algorithm>
#include <set>

namespace landseam::bands {
namespace {

using Warnings = std::vector<std::string>;

void warn(Warnings* warnings, const std::string& text) {
    if (warnings) warnings->push_back(text);
}

// What a request's preset part names.
struct PresetChoice {
    std::string preset;
    std::string composite;  // "" where none was given
};

PresetChoice split_preset(const std::string& request) {
    const std::size_t colon = request.rfind(':');
    // A ':' before a '/' belongs to the path.
    if (colon == std::string::npos || request.find('/', colon) != std::string::npos) return {request, {}};
    return {request.substr(0, colon), request.substr(colon + 1)};
}

// The bands of one file under the names that a preset, or else the generic one, gives them.
class NamedBands {
public:
    // `preset` may be null.
    NamedBands(const std::vector<BandDescription>& bands, const Preset* preset)
        : bands_(bands), preset_(preset), names_(preset ? *preset : generic_preset()), match_(names_) {
        match_ = preset ? match_bands(*preset, bands) : match_generic();
    }

    const BandMatch& match() const { return match_; }

    bool knows(const std::string& name) const {
        return is_number(name) || names_.find_band(name) || described_as(name);
    }

    // "" where nothing tells.
    std::string common_name(const BandTerm& term) const {
        for (std::size_t i = 0; i < names_.bands.size(); ++i)
            if (match_.file_band[i] && bands_[*match_.file_band[i]].number == term.number)
                return names_.bands[i].common_name;
        return {};
    }

    // Throws Error where the file has no such band; `subject` is what was asked for.
    BandTerm term(const std::string& name, const std::string& subject) const {
        if (is_number(name)) return numbered(name, subject);
        const auto in_preset = names_.find_band(name);
        if (in_preset && match_.file_band[*in_preset]) {
            const std::string& key = preset_ ? names_.bands[*in_preset].key : name;
            return make_term(*match_.file_band[*in_preset], key);
        }
        if (const auto file = described_as(name)) return make_term(*file, bands_[*file].description);
        if (in_preset) missing(*in_preset, subject);
        unknown(name, subject);
    }

private:
    BandMatch match_generic() const {
        BandMatch match = match_by_metadata(names_, bands_);
        const auto colors = color_bands(bands_);
        if (match.source == BandMatch::Source::metadata || !colors) return match;
        const std::array<const char*, 3> names{"red", "green", "blue"};
        for (std::size_t c = 0; c < 3; ++c) match.file_band[*names_.find_band(names[c])] = (*colors)[c];
        match.source = BandMatch::Source::color_interpretation;
        return match;
    }

    BandTerm make_term(std::size_t file, const std::string& name) const {
        const BandDescription& band = bands_[file];
        return {band.number, name, band.scale, band.offset, band.data_type};
    }

    BandTerm numbered(const std::string& name, const std::string& subject) const {
        for (std::size_t i = 0; i < bands_.size(); ++i)
            if (std::to_string(bands_[i].number) == name) return make_term(i, name);
        throw Error(subject, "there is no band " + name + "; the file has " + list_bands(bands_),
                    "choose among these numbers");
    }

    std::optional<std::size_t> described_as(const std::string& name) const {
        for (std::size_t i = 0; i < bands_.size(); ++i)
            if (!squashed(name).empty() && squashed(bands_[i].description) == squashed(name)) return i;
        return std::nullopt;
    }

    [[noreturn]] void missing(std::size_t band, const std::string& subject) const {
        const PresetBand& wanted = names_.bands[band];
        std::string what = wanted.key;
        if (!wanted.common_name.empty() && wanted.common_name != wanted.key)
            what += " (" + wanted.common_name + ")";
        std::string cause =
            "it needs band " + what + ", which the file does not have; the file has " + list_bands(bands_);
        if (preset_ && match_.source == BandMatch::Source::nothing) {
            std::vector<std::string> counts;
            for (const auto& layout : preset_->layouts) counts.push_back(std::to_string(layout.first));
            if (!counts.empty())
                cause += "; without band names or wavelengths preset '" + preset_->name +
                         "' knows files of " + joined(counts, "or") + " bands";
        }
        throw Error(subject, cause, "choose another preset, or bands by number as in --bands 3,2,1");
    }

    [[noreturn]] void unknown(const std::string& name, const std::string& subject) const {
        std::vector<std::string> known = index_names();
        for (const PresetBand& band : names_.bands) {
            known.push_back(band.key);
            if (!band.common_name.empty() && band.common_name != band.key) known.push_back(band.common_name);
        }
        for (const BandDescription& band : bands_)
            if (!trimmed(band.description).empty()) known.push_back(trimmed(band.description));
        const std::vector<std::string> similar = similar_names(name, known);
        const std::string remedy =
            similar.empty()
                ? std::string("use a band number, a band's name, ndvi, ndwi, ndbi or pca1, pca2, pca3")
                : "did you mean " + joined(similar, "or") + "?";
        throw Error(subject, "'" + name + "' is no band or index; the file has " + list_bands(bands_), remedy,
                    ErrorKind::usage);
    }

    const std::vector<BandDescription>& bands_;
    const Preset* preset_;
    const Preset& names_;
    BandMatch match_;
};

// What a request or a composite gives, and how many the model takes.
[[noreturn]] void refuse_count(const std::string& subject, std::size_t given, std::size_t taken,
                               const std::string& remedy) {
    throw Error(subject,
                std::to_string(given) + (given == 1 ? " channel is" : " channels are") +
                    " asked for where the model takes " + std::to_string(taken),
                remedy, ErrorKind::usage);
}

// `count`: how many the model takes, 0: any number.
std::vector<std::string> split_bands(const std::string& request, std::size_t count) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = request.find(',', begin);
        parts.push_back(trimmed(request.substr(begin, comma - begin)));
        if (comma == std::string::npos) break;
        begin = comma + 1;
    }
    const std::size_t wanted = count == 0 ? 3 : count;
    if (parts.size() == 1 && lower_case(parts[0]) == "pca") {
        parts.clear();
        for (std::size_t i = 1; i <= wanted; ++i) parts.push_back("pca" + std::to_string(i));
        return parts;
    }
    if (parts.size() == 1 && wanted == 3) return {parts[0], parts[0], parts[0]};
    if (count != 0 && parts.size() != count)
        refuse_count(request, parts.size(), count,
                     count == 3 ? "name one or three, as in 4,3,2 or nir,red,green or pca"
                                : "name as many as the model takes");
    return parts;
}

Channel make_channel(const std::string& text, const NamedBands& named, std::size_t band_count,
                     const std::string& subject) {
    const ChannelExpression expression =
        parse_channel_expression(text, [&](const std::string& name) { return named.knows(name); });
    Channel channel;
    channel.kind = expression.kind;
    channel.label = expression.text;
    if (expression.kind == Channel::Kind::principal_component) {
        channel.component = expression.component;
        if (static_cast<std::size_t>(channel.component) > band_count)
            throw Error(subject,
                        "there is no principal component " + std::to_string(channel.component) + " of " +
                            std::to_string(band_count) + (band_count == 1 ? " band" : " bands"),
                        "choose channels by number");
        return channel;
    }
    channel.first = named.term(expression.first, subject);
    if (channel.kind == Channel::Kind::band) channel.common_name = named.common_name(channel.first);
    if (!expression.second.empty()) channel.second = named.term(expression.second, subject);
    return channel;
}

void collect_source_bands(ChannelPlan& plan, const std::vector<BandDescription>& bands) {
    std::set<int> numbers;
    bool components = false;
    for (const Channel& channel : plan.channels) {
        if (channel.first.number > 0) numbers.insert(channel.first.number);
        if (channel.second.number > 0) numbers.insert(channel.second.number);
        components = components || channel.kind == Channel::Kind::principal_component;
    }
    if (components)
        for (const BandDescription& band : bands) {
            plan.components.bands.push_back(band.number);
            numbers.insert(band.number);
        }
    plan.source_bands.assign(numbers.begin(), numbers.end());
}

// "none" is for pictures that are 8 bits already; everything else has to be brought there.
StretchOptions fitting_stretch(const ChannelPlan& plan, StretchOptions wanted) {
    if (wanted.method != StretchMethod::none) return wanted;
    bool has_band = false, all_byte = true;
    for (const Channel& channel : plan.channels) {
        if (channel.kind != Channel::Kind::band) continue;
        has_band = true;
        all_byte = all_byte && channel.first.data_type == "Byte";
    }
    if (!has_band || !all_byte) wanted.method = StretchMethod::percentile;
    return wanted;
}

StretchOptions default_stretch() {
    StretchOptions options;
    options.method = StretchMethod::none;
    return options;
}

void finish(ChannelPlan& plan, const std::vector<BandDescription>& bands, const StretchOptions& stretch) {
    collect_source_bands(plan, bands);
    plan.stretch = fitting_stretch(plan, stretch);
}

// The composite that is asked for, or one that suits the model.
const Composite& choose_composite(const Preset& preset, const std::string& name, std::size_t count) {
    const std::size_t wanted = count == 0 ? 3 : count;
    if (name.empty()) {
        const Composite* const suits = preset.composite_of(wanted);
        if (!suits)
            throw Error(preset.name,
                        "the preset has no composite of " + std::to_string(wanted) +
                            " channels, which the model takes",
                        "name the bands, as in --bands red,nir,...");
        return *suits;
    }
    const Composite& composite = preset.composite(name);
    if (count != 0 && composite.channels.size() != count) {
        std::vector<std::string> fitting;
        for (const Composite& other : preset.composites)
            if (other.channels.size() == count) fitting.push_back(other.name);
        refuse_count(preset.name + ":" + composite.name, composite.channels.size(), count,
                     fitting.empty() ? "name the bands, as in --bands red,nir,..."
                                     : "choose " + joined(fitting, "or"));
    }
    return composite;
}

ChannelPlan plan_with_preset(const Preset& preset, const std::string& composite_name,
                             const std::string& band_request, std::size_t count, const std::string& subject,
                             const std::vector<BandDescription>& bands, Warnings* warnings) {
    const NamedBands named(bands, &preset);
    ChannelPlan plan;
    plan.preset = preset.name;
    StretchOptions stretch = preset.stretch;
    std::vector<std::string> texts;
    if (band_request.empty()) {
        const Composite& composite = choose_composite(preset, composite_name, count);
        plan.composite = composite.name;
        texts = composite.channels;
        if (composite.stretch) stretch = *composite.stretch;
    } else {
        texts = split_bands(band_request, count);
    }
    for (const std::string& text : texts)
        plan.channels.push_back(make_channel(text, named, bands.size(), subject));
    for (const std::string& note : named.match().notes) warn(warnings, note);
    finish(plan, bands, stretch);
    return plan;
}

ChannelPlan plan_named_bands(const std::string& band_request, std::size_t count, const std::string& subject,
                             const std::vector<BandDescription>& bands) {
    const NamedBands named(bands, nullptr);
    ChannelPlan plan;
    for (const std::string& text : split_bands(band_request, count))
        plan.channels.push_back(make_channel(text, named, bands.size(), subject));
    finish(plan, bands, default_stretch());
    return plan;
}

// For a model of another number of bands than three, of which nothing is known.
ChannelPlan plan_all_bands(const std::vector<BandDescription>& bands, std::size_t count, Warnings* warnings) {
    if (bands.size() != count)
        throw Error("the model",
                    "takes " + std::to_string(count) + " bands; the file has " + list_bands(bands),
                    "name a preset, or the bands to take, as in --bands 1,2,...");
    std::string request;
    for (const BandDescription& band : bands)
        request += (request.empty() ? "" : ",") + std::to_string(band.number);
    warn(warnings, "nothing tells which bands the model takes: all " + std::to_string(count) +
                       " of the file are used in their order");
    return plan_named_bands(request, count, request, bands);
}

// No request, and no preset that the file's names point to.
ChannelPlan plan_by_position(const std::vector<BandDescription>& bands, Warnings* warnings) {
    const BandMatch generic = NamedBands(bands, nullptr).match();
    const auto at = [&](const char* name) { return generic.file_band[*generic_preset().find_band(name)]; };
    std::string request;
    if (at("red") && at("green") && at("blue")) {
        request = "red,green,blue";
    } else {
        const auto number = [&](std::size_t i) {
            return std::to_string(bands[std::min(i, bands.size() - 1)].number);
        };
        request = bands.size() == 2 ? number(0) + "," + number(1) + "," + number(0)
                                    : number(0) + "," + number(1) + "," + number(2);
    }
    if (bands.size() >= 2 && request[0] != 'r') {
        std::string text = "the file does not tell which of its " + std::to_string(bands.size()) +
                           " bands are red, green and blue: bands " + request + " are used";
        const std::vector<std::string> presets = presets_for_band_count(static_cast<int>(bands.size()));
        if (!presets.empty()) text += "; presets for so many bands are " + joined(presets);
        warn(warnings, text);
    }
    return plan_named_bands(request, 3, request, bands);
}

std::string describe(const BandTerm& term) {
    const std::string number = std::to_string(term.number);
    if (term.name == number) return "band " + number;
    return term.name + " (band " + number + ")";
}

std::string describe(const Channel& channel) {
    switch (channel.kind) {
        case Channel::Kind::band:
            return describe(channel.first);
        case Channel::Kind::principal_component:
            return "principal component " + std::to_string(channel.component);
        case Channel::Kind::normalized_difference:
            return channel.label + " of " + describe(channel.first) + " and " + describe(channel.second);
        case Channel::Kind::ratio:
            return describe(channel.first) + " / " + describe(channel.second);
        case Channel::Kind::difference:
            return describe(channel.first) + " - " + describe(channel.second);
    }
    return {};
}

}  // namespace

std::string ChannelPlan::describe() const {
    std::string text = preset;
    if (!composite.empty()) text += ":" + composite;
    if (!text.empty()) text += ": ";
    const std::array<const char*, 3> names{"red = ", ", green = ", ", blue = "};
    for (std::size_t c = 0; c < channels.size(); ++c) {
        if (channels.size() == names.size())
            text += names[c];
        else if (c > 0)
            text += ", ";
        text += bands::describe(channels[c]);
    }
    return text;
}

std::vector<std::string> ChannelPlan::names() const {
    std::vector<std::string> names;
    for (const Channel& channel : channels)
        names.push_back(channel.common_name.empty() ? channel.label : channel.common_name);
    return names;
}

ChannelPlan plan_channels(const ChannelRequest& request, const std::vector<BandDescription>& bands,
                          std::vector<std::string>* warnings) {
    if (bands.empty()) throw Error("", "the file has no image band", "give a raster with at least one band");
    const std::string wanted_preset = trimmed(request.preset), asked = trimmed(request.bands);
    const PresetChoice choice = split_preset(wanted_preset);
    const bool open = asked.empty() && choice.composite.empty();
    const std::string wanted_bands = open ? trimmed(request.model_bands) : asked;
    const std::string bands_subject = open ? "the model's bands " + wanted_bands : wanted_bands;
    if (!wanted_preset.empty()) {
        if (!choice.composite.empty() && !wanted_bands.empty())
            throw Error(wanted_preset, "a composite and bands cannot both be chosen",
                        "leave out '" + choice.composite + "' or the bands", ErrorKind::usage);
        const std::string& subject = wanted_bands.empty() ? wanted_preset : bands_subject;
        return plan_with_preset(load_preset(choice.preset), choice.composite, wanted_bands, request.count,
                                subject, bands, warnings);
    }
    const std::string suggested = suggest_preset(bands);
    if (!suggested.empty())
        return plan_with_preset(load_preset(suggested), {}, wanted_bands, request.count,
                                wanted_bands.empty() ? suggested : bands_subject, bands, warnings);
    if (!wanted_bands.empty()) return plan_named_bands(wanted_bands, request.count, bands_subject, bands);
    if (request.count != 0 && request.count != 3) return plan_all_bands(bands, request.count, warnings);
    return plan_by_position(bands, warnings);
}

}  // namespace landseam::bands
