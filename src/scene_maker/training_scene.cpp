#include "landseam/scene_maker/training_scene.h"

#include "landseam/core/error.h"

#include "scene_maker/photograph.h"
#include "scene_maker/render.h"
#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>

namespace landseam::scene_maker {

namespace {

// Colours as they are found: no two things of a kind look the same. All surfaces of an object change alike.
void vary_colours(Site& site, std::uint64_t seed) {
    Random random(mixed(seed ^ 0xc0104u));
    const double amount = random.uniform(0.05, 0.3);
    const Spectrum plants = varied(random, {1, 1, 1, 1}, 0.45);
    for (Surface& surface : site.plan.surfaces()) {
        const auto key = surface.object >= 0 ? static_cast<std::uint64_t>(surface.object) : surface.seed;
        Random own(mixed(seed ^ mixed(key)));
        const Spectrum tint = varied(own, {.8, .8, .8, .8}, amount);
        for (std::size_t i = 0; i < tint.size(); ++i) {
            double factor = tint[i] / 0.8;
            if (surface.relief != Relief::plane) factor *= plants[i] / 0.9;
            surface.paint.first[i] = std::min(0.85, surface.paint.first[i] * factor);
            surface.paint.second[i] = std::min(0.85, surface.paint.second[i] * factor);
        }
    }
}

// Renumbers from 1 what shows on enough pixels.
Image<std::int32_t> level_ids(const Image<std::int32_t>& marks) {
    std::vector<int> pixels;
    for (const std::int32_t mark : marks.values) {
        if (mark < 0) continue;
        if (static_cast<std::size_t>(mark) >= pixels.size())
            pixels.resize(static_cast<std::size_t>(mark) + 1, 0);
        ++pixels[static_cast<std::size_t>(mark)];
    }
    std::vector<std::int32_t> ids(pixels.size(), 0);
    std::int32_t last = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i)
        if (pixels[i] >= TrainingScene::least_pixels) ids[i] = ++last;
    Image<std::int32_t> level(marks.width, marks.height);
    for (std::size_t i = 0; i < marks.values.size(); ++i)
        if (marks.values[i] >= 0) level.values[i] = ids[static_cast<std::size_t>(marks.values[i])];
    return level;
}

void plan_site(Site& site, SceneKind kind) {
    switch (kind) {
        case SceneKind::drone_town:
            return plan_drone_town(site);
        case SceneKind::farmland:
            return plan_farmland(site);
        case SceneKind::suburb:
            return plan_suburb(site);
        case SceneKind::industrial:
            return plan_industrial(site);
        case SceneKind::desert_town:
            return plan_desert_town(site);
    }
}

SceneOptions light_of(const TrainingSceneOptions& options) {
    Random random(mixed(options.seed ^ 0x5u));
    SceneOptions light;
    light.width = options.width;
    light.height = options.height;
    light.gsd_m = options.gsd_m;
    light.sun_azimuth_deg = random.uniform(0, 360);
    light.sun_elevation_deg = random.uniform(25, 80);
    return light;
}

bool known(SceneKind kind) {
    return static_cast<int>(kind) >= 0 && static_cast<int>(kind) < scene_kinds;
}

}  // namespace

std::string name_of(SceneKind kind) {
    switch (kind) {
        case SceneKind::drone_town:
            return "drone town";
        case SceneKind::farmland:
            return "farmland";
        case SceneKind::suburb:
            return "suburb";
        case SceneKind::industrial:
            return "industrial";
        case SceneKind::desert_town:
            return "desert town";
    }
    return "unknown";
}

GsdRange gsd_range(SceneKind kind) {
    switch (kind) {
        case SceneKind::drone_town:
            return {0.08, 0.4};
        case SceneKind::farmland:
            return {0.3, 12};
        case SceneKind::suburb:
            return {0.2, 1.2};
        case SceneKind::industrial:
            return {0.2, 1.2};
        case SceneKind::desert_town:
            return {0.2, 2};
    }
    return {};
}

void TrainingSceneOptions::validate() const {
    const auto require = [](bool holds, const std::string& option, const std::string& range) {
        if (!holds) throw Error(option, "is out of range", "give " + range, ErrorKind::usage);
    };
    require(width >= 16 && width <= 4096 && height >= 16 && height <= 4096, "scene size",
            "a width and height from 16 to 4096 pixels");
    require(known(kind), "kind", "a kind of scene that there is");
    const GsdRange range = gsd_range(kind);
    require(gsd_m >= range.least && gsd_m <= range.most, "gsd_m",
            "a ground sampling distance at which a scene of the kind " + name_of(kind) + " is drawn");
}

TrainingScene make_training_scene(const TrainingSceneOptions& options) {
    options.validate();
    Site site(options);
    plan_site(site, options.kind);
    vary_colours(site, options.seed);
    const Rendering rendering = render(site.plan, light_of(options), Shadows::quick);
    TrainingScene scene;
    scene.picture = photograph(rendering.reflectance, options.gsd_m, options.seed);
    scene.levels = {{"objects", level_ids(rendering.topmost)},
                    {"parts", level_ids(rendering.parts)},
                    {"land", level_ids(rendering.lands)}};
    return scene;
}

TrainingSceneOptions training_options(std::uint64_t seed, int width, int height) {
    Random random(mixed(seed ^ 0x0b7e55u));
    struct Share {
        SceneKind kind;
        double share, least, most;  // ground sampling distances, metres
    };
    const std::vector<Share> shares{{SceneKind::drone_town, 0.32, 0.09, 0.32},
                                    {SceneKind::farmland, 0.28, 0.5, 10},
                                    {SceneKind::suburb, 0.14, 0.25, 1},
                                    {SceneKind::industrial, 0.13, 0.2, 1},
                                    {SceneKind::desert_town, 0.13, 0.2, 1.5}};
    double draw = random.uniform(0, 1);
    const Share* chosen = &shares.front();
    for (const Share& share : shares) {
        chosen = &share;
        draw -= share.share;
        if (draw < 0) break;
    }
    TrainingSceneOptions options;
    options.width = width;
    options.height = height;
    options.kind = chosen->kind;
    options.gsd_m = chosen->least * std::pow(chosen->most / chosen->least, random.uniform(0, 1));
    options.seed = seed;
    return options;
}

}  // namespace landseam::scene_maker
