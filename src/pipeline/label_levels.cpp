#include "pipeline/label_levels.h"

#include "landseam/core/error.h"
#include "landseam/core/polygon_fill.h"
#include "landseam/output/layer_reader.h"
#include "landseam/raster/read_labels.h"
#include "landseam/segments/region_hierarchy.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <set>
#include <unordered_map>

namespace landseam::pipeline {
namespace {

using sam::SampleLevel;

constexpr std::int64_t kSmallestComponent = 16;  // pixels
constexpr std::size_t kMostClasses = 4096;       // more are a photograph, or a picture kept with loss

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

SampleLevel empty_level(const LabelSource& source, const PixelBox& window) {
    const std::int32_t outside = source.complete ? SampleLevel::nothing : SampleLevel::unknown;
    return {source.level_name(), std::vector<std::int32_t>(static_cast<std::size_t>(window.area()), outside)};
}

// --- polygons

// An object's pixels in scene coordinates, and whether it is one that is not to be learnt from.
struct Burnt {
    RunMask mask;
    std::int64_t area;
    bool ignored;
};

PixelBox bounds_within(const MultiPolygon& polygons, const PixelBox& window) {
    double x0 = 1e18, y0 = 1e18, x1 = -1e18, y1 = -1e18;
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    const auto column = [&](double x) {
        return static_cast<std::int64_t>(
            std::clamp(std::floor(x), static_cast<double>(window.x), static_cast<double>(window.right())));
    };
    const auto row = [&](double y) {
        return static_cast<std::int64_t>(
            std::clamp(std::floor(y), static_cast<double>(window.y), static_cast<double>(window.bottom())));
    };
    const PixelBox box{column(x0), row(y0), column(x1 + 1) - column(x0), row(y1 + 1) - row(y0)};
    return intersection(box, window);
}

RunMask burn(MultiPolygon polygons, const raster::SceneInfo& scene, const PixelBox& window) {
    const GeoTransform transform = scene.geo_transform.value_or(GeoTransform{});
    for (Polygon& polygon : polygons) {
        for (Point& p : polygon.outer) p = transform.to_pixel(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) p = transform.to_pixel(p);
    }
    return fill_polygons(polygons, bounds_within(polygons, window));
}

std::string text_of(const output::FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value))
        return *real == std::floor(*real) ? std::to_string(static_cast<std::int64_t>(*real))
                                          : std::to_string(*real);
    return {};
}

output::ReadLayer read_placed_layer(const std::string& path, const raster::SceneInfo& scene) {
    output::ReadLayer layer = output::read_layer(path, "", scene.crs_wkt);
    if (scene.crs_wkt.empty() && !layer.crs_wkt.empty())
        throw Error(
            path,
            "has a coordinate reference system, but the scene '" + scene.path + "' has none to place it in",
            "assign the scene one: gdal_translate -a_srs EPSG:…, or give labels in pixels");
    return layer;
}

std::vector<Burnt> burn_layer(const LabelSource& source, const raster::SceneInfo& scene,
                              const PixelBox& window) {
    const output::ReadLayer layer = read_placed_layer(source.path, scene);
    const auto field = std::find(layer.field_names.begin(), layer.field_names.end(), source.class_field);
    if (!source.class_field.empty() && field == layer.field_names.end())
        throw Error(source.path, "has no field '" + source.class_field + "'",
                    "name one of its fields as --class-field");
    std::vector<Burnt> objects;
    for (const output::Feature& feature : layer.features) {
        Burnt object{burn(feature.geometry, scene, window), 0, false};
        object.area = object.mask.area();
        if (object.area == 0) continue;
        if (!source.class_field.empty()) {
            const std::string value =
                text_of(feature.values[static_cast<std::size_t>(field - layer.field_names.begin())]);
            object.ignored = std::count(source.ignore.begin(), source.ignore.end(), value) > 0;
        }
        objects.push_back(std::move(object));
    }
    return objects;
}

