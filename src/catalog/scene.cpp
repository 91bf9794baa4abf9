#include "catalog/scene.h"

namespace landseam::catalog {
namespace {

json to_json(const Asset& asset) {
    json object{{"path", asset.path}};
    for (const AssetBand& band : asset.bands) {
        json told{{"name", band.name}};
        if (!band.common_name.empty()) told["common_name"] = band.common_name;
        if (band.wavelength_um) told["wavelength_um"] = *band.wavelength_um;
        object["bands"].push_back(std::move(told));
    }
    return object;
}

Asset asset_from(const json& object) {
    Asset asset;
    object.at("path").get_to(asset.path);
    for (const json& told : object.value("bands", json::array())) {
        AssetBand band{told.value("name", ""), told.value("common_name", ""), std::nullopt};
        if (told.contains("wavelength_um")) band.wavelength_um = told["wavelength_um"].get<double>();
        asset.bands.push_back(std::move(band));
    }
    return asset;
}

}  // namespace

json to_json(const Scene& scene) {
    json object{
        {"index", scene.index}, {"id", scene.id}, {"source", scene.source}, {"assets", json::array()}};
    for (const Asset& asset : scene.assets) object["assets"].push_back(to_json(asset));
    if (!scene.collection.empty()) object["collection"] = scene.collection;
    if (!scene.datetime.empty()) object["datetime"] = scene.datetime;
    if (!scene.description.empty()) object["item"] = scene.description;
    if (scene.box) object["bbox"] = *scene.box;
    if (scene.width > 0) object["size"] = {scene.width, scene.height};
    if (scene.bytes) object["bytes"] = *scene.bytes;
    return object;
}

Scene scene_from(const json& object) {
    Scene scene;
    object.at("index").get_to(scene.index);
    object.at("id").get_to(scene.id);
    object.at("source").get_to(scene.source);
    for (const json& asset : object.at("assets")) scene.assets.push_back(asset_from(asset));
    scene.collection = object.value("collection", "");
    scene.datetime = object.value("datetime", "");
    scene.description = object.value("item", "");
    if (object.contains("bbox")) scene.box = object["bbox"].get<LonLatBox>();
    if (object.contains("size")) {
        scene.width = object["size"].at(0);
        scene.height = object["size"].at(1);
    }
    if (object.contains("bytes")) scene.bytes = object["bytes"].get<std::int64_t>();
    return scene;
}

}  // namespace landseam::catalog
