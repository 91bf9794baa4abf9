// A scene of a catalog, as the plan keeps it.
#pragma once

#include "landseam/pipeline/scene_sources.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace landseam::catalog {

using nlohmann::json;
using raster::Asset;
using raster::AssetBand;
using raster::LonLatBox;

struct Scene {
    std::int64_t index = 0;  // in the plan
    std::string id;
    std::string collection;
    std::string datetime;  // RFC 3339, UTC; empty: not known
    std::optional<LonLatBox> box;
    std::vector<Asset> assets;
    std::string source;       // the document or folder it was found in
    std::string description;  // the item's own address; empty where there is none
    std::int64_t width = 0;   // pixels; 0: not known
    std::int64_t height = 0;
    std::optional<std::int64_t> bytes;
    // While planning only:
    std::string version;   // of two of one scene the greater one is newer
    bool is_file = false;  // not of a STAC item: files of one name in different folders are different scenes

    // The day, as 2023-06-17; empty: not known.
    std::string date() const { return datetime.substr(0, 10); }
};

json to_json(const Scene& scene);
// Throws json::exception.
Scene scene_from(const json& object);

struct LeftOut {
    std::string id;
    std::string source;
    std::string reason;  // a few words that others share, "cloudier than 20 %"
    std::string detail;  // may be empty
};

// An asset of a STAC item, before the choice.
struct OfferedAsset {
    std::string key;
    Asset asset;
    std::string type;  // media type
    std::vector<std::string> roles;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::optional<std::int64_t> bytes;
};

// A scene that may come into the plan.
struct Candidate {
    Scene scene;  // without assets if there are `offered` ones
    json properties = json::object();
    std::vector<OfferedAsset> offered;
    bool deprecated = false;
};

}  // namespace landseam::catalog
