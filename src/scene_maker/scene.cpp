#include "landseam/scene_maker/scene.h"

#include "landseam/core/error.h"

#include "scene_maker/plan.h"
#include "scene_maker/render.h"
#include "scene_maker/sensor.h"

#include <cmath>
#include <string>

namespace landseam::scene_maker {

namespace {

void require(bool holds, const std::string& option, const std::string& range) {
    // Written so that NaN, for which no comparison holds, is refused too.
    if (!holds) throw Error(option, "is out of range", "give " + range, ErrorKind::usage);
}

// Where dot(normal, p) <= limit, in pixels.
struct HalfPlane {
    Point normal;
    double limit = 0;
};

// The picture's frame and, with corners cut off, a rectangle turned by a few degrees.
std::vector<HalfPlane> valid_region(const SceneOptions& options) {
    const double w = options.width, h = options.height;
    std::vector<HalfPlane> region{{{1, 0}, w}, {{-1, 0}, 0}, {{0, 1}, h}, {{0, -1}, 0}};
    if (!options.nodata_corners) return region;
    Random random(mixed(options.seed ^ 0x5ca1ab1eu));
    const double angle = random.uniform(6, 12) * M_PI / 180;
    const Point middle{w / 2, h / 2}, across{std::cos(angle), std::sin(angle)};
    const double cut = random.uniform(0.06, 0.09) * std::min(w, h);
    for (const Point& normal : {across, across * -1, left_of(across), left_of(across) * -1}) {
        const double corner = std::abs(normal.x) * w / 2 + std::abs(normal.y) * h / 2;
        region.push_back({normal, dot(normal, middle) + corner - cut});
    }
    return region;
}

ImageU8 valid_pixels(const SceneOptions& options, const std::vector<HalfPlane>& region) {
    ImageU8 valid(options.width, options.height, 1, 1);
    for (int y = 0; y < options.height; ++y)
        for (int x = 0; x < options.width; ++x)
            for (const HalfPlane& side : region)
                if (dot(side.normal, {x + 0.5, y + 0.5}) > side.limit) valid.at(x, y) = 0;
    return valid;
}

MultiPolygon clipped_outline(const Ring& outline_m, double gsd, const std::vector<HalfPlane>& region) {
    std::vector<Ring> parts{scaled(outline_m, {0, 0}, 1 / gsd)};
    for (const HalfPlane& side : region) {
        std::vector<Ring> rest;
        for (const Ring& part : parts)
            for (Ring& piece : clipped(part, side.normal, side.limit)) rest.push_back(std::move(piece));
        parts = std::move(rest);
    }
    MultiPolygon polygons;
    for (Ring& part : parts) polygons.push_back({std::move(part), {}});
    return polygons;
}

// Keeps what shows, numbers it from 1 and counts its pixels.
void collect_truth(const Plan& plan, const Image<std::int32_t>& topmost, const SceneOptions& options,
                   Scene& scene) {
    const std::vector<HalfPlane> region = valid_region(options);
    scene.valid = valid_pixels(options, region);
    std::vector<std::int64_t> pixels(plan.objects().size(), 0);
    for (std::size_t i = 0; i < topmost.values.size(); ++i)
        if (scene.valid.values[i] != 0 && topmost.values[i] >= 0)
            ++pixels[static_cast<std::size_t>(topmost.values[i])];
    std::vector<std::int32_t> ids(plan.objects().size(), 0);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (pixels[i] == 0) continue;
        const PlannedObject& planned = plan.objects()[i];
        TrueObject object;
        object.id = ids[i] = static_cast<std::int32_t>(scene.objects.size()) + 1;
        object.class_name = planned.class_name;
        object.outline = clipped_outline(planned.outline, options.gsd_m, region);
        object.visible_pixels = pixels[i];
        scene.objects.push_back(std::move(object));
    }
    scene.instances = Image<std::int32_t>(options.width, options.height);
    for (std::size_t i = 0; i < topmost.values.size(); ++i)
        if (scene.valid.values[i] != 0 && topmost.values[i] >= 0)
            scene.instances.values[i] = ids[static_cast<std::size_t>(topmost.values[i])];
}

}  // namespace

void SceneOptions::validate() const {
    require(width >= 1 && width <= 16384 && height >= 1 && height <= 16384, "scene size",
            "a width and height from 1 to 16384 pixels");
    require(gsd_m >= 0.05 && gsd_m <= 2, "gsd_m", "a ground sampling distance from 0.05 to 2 m");
    require(width * gsd_m <= 5000 && height * gsd_m <= 5000, "scene size",
            "at most 5 km of ground in width and height");
    require(std::isfinite(sun_azimuth_deg), "sun_azimuth_deg", "degrees clockwise from north");
    require(sun_elevation_deg >= 10 && sun_elevation_deg <= 90, "sun_elevation_deg", "10 to 90 degrees");
    require(blur_px >= 0 && blur_px <= 10, "blur_px", "0 to 10 pixels");
    require(noise >= 0 && noise <= 500, "noise", "0 to 500 counts");
}

Scene make_scene(const SceneOptions& options) {
    options.validate();
    const Plan plan = plan_town_edge(options);
    const Rendering rendering = render(plan, options);
    Scene scene;
    scene.width = options.width;
    scene.height = options.height;
    collect_truth(plan, rendering.topmost, options, scene);
    scene.bands = record(rendering.reflectance, scene.valid, options);
    return scene;
}

}  // namespace landseam::scene_maker
