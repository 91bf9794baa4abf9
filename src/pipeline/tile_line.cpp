#include "landseam/core/coco_rle.h"
#include "landseam/core/error.h"
#include "landseam/pipeline/tile_masks_file.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

namespace landseam::pipeline {
namespace {

using nlohmann::json;

constexpr int deepest = 8;  // levels of nested values; the format needs five
constexpr std::int64_t longest_scene_side = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t longest_tile_side = 65536;
constexpr std::size_t most_runs = 20'000'000;  // of all masks of a tile
constexpr std::size_t longest_name = 63, most_names = 200;

json parse(std::string_view line) {
    const auto not_too_deep = [](int depth, json::parse_event_t, json&) {
        if (depth > deepest)
            throw Error("", "it is nested more than " + std::to_string(deepest) + " levels deep");
        return true;
    };
    try {
        json object = json::parse(line.begin(), line.end(), not_too_deep);
        if (!object.is_object()) throw Error("", "it is not a JSON object");
        return object;
    } catch (const json::exception& error) {
        const std::string text =
            error.what();  // "[json.exception.parse_error.101] parse error at line 1, column 7: …"
        const std::size_t column = text.find("column ");
        throw Error("", "it is not JSON: " +
                            (column == std::string::npos ? text : text.substr(column)).substr(0, 200));
    }
}

const json& member(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) throw Error("", std::string("it has no \"") + name + "\"");
    return *found;
}

std::int64_t whole(const json& value, const char* name, std::int64_t least, std::int64_t most) {
    const bool fits = value.is_number_integer() &&
                      !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) &&
                      value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most;
    if (!fits)
        throw Error("", std::string("\"") + name + "\" must be a whole number from " + std::to_string(least) +
                            " to " + std::to_string(most));
    return value.get<std::int64_t>();
}

double number(const json& value, const char* name) {
    if (!value.is_number()) throw Error("", std::string("\"") + name + "\" must be a number");
    return value.get<double>();
}

const json& array(const json& object, const char* name, std::size_t size) {
    const json& value = member(object, name);
    if (!value.is_array() || value.size() != size)
        throw Error("",
                    std::string("\"") + name + "\" must be a list of " + std::to_string(size) + " numbers");
    return value;
}

PixelBox box_from(const json& object, const TileMasksHeader& header) {
    const json& box = array(object, "box", 4);
    const PixelBox window{
        whole(box[0], "box", 0, header.width - 1), whole(box[1], "box", 0, header.height - 1),
        whole(box[2], "box", 1, longest_tile_side), whole(box[3], "box", 1, longest_tile_side)};
    if (window.right() > header.width || window.bottom() > header.height)
        throw Error("", "its box reaches beyond the scene of " + std::to_string(header.width) + " by " +
                            std::to_string(header.height) + " pixels");
    return window;
}

std::vector<std::uint32_t> counts_of(const json& segmentation) {
    const json& counts = member(segmentation, "counts");
    if (counts.is_string()) return counts_from(counts.get_ref<const std::string&>());
    if (!counts.is_array()) throw Error("", "\"counts\" must be a string or a list of numbers");
    std::vector<std::uint32_t> values;
    values.reserve(counts.size());
    for (const json& count : counts)
        values.push_back(
            static_cast<std::uint32_t>(whole(count, "counts", 0, std::numeric_limits<std::uint32_t>::max())));
    return values;
}

RunMask mask_from(const json& segmentation, const PixelBox& window, std::size_t runs_left) {
    if (!segmentation.is_object()) throw Error("", "\"segmentation\" must be an object with size and counts");
    const json& size = array(segmentation, "size", 2);
    if (whole(size[0], "size", 0, longest_tile_side) != window.height ||
        whole(size[1], "size", 0, longest_tile_side) != window.width)
        throw Error("", "a segmentation is of " + size.dump() + " pixels, height first, and its tile of [" +
                            std::to_string(window.height) + "," + std::to_string(window.width) + "]");
    return RunMask::from_coco(
        {static_cast<int>(window.height), static_cast<int>(window.width), counts_of(segmentation)},
        runs_left);
}

bool is_attribute(const std::string& name) {
    return name != "predicted_iou" && name != "stability_score" && name != "area" && name != "id";
}

double score_of(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) return 1;
    return number(*found, name);
}

