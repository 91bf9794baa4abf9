#include "catalog/scene_choice.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace landseam::catalog {
namespace {

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool has_role(const OfferedAsset& asset, const std::string& role) {
    return std::find(asset.roles.begin(), asset.roles.end(), role) != asset.roles.end();
}

std::string path_extension(const std::string& path) {
    const std::string name = path.substr(0, path.find_first_of("?#"));
    const std::size_t dot = name.find_last_of("./");
    return dot == std::string::npos || name[dot] == '/' ? "" : lower(name.substr(dot));
}

// Pictures to look at only, masks and angles are no scenes.
bool shows_a_scene(const OfferedAsset& asset) {
    for (const char* role : {"thumbnail", "overview", "metadata", "cloud", "snow-ice", "udm", "data-mask",
                             "water-mask", "saturation", "cloud-shadow", "incidence-angle", "azimuth",
                             "sun-azimuth", "sun-elevation", "terrain-shadow"})
        if (has_role(asset, role)) return false;
    if (asset.key.find("thumbnail") != std::string::npos || asset.key.find("udm") != std::string::npos)
        return false;
    static const std::set<std::string> rasters{".tif", ".tiff", ".jp2",  ".vrt",
                                               ".img", ".ntf",  ".nitf", ".ecw"};
    if (rasters.count(path_extension(asset.asset.path)) != 0) return true;
    const std::string type = lower(asset.type);
    return type.find("geotiff") != std::string::npos || type.find("image/tiff") != std::string::npos ||
           type.find("image/jp2") != std::string::npos;
}

const OfferedAsset* find_asset(const std::vector<OfferedAsset>& offered, const std::string& wanted) {
    const auto find = [&](auto matches) -> const OfferedAsset* {
        for (const OfferedAsset& asset : offered)
            if (matches(asset)) return &asset;
        return nullptr;
    };
    if (const auto* found = find([&](const OfferedAsset& a) { return a.key == wanted; })) return found;
    const std::string name = lower(wanted);
    if (const auto* found = find([&](const OfferedAsset& a) { return lower(a.key) == name; })) return found;
    // The finest where several files show one band: catalogs offer B08 and B8A, both of them "nir", the finer
    // one first.
    for (const bool by_common_name : {true, false}) {
        const auto* found = find([&](const OfferedAsset& a) {
            if (a.asset.bands.size() != 1 || !shows_a_scene(a)) return false;
            const AssetBand& band = a.asset.bands.front();
            return lower(by_common_name ? band.common_name : band.name) == name;
        });
        if (found) return found;
    }
    return find([&](const OfferedAsset& a) { return has_role(a, name) && shows_a_scene(a); });
}

void take(Candidate& candidate, const OfferedAsset& asset) {
    Scene& scene = candidate.scene;
    // Of several files the finest sets the pixels.
    if (asset.width > scene.width) scene.width = asset.width, scene.height = asset.height;
    if (scene.assets.empty())
        scene.bytes = asset.bytes;
    else
        scene.bytes = scene.bytes && asset.bytes ? std::optional<std::int64_t>(*scene.bytes + *asset.bytes)
                                                 : std::nullopt;
    scene.assets.push_back(asset.asset);
}

// The only one that `is_it` says of, else null.
template <typename Predicate>
const OfferedAsset* only(const std::vector<const OfferedAsset*>& assets, Predicate is_it) {
    const OfferedAsset* found = nullptr;
    for (const OfferedAsset* asset : assets) {
        if (!is_it(*asset)) continue;
        if (found) return nullptr;
        found = asset;
    }
    return found;
}

}  // namespace

std::string choose_assets(Candidate& candidate, const std::vector<std::string>& wanted) {
    if (candidate.offered.empty()) return candidate.scene.assets.empty() ? "it has no assets" : "";
    if (!wanted.empty()) {
        for (const std::string& name : wanted) {
            const OfferedAsset* asset = find_asset(candidate.offered, name);
            if (!asset) return "no asset '" + name + "'";
            take(candidate, *asset);
        }
        return "";
    }
    std::vector<const OfferedAsset*> rasters;
    for (const OfferedAsset& asset : candidate.offered)
        if (shows_a_scene(asset)) rasters.push_back(&asset);
    if (rasters.empty()) return "none of its assets is a raster that shows the scene";
    const OfferedAsset* chosen = only(rasters, [](const OfferedAsset&) { return true; });
    if (!chosen)
        chosen =
            only(rasters, [](const OfferedAsset& a) { return a.key == "visual" || has_role(a, "visual"); });
    if (!chosen) chosen = only(rasters, [](const OfferedAsset& a) { return a.key == "visual"; });
    if (!chosen) chosen = only(rasters, [](const OfferedAsset& a) { return has_role(a, "data"); });
    if (!chosen) return "several assets show it; choose with --assets";
    take(candidate, *chosen);
    return "";
}

}  // namespace landseam::catalog
