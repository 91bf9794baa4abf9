#include "landseam/pipeline/quicklook.h"

#include <algorithm>
#include <cmath>

#include "landseam/core/error.h"
#include "landseam/output/layer_reader.h"
#include "landseam/output/map_furniture.h"
#include "landseam/output/picture.h"
#include "landseam/output/quicklook.h"
#include "landseam/raster/georeference.h"
#include "pipeline/layer_colors.h"
#include "pipeline/layer_picture.h"

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

// Scale bar and north arrow, where the scene has a georeference. North is that of the scene's CRS.
void draw_orientation(ImageU8& map, const raster::SceneInfo& info, const PixelBox& window, Point scale) {
    const raster::Georeference georeference(info);
    if (!georeference.known() || !info.geo_transform || info.crs_wkt.empty()) return;
    output::draw_scale_bar(map, georeference.pixel_size_m().x / scale.x);
    const GeoTransform& transform = *info.geo_transform;
    const Point middle{static_cast<double>(window.x) + static_cast<double>(window.width) / 2,
                       static_cast<double>(window.y) + static_cast<double>(window.height) / 2};
    const Point world = transform.to_world(middle);
    const double step = std::hypot(transform.c[2], transform.c[5]);
    const Point north = transform.to_pixel({world.x, world.y + step});
    output::draw_north_arrow(map, {(north.x - middle.x) * scale.x, (north.y - middle.y) * scale.y});
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
    for (MultiPolygon& outline : in_scene_pixels(layer, info))
        objects.push_back(in_picture(std::move(outline), window, scale));
    output::OverlayStyle style;
    style.fill_opacity = options.fill_opacity;
    style.outline_width = options.line_width;
    LayerColors colors;
    if (!options.color_field.empty())
        colors = color_layer(layer, field_named(layer, options.color_field, options.layer, "--color-by"));
    ImageU8 map = output::draw_overlay(rgb, objects, style, colors.of_objects);
    if (!options.label_field.empty())
        output::draw_labels(map, labels_of(layer, field_named(layer, options.label_field, options.layer, "--label"), objects));
    output::draw_legend(map, options.color_field, colors.legend);
    if (!options.bare) draw_orientation(map, info, window, scale);
    if (options.side_by_side) map = output::beside_each_other(rgb, map);
    output::write_png(options.output, map, options.overwrite);
}

}  // namespace landseam::pipeline
