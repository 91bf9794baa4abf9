#include "landseam/pipeline/quicklook.h"

#include <algorithm>
#include <cmath>

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/picture.h"
#include "landseam/output/quicklook.h"

namespace landseam::pipeline {
namespace {

PixelBox drawn_window(const QuicklookOptions& options, const raster::SceneInfo& info) {
    const PixelBox scene{0, 0, info.width, info.height};
    if (options.window.empty()) return scene;
    const PixelBox window{options.window[0], options.window[1], options.window[2], options.window[3]};
    const PixelBox inside = intersection(window, scene);
    if (inside.empty())
        throw Error("--window", "shows nothing of the scene, which has " + std::to_string(info.width) + " by " +
                                    std::to_string(info.height) + " pixels", "", ErrorKind::usage);
    return inside;
}

// From world coordinates to those of a picture that shows `window` at `scale` picture pixels a scene pixel.
MultiPolygon in_picture(const MultiPolygon& polygons, const raster::SceneInfo& info, const PixelBox& window, Point scale) {
    const GeoTransform transform = info.geo_transform.value_or(GeoTransform{});
    const auto place = [&](Point& p) {
        const Point pixel = transform.to_pixel(p);
        p = {(pixel.x - static_cast<double>(window.x)) * scale.x, (pixel.y - static_cast<double>(window.y)) * scale.y};
    };
    MultiPolygon placed = polygons;
    for (Polygon& polygon : placed) {
        for (Point& p : polygon.outer) place(p);
        for (Ring& hole : polygon.holes)
            for (Point& p : hole) place(p);
    }
    return placed;
}

}  // namespace

void QuicklookOptions::validate() const {
    if (max_size < 1 || max_size > 30000)
        throw Error("--max-size", "must be from 1 to 30000 pixels", "", ErrorKind::usage);
    if (!window.empty() && (window.size() != 4 || window[2] < 1 || window[3] < 1))
        throw Error("--window", "must be x,y,width,height with a width and height of at least 1", "", ErrorKind::usage);
    output::OverlayStyle style;
    style.fill_opacity = fill_opacity;
    style.outline_width = line_width;
    style.validate();
}

void draw_quicklook(const QuicklookOptions& options, Progress& progress) {
    options.validate();
    const ScenePicture picture = prepare_scene(options.scene, options.open, options.picture, progress);
    const raster::SceneInfo& info = picture.source->info();
    const output::ReadLayer layer = output::read_layer(options.layer, "", info.crs_wkt);

    const PixelBox window = drawn_window(options, info);
    const double factor = std::min(1.0, options.max_size / static_cast<double>(std::max(window.width, window.height)));
    const int width = std::max(1, static_cast<int>(std::lround(window.width * factor)));
    const int height = std::max(1, static_cast<int>(std::lround(window.height * factor)));
    const RasterWindow pixels = picture.source->read(window, picture.plan.source_bands, width, height);
    const ImageU8 rgb = bands::to_rgb(pixels, picture.plan, picture.stretch);

    const Point scale{width / static_cast<double>(window.width), height / static_cast<double>(window.height)};
    std::vector<MultiPolygon> objects;
    for (const output::Feature& feature : layer.features)
        objects.push_back(in_picture(feature.geometry, info, window, scale));
    output::OverlayStyle style;
    style.fill_opacity = options.fill_opacity;
    style.outline_width = options.line_width;
    output::write_png(options.output, output::draw_overlay(rgb, objects, style), options.overwrite);
}

}  // namespace landseam::pipeline
