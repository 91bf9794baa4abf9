#include "landseam/raster/area_of_interest.h"

#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/gdal_messages.h"

#include <cmath>
#include <memory>
#include <optional>

#include <cpl_conv.h>
#include <gdal_priv.h>
#include <ogrsf_frmts.h>

namespace landseam::raster {
namespace {

constexpr double kTolerance = 0.02;  // pixels
constexpr int kDeepest = 14;         // halvings of one edge

// Four numbers; nothing if `spec` is not a list of numbers at all.
std::optional<std::vector<double>> parse_numbers(const std::string& spec) {
    std::vector<double> numbers;
    const char* text = spec.c_str();
    while (true) {
        char* rest = nullptr;
        const double value = CPLStrtod(text, &rest);
        if (rest == text) return std::nullopt;
        numbers.push_back(value);
        while (*rest == ' ') ++rest;
        if (*rest == '\0') return numbers;
        if (*rest != ',') return std::nullopt;
        text = rest + 1;
    }
}

Polygon box_polygon(const std::string& spec, const std::vector<double>& numbers, const SceneInfo& scene) {
    const auto bad = [&](const std::string& cause) -> Error {
        return Error(spec, cause, "write minx,miny,maxx,maxy", ErrorKind::usage);
    };
    if (numbers.size() != 4)
        throw bad("an area of interest has four numbers, not " + std::to_string(numbers.size()));
    for (const double number : numbers)
        if (!std::isfinite(number)) throw bad("an area of interest has finite numbers");
    const double x0 = numbers[0], y0 = numbers[1], x1 = numbers[2], y1 = numbers[3];
    if (!(x0 < x1 && y0 < y1)) throw bad("the area of interest is empty");
    Polygon box{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {}};
    if (scene.geo_transform)
        for (Point& corner : box.outer) corner = scene.geo_transform->to_pixel(corner);
    return box;
}

// From a layer's coordinates to scene pixels.
class LayerPlacer {
public:
    LayerPlacer(const std::string& path, const OGRSpatialReference* layer_crs, const SceneInfo& scene)
        : path_(path), scene_(scene) {
        if (!layer_crs || layer_crs->IsEmpty()) return;  // taken to be in the scene's own coordinates
        if (!scene.geo_transform || scene.crs_wkt.empty())
            throw Error(path, "has a coordinate reference system, but the scene has none to place it in",
                        scene.geo_transform
                            ? "give the area as minx,miny,maxx,maxy in the scene's coordinates"
                            : "give the area as minx,miny,maxx,maxy in pixels");
        OGRSpatialReference scene_crs;
        scene_crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
        scene_crs.importFromWkt(scene.crs_wkt.c_str());
        transformation_.reset(OGRCreateCoordinateTransformation(layer_crs, &scene_crs));
        if (!transformation_)
            throw Error(path, "PROJ knows no way from its coordinate reference system to the scene's",
                        "convert it first: ogr2ogr -t_srs EPSG:… area.gpkg '" + path + "'");
    }

    Ring place(const OGRLinearRing& ring) const {
        Ring out;
        const int count = ring.getNumPoints() - (ring.get_IsClosed() ? 1 : 0);
        for (int i = 0; i < count; ++i) {
            const Point a{ring.getX(i), ring.getY(i)};
            const int next = (i + 1) % count;
            const Point b{ring.getX(next), ring.getY(next)};
            const Point start = pixel(a);
            out.push_back(start);
            if (transformation_) add_bends(a, start, b, pixel(b), 0, out);
        }
        return out;
    }

private:
    Point pixel(Point world) const {
        // Beyond 1e12 GDAL's web-mercator transformation wraps longitudes for ever.
        const bool sane = std::abs(world.x) <= 1e12 && std::abs(world.y) <= 1e12;
        if (!sane || (transformation_ && !transformation_->Transform(1, &world.x, &world.y)))
            throw Error(path_, "reaches to where the scene's coordinate reference system has no coordinates",
                        "cut it to the scene's surroundings first");
        return scene_.geo_transform ? scene_.geo_transform->to_pixel(world) : world;
    }

    // Points between a and b wherever the edge, straight in the layer, is not straight in the scene.
    void add_bends(Point a, Point pixel_a, Point b, Point pixel_b, int depth, Ring& out) const {
        const Point middle{(a.x + b.x) / 2, (a.y + b.y) / 2};
        const Point pixel_middle = pixel(middle);
        const double off = std::hypot(pixel_middle.x - (pixel_a.x + pixel_b.x) / 2,
                                      pixel_middle.y - (pixel_a.y + pixel_b.y) / 2);
        if (off <= kTolerance || depth >= kDeepest) return;
        add_bends(a, pixel_a, middle, pixel_middle, depth + 1, out);
        out.push_back(pixel_middle);
        add_bends(middle, pixel_middle, b, pixel_b, depth + 1, out);
    }

