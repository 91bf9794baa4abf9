#include "catalog/stac_item.h"

#include "landseam/core/error.h"

#include "catalog/stac.h"
#include "catalog/times.h"

#include <algorithm>
#include <cmath>

namespace landseam::catalog {
namespace {

std::string text_member(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& member(const json& object, const char* name) {
    static const json nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

std::optional<LonLatBox> checked(double west, double south, double east, double north) {
    const bool fine = std::isfinite(west) && std::isfinite(south) && std::isfinite(east) &&
                      std::isfinite(north) && south <= north && std::abs(south) <= 90.001 &&
                      std::abs(north) <= 90.001 && std::abs(west) <= 360 && std::abs(east) <= 360;
    return fine ? std::optional<LonLatBox>({west, south, east, north}) : std::nullopt;
}

void widen(const json& coordinates, LonLatBox& box) {
    if (!coordinates.is_array() || coordinates.empty()) return;
    if (coordinates.size() >= 2 && coordinates[0].is_number() && coordinates[1].is_number()) {
        const double x = coordinates[0], y = coordinates[1];
        box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x), std::max(box[3], y)};
        return;
    }
    for (const json& part : coordinates) widen(part, box);
}

// The item's box, else that of its geometry.
std::optional<LonLatBox> box_of(const json& item) {
    const json& bbox = member(item, "bbox");
    if (bbox.is_array() && (bbox.size() == 4 || bbox.size() == 6) &&
        std::all_of(bbox.begin(), bbox.end(), [](const json& v) { return v.is_number(); })) {
        const std::size_t half = bbox.size() / 2;
        if (const auto box = checked(bbox[0], bbox[1], bbox[half], bbox[half + 1])) return box;
    }
    const json& geometry = member(item, "geometry");
    if (!geometry.is_object()) return std::nullopt;
    LonLatBox box{INFINITY, INFINITY, -INFINITY, -INFINITY};
    widen(member(geometry, "coordinates"), box);
    return checked(box[0], box[1], box[2], box[3]);
}

AssetBand band_of(const json& told) {
    AssetBand band;
    band.name = text_member(told, "name");
    band.common_name = text_member(told, "eo:common_name");
    if (band.common_name.empty()) band.common_name = text_member(told, "common_name");
    for (const char* name : {"eo:center_wavelength", "center_wavelength"}) {
        const json& wavelength = member(told, name);
        if (wavelength.is_number() && wavelength.get<double>() > 0)
            band.wavelength_um = wavelength.get<double>();
    }
    return band;
}

// 1.1: "bands". Before: "eo:bands", objects or, up to 0.9, indices into the item's own list.
std::vector<AssetBand> bands_of(const json& asset, const json& properties) {
    std::vector<AssetBand> bands;
    const json& now = member(asset, "bands");
    const json& before = member(asset, "eo:bands");
    const json& list = now.is_array() && !now.empty() ? now : before;
    const json& of_item = member(properties, "eo:bands");
    if (!list.is_array() || list.size() > 1000) return bands;
    for (const json& told : list) {
        if (told.is_object())
            bands.push_back(band_of(told));
        else if (told.is_number_unsigned() && of_item.is_array() &&
                 told.get<std::size_t>() < of_item.size() && of_item[told.get<std::size_t>()].is_object())
            bands.push_back(band_of(of_item[told.get<std::size_t>()]));
    }
    return bands;
}

// proj:shape is [rows, columns].
void read_shape(const json& from, std::int64_t& width, std::int64_t& height) {
    const json& shape = member(from, "proj:shape");
    if (!shape.is_array() || shape.size() != 2 || !shape[0].is_number() || !shape[1].is_number()) return;
    const double rows = shape[0], columns = shape[1];
    if (!(rows >= 1 && columns >= 1 && rows < 1e7 && columns < 1e7)) return;
    width = static_cast<std::int64_t>(columns);
    height = static_cast<std::int64_t>(rows);
}

OfferedAsset read_asset(const std::string& key, const json& told, const json& item,
                        const std::string& address) {
    const json& properties = member(item, "properties");
    OfferedAsset asset;
    asset.key = key;
    asset.type = text_member(told, "type");
    if (asset.type.empty()) asset.type = text_member(told, "media_type");
    asset.asset.path = resolve_address(text_member(told, "href"), address);
    asset.asset.bands = bands_of(told, properties);
    const json& roles = member(told, "roles");
    for (const json& role : roles.is_array() ? roles : json::array())
        if (role.is_string()) asset.roles.push_back(role);
    read_shape(told, asset.width, asset.height);
    if (asset.width == 0) read_shape(properties, asset.width, asset.height);
    const json& size = member(told, "file:size");
    if (size.is_number_unsigned()) asset.bytes = size.get<std::int64_t>();
    if (!asset.bytes) asset.bytes = raster::local_file_size(asset.asset.path);
    return asset;
}

void read_assets(const json& item, const std::string& address, Candidate& candidate) {
    const json& assets = member(item, "assets");
    constexpr std::size_t most_assets = 2000;
    if (!assets.is_object() && !assets.is_array()) throw Error("", "it has no assets");
    if (assets.size() > most_assets)
        throw Error("", "it has more than " + std::to_string(most_assets) + " assets");
    std::string reason;
    std::size_t number = 0;
    for (const auto& [name, told] : assets.items()) {
        ++number;
        if (!told.is_object()) continue;
        // Up to 0.5 assets were a list, with names or keys of their own.
        std::string key = name;
        if (assets.is_array()) {
            key = text_member(told, "key");
            if (key.empty()) key = text_member(told, "name");
            if (key.empty()) key = std::to_string(number);
        }
        try {
            candidate.offered.push_back(read_asset(key, told, item, address));
        } catch (const Error& error) {
            reason = error.what();
        }
    }
    if (candidate.offered.empty()) throw Error("", reason.empty() ? "it has no assets" : reason);
}

void read_version(const json& item, const json& properties, Candidate& candidate) {
    // The processing baseline and its moment, else when the item was changed.
    for (const char* name : {"version", "s2:processing_baseline", "s2:generation_time", "processing:datetime",
                             "updated", "created"}) {
        const json& value = member(properties, name);
        candidate.scene.version += (value.is_string()   ? value.get<std::string>()
                                    : value.is_number() ? value.dump()
                                                        : "") +
                                   "\n";
    }
    const json& deprecated = member(properties, "deprecated");
    candidate.deprecated = deprecated.is_boolean() && deprecated.get<bool>();
    const json& links = member(item, "links");
    for (const json& link : links.is_array() ? links : json::array()) {
        if (!link.is_object()) continue;
        const std::string rel = text_member(link, "rel");
        if (rel == "successor-version") candidate.deprecated = true;
        if (rel == "self" && candidate.scene.description.empty())
            candidate.scene.description = text_member(link, "href");
    }
}

}  // namespace

Candidate read_item(const json& item, const std::string& address) {
    if (!item.is_object()) throw Error("", "it is no JSON object");
    Candidate candidate;
    Scene& scene = candidate.scene;
    const json& id = member(item, "id");
    if (id.is_string())
        scene.id = id.get<std::string>();
    else if (id.is_number())
        scene.id = id.dump();
    if (scene.id.empty() || scene.id.size() > 1000) throw Error("", "it has no id");
    for (char& c : scene.id)
        if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
    const json& properties = member(item, "properties");
    if (!properties.is_object()) throw Error("", "it has no properties");
    candidate.properties = properties;
    scene.collection = text_member(item, "collection");
    scene.source = address;
    scene.box = box_of(item);
    for (const char* name : {"datetime", "start_datetime", "end_datetime"})
        if (const auto moment = parse_moment(text_member(properties, name)); moment && scene.datetime.empty())
            scene.datetime = moment_text(*moment);
    read_version(item, properties, candidate);
    read_assets(item, address, candidate);
    return candidate;
}

}  // namespace landseam::catalog
