#include "pipeline/prompt_objects.h"

#include "landseam/core/error.h"
#include "landseam/core/interior_pixel.h"
#include "landseam/output/layer_reader.h"
#include "landseam/raster/place_points.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace landseam::pipeline {
namespace {

using Box = mask_generation::ObjectPrompt::Box;
using output::FieldValue;

constexpr int points_on_a_line = 5;
constexpr double interior_side = 256;  // pixels of the picture in which a polygon's middle is looked for

struct Bounds {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;

    void add(Point p) {
        x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
        y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
    }
    void add(const MultiPolygon& polygons) {
        for (const Polygon& polygon : polygons)
            for (const Point& p : polygon.outer) add(p);
    }
    void add(const Box& box) {
        add(Point{box.x0, box.y0});
        add(Point{box.x1, box.y1});
    }
    Box box() const { return {x0, y0, x1, y1}; }
};

std::string lower_case(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// Whether a label says "on the object"; throws Error where it says nothing of the kind.
bool is_positive(const FieldValue& value, const std::string& path, std::int64_t id) {
    if (std::holds_alternative<std::monostate>(value)) return true;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole > 0;
    if (const auto* real = std::get_if<double>(&value)) return *real > 0;
    static const std::set<std::string> positive{"1",    "+",   "positive",   "pos",
                                                "true", "yes", "foreground", "fg"};
    static const std::set<std::string> negative{"0",  "-",     "-1", "negative",  "neg",
                                                "no", "false", "bg", "background"};
    const std::string text = lower_case(std::get<std::string>(value));
    if (positive.count(text)) return true;
    if (negative.count(text)) return false;
    throw Error(path, "feature " + std::to_string(id) + " has the label '" + text + "'",
                "labels are 1 or positive, and 0 or negative");
}

// Evenly along the line, half an interval from its ends.
std::vector<Point> points_along(const std::vector<Point>& line) {
    double length = 0;
    for (std::size_t i = 1; i < line.size(); ++i)
        length += std::hypot(line[i].x - line[i - 1].x, line[i].y - line[i - 1].y);
    std::vector<Point> points;
    double passed = 0;
    for (std::size_t i = 1; i < line.size(); ++i) {
        const Point a = line[i - 1], b = line[i];
        const double piece = std::hypot(b.x - a.x, b.y - a.y);
        while (points.size() < points_on_a_line) {
            const double wanted = length * (static_cast<double>(points.size()) + 0.5) / points_on_a_line;
            if (wanted > passed + piece || piece == 0) break;
            const double t = (wanted - passed) / piece;
            points.push_back({a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t});
        }
        passed += piece;
    }
    if (points.empty()) points.push_back(line.front());
    return points;
}

PolygonUse polygon_use(const PromptOptions& options) {
    if (options.polygon_use != PolygonUse::automatic) return options.polygon_use;
    return options.refine ? PolygonUse::both : PolygonUse::box;
}

void add_polygons(PromptObject& object, const MultiPolygon& polygons, bool positive, PolygonUse use) {
    if (polygons.empty()) return;
    if (!positive || use == PolygonUse::point) {
        object.prompt.points.push_back({interior_place(polygons, interior_side), positive});
        if (!positive) return;
    }
    object.polygons.insert(object.polygons.end(), polygons.begin(), polygons.end());
    if (use == PolygonUse::mask || use == PolygonUse::both) object.prompt.outline = object.polygons;
    if (use == PolygonUse::box || use == PolygonUse::both) {
        Bounds bounds;
        bounds.add(object.polygons);
        object.prompt.box = bounds.box();
    }
}

void add_feature(PromptObject& object, const output::MixedFeature& feature, bool positive, PolygonUse use) {
    for (const Point& point : feature.points) object.prompt.points.push_back({point, positive});
    for (const auto& line : feature.lines)
        for (const Point& point : points_along(line)) object.prompt.points.push_back({point, positive});
    add_polygons(object, feature.polygons, positive, use);
}

std::optional<std::size_t> field_index(const output::MixedLayer& layer, const std::string& name,
                                       const std::string& path, const std::string& option) {
    if (name.empty()) return {};
    std::string known;
    for (std::size_t i = 0; i < layer.fields.size(); ++i) {
        if (layer.fields[i].name == name) return i;
        known += (i ? ", " : "") + layer.fields[i].name;
    }
    throw Error(path, "has no field '" + name + "'",
                known.empty() ? "leave out " + option : "name one of " + known + " as " + option);
}

void to_pixels(output::MixedFeature& feature, const raster::SceneInfo& scene) {
    if (!scene.geo_transform) return;
    const auto place = [&](std::vector<Point>& points) {
        for (Point& p : points) p = scene.geo_transform->to_pixel(p);
    };
    place(feature.points);
    for (auto& line : feature.lines) place(line);
    for (Polygon& polygon : feature.polygons) {
        place(polygon.outer);
        for (Ring& hole : polygon.holes) place(hole);
    }
}

output::MixedLayer read_prompt_layer(const PromptOptions& options, const raster::SceneInfo& scene) {
    const bool in_pixels = options.crs == "pixels";
    const std::string assumed = in_pixels ? "" : options.crs.empty() ? scene.crs_wkt : options.crs;
    output::MixedLayer layer = output::read_mixed_layer(options.prompts, options.prompt_layer,
                                                        in_pixels ? "" : scene.crs_wkt, assumed);
    if (scene.crs_wkt.empty() && !layer.crs_wkt.empty() && !in_pixels)
        throw Error(
            options.prompts,
            "has a coordinate reference system, but the scene '" + scene.path + "' has none to place it in",
            "give prompts in pixels, with --crs pixels");
    if (layer.features.empty()) throw Error(options.prompts, "holds no geometry to prompt with");
    if (!in_pixels)
        for (output::MixedFeature& feature : layer.features) to_pixels(feature, scene);
    return layer;
}

void add_layer_objects(const PromptOptions& options, const raster::SceneInfo& scene, PromptObjects& result) {
    output::MixedLayer layer = read_prompt_layer(options, scene);
    const auto label = field_index(layer, options.label_field, options.prompts, "--label-field");
    const auto group = field_index(layer, options.object_field, options.prompts, "--object-field");
    result.fields = layer.fields;
    result.skipped = layer.skipped;
    std::map<FieldValue, std::size_t> known;
    for (output::MixedFeature& feature : layer.features) {
        std::size_t place = result.objects.size();
        if (group && !std::holds_alternative<std::monostate>(feature.values[*group]))
            place = known.try_emplace(feature.values[*group], place).first->second;
        if (place == result.objects.size()) {
            result.objects.emplace_back();
            result.objects.back().id = feature.id;
            result.objects.back().values = feature.values;
        }
        const bool positive = !label || is_positive(feature.values[*label], options.prompts, feature.id);
        add_feature(result.objects[place], feature, positive, polygon_use(options));
    }
}

// Boxes and points that came with the options.
void add_given_objects(const PromptOptions& options, const raster::SceneInfo& scene, PromptObjects& result) {
    std::vector<PromptObject> objects;
    const auto object_for_next = [&]() -> PromptObject& {
        if (objects.empty() || !options.together) {
            objects.emplace_back();
            objects.back().id = static_cast<std::int64_t>(objects.size());
        }
        return objects.back();
    };
    for (const Point& point : raster::place_points(options.points, options.crs, scene))
        object_for_next().prompt.points.push_back({point, true});
    for (const auto& [x0, y0, x1, y1] : options.boxes) {
        PromptObject& object = object_for_next();
        Bounds bounds;
        for (const Point& p :
             raster::place_points({{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, options.crs, scene))
            bounds.add(p);
        if (object.prompt.box) bounds.add(*object.prompt.box);
        object.prompt.box = bounds.box();
    }
    const std::vector<Point> beside = raster::place_points(options.negative_points, options.crs, scene);
    for (PromptObject& object : objects) {
        for (const Point& point : beside) object.prompt.points.push_back({point, false});
        object.values.resize(result.fields.size());
        result.objects.push_back(std::move(object));
    }
}

}  // namespace

bool PromptObject::positive() const {
    return sized() || std::any_of(prompt.points.begin(), prompt.points.end(),
                                  [](const auto& point) { return point.on_object; });
}

Box PromptObject::extent() const {
    Bounds bounds;
    for (const auto& point : prompt.points)
        if (point.on_object) bounds.add(point.at);
    if (prompt.box) bounds.add(*prompt.box);
    bounds.add(prompt.outline);
    return bounds.box();
}

PromptObjects read_prompt_objects(const PromptOptions& options, const raster::SceneInfo& scene) {
    PromptObjects result;
    if (!options.prompts.empty()) add_layer_objects(options, scene, result);
    add_given_objects(options, scene, result);
    return result;
}

std::vector<output::FieldDefinition> renamed_fields(std::vector<output::FieldDefinition> fields,
                                                    const std::vector<output::FieldDefinition>& own) {
    std::set<std::string> used;
    for (const output::FieldDefinition& field : own) used.insert(lower_case(field.name));
    std::vector<output::FieldDefinition*> renamed;
    for (output::FieldDefinition& field : fields)
        if (!used.insert(lower_case(field.name)).second) renamed.push_back(&field);
    for (output::FieldDefinition* field : renamed) do
            field->name = "prompt_" + field->name;
        while (!used.insert(lower_case(field->name)).second);
    return fields;
}

}  // namespace landseam::pipeline