TileMask tile_mask_from(const json& object, const PixelBox& window, std::size_t runs_left,
                        const std::vector<std::string>& names, std::set<std::string>& found_names) {
    if (!object.is_object()) throw Error("", "one of its masks is not an object");
    TileMask mask;
    mask.segmentation = mask_from(member(object, "segmentation"), window, runs_left);
    mask.area = mask.segmentation.area();
    mask.predicted_iou = score_of(object, "predicted_iou");
    mask.stability_score = score_of(object, "stability_score");
    for (const auto& [name, value] : object.items()) {
        if (!value.is_number() || !is_attribute(name)) continue;
        if (name.empty() || name.size() > longest_name)
            throw Error("", "an attribute's name has " + std::to_string(name.size()) + " bytes, and 1 to " +
                                std::to_string(longest_name) + " are possible");
        found_names.insert(name);
        if (found_names.size() > most_names)
            throw Error("", "its masks have more than " + std::to_string(most_names) + " attributes");
        const auto place = std::lower_bound(names.begin(), names.end(), name);
        if (place == names.end() || *place != name) continue;
        mask.attributes.resize(names.size(), std::nan(""));
        mask.attributes[static_cast<std::size_t>(place - names.begin())] = value.get<double>();
    }
    return mask;
}

}  // namespace

TileMasksHeader header_from(std::string_view line) {
    const json object = parse(line);
    TileMasksHeader header;
    header.width = whole(member(object, "width"), "width", 1, longest_scene_side);
    header.height = whole(member(object, "height"), "height", 1, longest_scene_side);
    if (object.contains("geotransform") && !object["geotransform"].is_null()) {
        GeoTransform transform;
        const json& numbers = array(object, "geotransform", 6);
        for (std::size_t i = 0; i < 6; ++i) transform.c[i] = number(numbers[i], "geotransform");
        const double determinant = transform.determinant();
        if (!(std::isfinite(determinant) && determinant != 0))
            throw Error("", "\"geotransform\" maps pixels to a line");
        header.geo_transform = transform;
    }
    if (object.contains("crs") && !object["crs"].is_null()) {
        if (!object["crs"].is_string())
            throw Error("", "\"crs\" must be a text such as \"EPSG:32632\", or WKT");
        header.crs = object["crs"].get<std::string>();
    }
    if (object.contains("tile_overlap") && !object["tile_overlap"].is_null())
        header.tile_overlap =
            static_cast<int>(whole(object["tile_overlap"], "tile_overlap", 0, longest_tile_side));
    return header;
}

TileLine tile_from(std::string_view line, const TileMasksHeader& header,
                   const std::vector<std::string>& names) {
    const json object = parse(line);
    TileLine tile;
    tile.box = box_from(object, header);
    const json& masks = member(object, "masks");
    if (!masks.is_array()) throw Error("", "\"masks\" must be a list");
    std::size_t runs = 0;
    for (const json& mask : masks) {
        tile.masks.push_back(tile_mask_from(mask, tile.box, most_runs - runs, names, tile.names));
        runs += tile.masks.back().segmentation.runs().size();
    }
    return tile;
}

std::string header_line(const TileMasksHeader& header) {
    json object{{"width", header.width}, {"height", header.height}, {"tile_overlap", header.tile_overlap}};
    object["geotransform"] = header.geo_transform ? json(header.geo_transform->c) : json();
    object["crs"] = header.crs.empty() ? json() : json(header.crs);
    return object.dump();
}

std::string tile_line(const PixelBox& box, const std::vector<TileMask>& masks,
                      const std::vector<std::string>& names) {
    const int width = static_cast<int>(box.width), height = static_cast<int>(box.height);
    std::string line = R"({"box":)" + json{box.x, box.y, box.width, box.height}.dump() + R"(,"masks":[)";
    for (const TileMask& mask : masks) {
        json object{{"segmentation",
                     {{"size", {height, width}},
                      {"counts", compressed_counts(mask.segmentation.to_coco(width, height).counts)}}},
                    {"predicted_iou", mask.predicted_iou},
                    {"stability_score", mask.stability_score}};
        for (std::size_t i = 0; i < mask.attributes.size(); ++i)
            if (std::isfinite(mask.attributes[i])) object[names.at(i)] = mask.attributes[i];
        if (line.back() == '}') line += ',';
        line += object.dump();
    }
    return line + "]}";
}

}  // namespace landseam::pipeline