SampleLevel polygons_level(const LabelSource& source, const raster::SceneInfo& scene,
                           const PixelBox& window) {
    std::vector<Burnt> objects = burn_layer(source, scene, window);
    // Large ones first, so that what lies on them stays.
    std::stable_sort(objects.begin(), objects.end(),
                     [](const Burnt& a, const Burnt& b) { return a.area > b.area; });
    SampleLevel level = empty_level(source, window);
    std::int32_t count = 0;
    for (const Burnt& object : objects) {
        const std::int32_t id = object.ignored ? SampleLevel::unknown : ++count;
        for (const Run& run : object.mask.runs()) {
            const auto row = level.ids.begin() + (run.y - window.y) * window.width - window.x;
            std::fill(row + run.x_begin, row + run.x_end, id);
        }
    }
    return level;
}

// --- rasters

// The numbers that `ignore` names; "#RRGGBB" as read_labels counts colours.
std::set<std::int32_t> ignored_values(const LabelSource& source) {
    std::set<std::int32_t> values;
    for (const std::string& text : source.ignore) {
        const bool color = !text.empty() && text[0] == '#';
        char* end = nullptr;
        const char* digits = text.c_str() + (color ? 1 : 0);
        const long value = std::strtol(digits, &end, color ? 16 : 10);
        if (end == digits || *end != '\0' || (color && text.size() != 7))
            throw Error("--ignore", "'" + text + "' is neither a number nor a colour",
                        "write 255 or '#9B9B9B'", ErrorKind::usage);
        values.insert(static_cast<std::int32_t>(value));
    }
    return values;
}

constexpr std::int32_t kIgnored = -1, kOutside = -2;

// Classes numbered from 0; kIgnored and kOutside elsewhere.
Image<std::int32_t> numbered_classes(const LabelSource& source, const raster::LabelPixels& labels,
                                     bool limit) {
    const std::set<std::int32_t> ignored = ignored_values(source);
    std::unordered_map<std::int32_t, std::int32_t> numbers;
    Image<std::int32_t> classes(labels.values.width, labels.values.height);
    for (std::size_t i = 0; i < classes.values.size(); ++i) {
        const std::int32_t value = labels.values.values[i];
        if (!labels.known.values[i] || value < 0 || ignored.count(value))
            classes.values[i] = kIgnored;
        else if (value == 0)
            classes.values[i] = kOutside;
        else
            classes.values[i] =
                numbers.try_emplace(value, static_cast<std::int32_t>(numbers.size())).first->second;
    }
    if (limit && numbers.size() > kMostClasses)
        throw Error(source.path,
                    "holds " + std::to_string(numbers.size()) + " different " +
                        (labels.colors ? "colours" : "values") + ", so these are no classes",
                    "give a class raster kept without loss (PNG, GeoTIFF), or --label-kind instances");
    return classes;
}

SampleLevel raster_level(const LabelSource& source, const raster::SceneInfo& scene, const PixelBox& window) {
    const bool by_class = source.resolved_kind() == LabelKind::classes;
    const Image<std::int32_t> classes =
        numbered_classes(source, raster::read_labels(source.path, scene, window), by_class);
    SampleLevel level = empty_level(source, window);
    segments::RegionMap components =
        by_class ? segments::class_components(classes, kSmallestComponent) : segments::RegionMap{};
    if (source.min_solidity > 0) segments::keep_solid_regions(components, source.min_solidity);
    for (std::size_t i = 0; i < level.ids.size(); ++i) {
        const std::int32_t number = classes.values[i];
        if (number == kOutside) continue;
        const std::int32_t id = by_class ? components.values[i] : number + 1;
        level.ids[i] = number == kIgnored || id == 0 ? SampleLevel::unknown : id;
    }
    return level;
}

}  // namespace

LabelKind LabelSource::resolved_kind() const {
    if (kind != LabelKind::automatic) return kind;
    static const std::set<std::string> rasters{".TIF", ".TIFF", ".PNG", ".VRT", ".IMG",
                                               ".BMP", ".GIF",  ".JP2", ".ASC"};
    const bool raster = rasters.count(upper_case(std::filesystem::path(path).extension().string())) > 0;
    return raster ? LabelKind::classes : LabelKind::polygons;
}

std::string LabelSource::level_name() const {
    return name.empty() ? std::filesystem::path(path).stem().string() : name;
}

SampleLevel label_level(const LabelSource& source, const raster::SceneInfo& scene, const PixelBox& window) {
    return source.resolved_kind() == LabelKind::polygons ? polygons_level(source, scene, window)
                                                         : raster_level(source, scene, window);
}

}  // namespace landseam::pipeline
