#include "pipeline/layer_picture.h"

#include "landseam/output/quicklook.h"

#include "pipeline/mapped_polygons.h"

#include <algorithm>
#include <cmath>

namespace landseam::pipeline {
namespace {

// A square around the polygons with a quarter of their size on each side, moved into the scene.
PixelBox square_around(const MultiPolygon& polygons, const PixelBox& scene) {
    double x0 = 1e300, y0 = 1e300, x1 = -1e300, y1 = -1e300;
    for (const Polygon& polygon : polygons)
        for (const Point& p : polygon.outer) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    const auto side = std::max<std::int64_t>(16, std::llround(1.5 * std::max(x1 - x0, y1 - y0)));
    const auto begin = [&](double middle, std::int64_t length) {
        const auto at = std::llround(middle - static_cast<double>(side) / 2);
        return std::clamp<std::int64_t>(at, 0, std::max<std::int64_t>(0, length - side));
    };
    return intersection({begin((x0 + x1) / 2, scene.width), begin((y0 + y1) / 2, scene.height), side, side},
                        scene);
}

}  // namespace

std::vector<MultiPolygon> in_scene_pixels(const output::ReadLayer& layer, const raster::SceneInfo& info) {
    const GeoTransform transform = info.geo_transform.value_or(GeoTransform{});
    std::vector<MultiPolygon> outlines;
    for (const output::Feature& feature : layer.features)
        outlines.push_back(mapped(feature.geometry, [&](Point p) { return transform.to_pixel(p); }));
    return outlines;
}

MultiPolygon in_picture(MultiPolygon polygons, const PixelBox& window, Point scale) {
    return mapped(std::move(polygons), [&](Point p) {
        return Point{(p.x - static_cast<double>(window.x)) * scale.x,
                     (p.y - static_cast<double>(window.y)) * scale.y};
    });
}

ImageU8 LayerPicture::rgb(const PixelBox& window, int width, int height) const {
    const RasterWindow pixels = scene_.source->read(window, scene_.plan.source_bands, width, height);
    return bands::to_rgb(pixels, scene_.plan, scene_.stretch);
}

ImageU8 LayerPicture::overview(int side) const {
    const raster::SceneInfo& info = scene_.source->info();
    const PixelBox whole{0, 0, info.width, info.height};
    const double factor = std::min(1.0, side / static_cast<double>(std::max(info.width, info.height)));
    const auto reduced = [&](std::int64_t length) {
        return std::max(1, static_cast<int>(std::lround(length * factor)));
    };
    const int width = reduced(info.width), height = reduced(info.height);
    const Point scale{width / static_cast<double>(info.width), height / static_cast<double>(info.height)};
    std::vector<MultiPolygon> placed;
    for (const MultiPolygon& outline : outlines_) placed.push_back(in_picture(outline, whole, scale));
    return output::draw_overlay(rgb(whole, width, height), placed);
}

ImageU8 LayerPicture::of_object(const MultiPolygon& outline, int side) const {
    const raster::SceneInfo& info = scene_.source->info();
    const PixelBox window = square_around(outline, {0, 0, info.width, info.height});
    const double factor = side / static_cast<double>(std::max(window.width, window.height));
    const int width = std::max(1, static_cast<int>(std::lround(window.width * factor)));
    const int height = std::max(1, static_cast<int>(std::lround(window.height * factor)));
    const Point scale{width / static_cast<double>(window.width), height / static_cast<double>(window.height)};
    output::OverlayStyle style;
    style.fill_opacity = 0.12;
    style.outline_width = 2;
    return output::draw_overlay(rgb(window, width, height), {in_picture(outline, window, scale)}, style);
}

}  // namespace landseam::pipeline