    const std::string& path_;
    const SceneInfo& scene_;
    std::unique_ptr<OGRCoordinateTransformation> transformation_;
};

void add_polygons(const OGRGeometry& geometry, const LayerPlacer& placer, MultiPolygon& out) {
    const OGRwkbGeometryType type = wkbFlatten(geometry.getGeometryType());
    if (type == wkbPolygon) {
        const OGRPolygon& source = *geometry.toPolygon();
        if (source.IsEmpty()) return;
        Polygon polygon{placer.place(*source.getExteriorRing()), {}};
        for (int i = 0; i < source.getNumInteriorRings(); ++i)
            polygon.holes.push_back(placer.place(*source.getInteriorRing(i)));
        if (polygon.outer.size() >= 3) out.push_back(std::move(polygon));
    } else if (OGR_GT_IsSubClassOf(type, wkbGeometryCollection)) {
        for (const OGRGeometry* part : *geometry.toGeometryCollection()) add_polygons(*part, placer, out);
    }
}

void add_layer(const std::string& path, OGRLayer& layer, const SceneInfo& scene, MultiPolygon& out) {
    const LayerPlacer placer(path, layer.GetSpatialRef(), scene);
    layer.ResetReading();
    while (const std::unique_ptr<OGRFeature> feature{layer.GetNextFeature()}) {
        const OGRGeometry* geometry = feature->GetGeometryRef();
        if (!geometry) continue;
        const std::unique_ptr<OGRGeometry> linear(geometry->getLinearGeometry());  // arcs become chords
        if (linear) add_polygons(*linear, placer, out);
    }
}

MultiPolygon read_vector_file(const std::string& path, const SceneInfo& scene) {
    const GdalMessages messages;
    const std::unique_ptr<GDALDataset> dataset(
        GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR));
    if (!dataset) {
        std::string cause = messages.cause("GDAL cannot open it");
        if (cause.rfind(path + ": ", 0) == 0) cause.erase(0, path.size() + 2);
        throw Error(path, "the area of interest cannot be read: " + cause,
                    "give a vector file or minx,miny,maxx,maxy", failure_kind(path, cause));
    }
    MultiPolygon polygons;
    for (OGRLayer* layer : dataset->GetLayers()) add_layer(path, *layer, scene, polygons);
    if (polygons.empty())
        throw Error(path,
                    "holds no polygon, so it is no area of interest" +
                        (messages.cause("").empty() ? "" : " (" + messages.cause("") + ")"),
                    "give a layer of polygons");
    return polygons;
}

// The part of a ring where sign·(coordinate − limit) ≤ 0: one step of Sutherland and Hodgman's clipping.
Ring cut(const Ring& ring, bool along_x, double sign, double limit) {
    Ring out;
    const auto outside = [&](Point p) { return sign * ((along_x ? p.x : p.y) - limit); };
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point a = ring[i], b = ring[(i + 1) % ring.size()];
        const double da = outside(a), db = outside(b);
        if (da <= 0) out.push_back(a);
        if ((da < 0 && db > 0) || (da > 0 && db < 0))
            out.push_back({a.x + (b.x - a.x) * da / (da - db), a.y + (b.y - a.y) * da / (da - db)});
    }
    return out;
}

double area_on_scene(const Ring& ring, const SceneInfo& scene) {
    Ring part = cut(ring, true, -1, 0);
    part = cut(part, true, 1, static_cast<double>(scene.width));
    part = cut(part, false, -1, 0);
    part = cut(part, false, 1, static_cast<double>(scene.height));
    return part.size() < 3 ? 0 : std::abs(signed_area(part));
}

void check_on_scene(const std::string& spec, const MultiPolygon& polygons, const SceneInfo& scene) {
    for (const Polygon& polygon : polygons) {
        double size = area_on_scene(polygon.outer, scene);
        for (const Ring& hole : polygon.holes) size -= area_on_scene(hole, scene);
        if (size > 1e-6) return;
    }
    const std::string frame = scene.crs_name.empty() ? "" : " (" + scene.crs_name + ")";
    throw Error(spec, "the area of interest does not touch the scene '" + scene.path + "'" + frame,
                "check its coordinates and their reference system");
}

}  // namespace

MultiPolygon read_area_of_interest(const std::string& spec, const SceneInfo& scene) {
    register_gdal();
    MultiPolygon polygons;
    if (const auto numbers = parse_numbers(spec))
        polygons = {box_polygon(spec, *numbers, scene)};
    else
        polygons = read_vector_file(spec, scene);
    check_on_scene(spec, polygons, scene);
    return polygons;
}

}  // namespace landseam::raster
