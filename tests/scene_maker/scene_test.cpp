#include "landseam/scene_maker/scene.h"

#include "landseam/core/error.h"

#include "scene_maker/geometry.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace landseam::scene_maker {
namespace {

// The sample scene's ground, more coarsely: quick enough for many looks.
SceneOptions coarse_options() {
    SceneOptions options;
    options.width = options.height = 512;
    options.gsd_m = 0.6;
    return options;
}

const Scene& coarse_scene() {
    static const Scene scene = make_scene(coarse_options());
    return scene;
}

bool contains(const MultiPolygon& outline, Point p) {
    for (const Polygon& part : outline)
        if (scene_maker::contains(part.outer, p)) return true;
    return false;
}

double turn(Point a, Point b, Point c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// True if the rings share more than `tolerance` pixels of depth: edges cross properly, or a vertex lies
// inside.
bool overlap(const Ring& a, const Ring& b) {
    const Ring inner = scaled(a, centroid(a), 0.999);
    for (const Point& p : inner)
        if (scene_maker::contains(b, p)) return true;
    for (const Point& p : b)
        if (scene_maker::contains(inner, p)) return true;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        const Point p = inner[i], q = inner[(i + 1) % inner.size()];
        for (std::size_t j = 0; j < b.size(); ++j) {
            const Point r = b[j], s = b[(j + 1) % b.size()];
            if (turn(p, q, r) * turn(p, q, s) < 0 && turn(r, s, p) * turn(r, s, q) < 0) return true;
        }
    }
    return false;
}

std::vector<const TrueObject*> of_class(const Scene& scene, const std::string& name) {
    std::vector<const TrueObject*> result;
    for (const TrueObject& object : scene.objects)
        if (object.class_name == name) result.push_back(&object);
    return result;
}

// The mean of (NIR − red) / (NIR + red) over the pixels of a class.
double mean_ndvi(const Scene& scene, const std::string& name) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = 0; i < scene.instances.values.size(); ++i) {
        const std::int32_t id = scene.instances.values[i];
        if (id == 0 || scene.objects[static_cast<std::size_t>(id) - 1].class_name != name) continue;
        const double red = scene.bands[0].values[i], nir = scene.bands[3].values[i];
        sum += (nir - red) / (nir + red);
        ++count;
    }
    return sum / count;
}

TEST(MakeScene, DrawsTheSameSceneForTheSameSeedOnly) {
    SceneOptions options;
    options.width = 150;
    options.height = 110;
    const auto same = [](const Scene& a, const Scene& b) {
        if (a.objects.size() != b.objects.size() || a.instances.values != b.instances.values) return false;
        for (std::size_t i = 0; i < a.objects.size(); ++i)
            for (std::size_t j = 0; j < a.objects[i].outline.size(); ++j)
                if (a.objects[i].outline[j].outer != b.objects[i].outline[j].outer) return false;
        for (std::size_t c = 0; c < 4; ++c)
            if (a.bands[c].values != b.bands[c].values) return false;
        return a.valid.values == b.valid.values;
    };
    const Scene first = make_scene(options);
    EXPECT_TRUE(same(first, make_scene(options)));
    options.seed = 2;
    const Scene other = make_scene(options);
    EXPECT_FALSE(same(first, other));
    EXPECT_NE(first.instances.values, other.instances.values);
}

TEST(MakeScene, ShowsATownItsFieldsAndWhatStandsThere) {
    for (const std::uint64_t seed : {1, 2, 3}) {
        SceneOptions options = coarse_options();
        options.seed = seed;
        const Scene scene = make_scene(options);
        std::map<std::string, int> count;
        for (const TrueObject& object : scene.objects) ++count[object.class_name];
        EXPECT_GT(count["building"], 50) << seed;
        EXPECT_GT(count["tree"], 60) << seed;
        EXPECT_GT(count["car"], 20) << seed;
        EXPECT_GT(count["hedge"], 20) << seed;
        EXPECT_GT(count["driveway"], 20) << seed;
        EXPECT_GT(count["shed"], 10) << seed;
        EXPECT_GE(count["field"], 3) << seed;
        EXPECT_GE(count["road"], 4) << seed;
        for (const char* name : {"pond", "meadow", "orchard", "track"})
            EXPECT_GE(count[name], 1) << name << ' ' << seed;
    }
}

TEST(MakeScene, SizesOfThingsAreTheirsOnTheGround) {
    const Scene& scene = coarse_scene();
    const double square_metres = 0.6 * 0.6;
    for (const TrueObject& object : scene.objects) {
        const double size = area(object.outline) * square_metres;
        const std::map<std::string, double> most{{"building", 450}, {"car", 10}, {"tree", 110}};
        const auto limit = most.find(object.class_name);
        EXPECT_LT(size, limit == most.end() ? 307.2 * 307.2 : limit->second) << object.class_name;
    }
    const auto pond = of_class(scene, "pond");
    ASSERT_FALSE(pond.empty());
    EXPECT_GT(area(pond[0]->outline) * square_metres, 100);
}

TEST(Truth, EveryPixelOfAnObjectLiesInItsOutline) {
    const Scene& scene = coarse_scene();
    for (int y = 0; y < scene.height; ++y)
        for (int x = 0; x < scene.width; ++x) {
            const std::int32_t id = scene.instances.at(x, y);
            if (id == 0) continue;
            ASSERT_LE(static_cast<std::size_t>(id), scene.objects.size());
            const TrueObject& object = scene.objects[static_cast<std::size_t>(id) - 1];
            ASSERT_TRUE(contains(object.outline, {x + 0.5, y + 0.5}))
                << object.class_name << ' ' << x << ' ' << y;
        }
}

TEST(Truth, WhatAnOutlineHoldsIsTheObjectOrAnotherOverIt) {
    const Scene& scene = coarse_scene();
    for (const TrueObject& object : scene.objects) {
        if (object.class_name != "building" && object.class_name != "pond" && object.class_name != "car")
            continue;
        std::int64_t own = 0, others = 0;
        for (int y = 0; y < scene.height; ++y)
            for (int x = 0; x < scene.width; ++x) {
                if (scene.valid.at(x, y) == 0 || !contains(object.outline, {x + 0.5, y + 0.5})) continue;
                const std::int32_t id = scene.instances.at(x, y);
                ASSERT_NE(id, 0) << object.class_name;
                ++(id == object.id ? own : others);
            }
        EXPECT_EQ(own, object.visible_pixels);
        // Counting centres is off by less than one pixel per pixel of outline.
        double perimeter = 0;
        for (const Polygon& part : object.outline)
            for (std::size_t i = 0; i < part.outer.size(); ++i)
                perimeter += length(part.outer[(i + 1) % part.outer.size()] - part.outer[i]);
        EXPECT_NEAR(area(object.outline), static_cast<double>(own + others), 0.5 * perimeter + 1);
    }
}

TEST(Truth, BuildingsShowAlmostWhollyAndAreNumberedInOrder) {
    const Scene& scene = coarse_scene();
    std::vector<std::int64_t> pixels(scene.objects.size() + 1, 0);
    for (const std::int32_t id : scene.instances.values) ++pixels[static_cast<std::size_t>(id)];
    double whole = 0, seen = 0;
    for (std::size_t i = 0; i < scene.objects.size(); ++i) {
        const TrueObject& object = scene.objects[i];
        EXPECT_EQ(object.id, static_cast<int>(i) + 1);
        EXPECT_EQ(object.visible_pixels, pixels[i + 1]);
        EXPECT_GE(object.visible_pixels, 1);
        if (object.class_name != "building") continue;
        whole += area(object.outline);
        seen += static_cast<double>(object.visible_pixels);
    }
    EXPECT_NEAR(seen / whole, 1, 0.02);
}

TEST(Truth, BuildingsKeepOffEachOtherRoadsFieldsAndWater) {
    const Scene& scene = coarse_scene();
    const auto buildings = of_class(scene, "building");
    for (const TrueObject* building : buildings)
        for (const TrueObject& other : scene.objects) {
            const std::vector<std::string> apart{"building", "shed", "road", "track", "field",
                                                 "meadow",   "pond", "pool", "car"};
            const bool counts = std::find(apart.begin(), apart.end(), other.class_name) != apart.end();
            if (!counts || &other == building) continue;
            for (const Polygon& a : building->outline)
                for (const Polygon& b : other.outline)
                    EXPECT_FALSE(overlap(a.outer, b.outer))
                        << building->id << " and " << other.class_name << other.id;
        }
}

TEST(Truth, CornersWithoutDataHoldNothing) {
    const Scene& scene = coarse_scene();
    std::int64_t empty = 0;
    for (std::size_t i = 0; i < scene.valid.values.size(); ++i) {
        const bool valid = scene.valid.values[i] != 0;
        empty += valid ? 0 : 1;
        for (const auto& band : scene.bands) ASSERT_EQ(band.values[i] != 0, valid);
        ASSERT_TRUE(valid || scene.instances.values[i] == 0);
    }
    EXPECT_GT(empty, 5000);
    EXPECT_LT(empty, 512 * 512 / 4);
    for (const auto& [x, y] : {std::pair{0, 0}, {511, 0}, {0, 511}, {511, 511}})
        EXPECT_EQ(scene.valid.at(x, y), 0);
    for (const TrueObject& object : scene.objects)
        for (const Polygon& part : object.outline)
            for (const Point& p : part.outer) {
                EXPECT_GE(std::min(p.x, p.y), -1e-6);
                EXPECT_LE(std::max(p.x, p.y), 512 + 1e-6);
                // A vertex may lie on the border of the data, up to a pixel's half diagonal from a valid
                // centre.
                bool near_data = false;
                for (int dy = -1; dy <= 1; ++dy)
                    for (int dx = -1; dx <= 1; ++dx) {
                        const int x = std::clamp(static_cast<int>(p.x) + dx, 0, 511);
                        const int y = std::clamp(static_cast<int>(p.y) + dy, 0, 511);
                        near_data = near_data || scene.valid.at(x, y) != 0;
                    }
                EXPECT_TRUE(near_data) << object.class_name;
            }
}

TEST(MakeScene, FillsThePictureWithoutNodataCorners) {
    SceneOptions options = coarse_options();
    options.width = options.height = 80;
    options.nodata_corners = false;
    const Scene scene = make_scene(options);
    for (const auto& band : scene.bands)
        for (const std::uint16_t value : band.values) ASSERT_GE(value, 1);
    EXPECT_THAT(scene.valid.values, testing::Each(1));
}

TEST(MakeScene, PlantsReflectInfraredAndWaterAndRoofsDoNot) {
    const Scene& scene = coarse_scene();
    for (const char* name : {"tree", "hedge", "meadow", "orchard"})
        EXPECT_GT(mean_ndvi(scene, name), 0.5) << name;
    for (const char* name : {"building", "road", "car"}) EXPECT_LT(mean_ndvi(scene, name), 0.25) << name;
    EXPECT_LT(mean_ndvi(scene, "pond"), 0);
}

TEST(MakeScene, TakesAnySizeFromOnePixelUp) {
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 9}, {7, 2}, {3, 400}, {400, 3}}) {
        SceneOptions options;
        options.width = width;
        options.height = height;
        const Scene scene = make_scene(options);
        EXPECT_EQ(scene.bands.size(), 4u);
        EXPECT_EQ(scene.bands[0].values.size(), static_cast<std::size_t>(width) * height);
        EXPECT_THAT(scene.valid.values, testing::Contains(1));
    }
}

TEST(MakeScene, TakesAnyResolutionAndSun) {
    for (const double gsd : {0.05, 2.0})
        for (const double elevation : {10.0, 90.0}) {
            SceneOptions options;
            options.width = options.height = 40;
            options.gsd_m = gsd;
            options.sun_elevation_deg = elevation;
            options.sun_azimuth_deg = -725;
            EXPECT_THAT(make_scene(options).valid.values, testing::Contains(1));
        }
}

TEST(SceneOptions, RefusesWhatMakesNoScene) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::function<void(SceneOptions&)>> mistakes{
        [](SceneOptions& o) { o.width = 0; },
        [](SceneOptions& o) { o.height = -3; },
        [](SceneOptions& o) { o.width = 16385; },
        [](SceneOptions& o) { o.gsd_m = 0; },
        [&](SceneOptions& o) { o.gsd_m = nan; },
        [](SceneOptions& o) { o.width = 3000, o.gsd_m = 2; },
        [](SceneOptions& o) { o.sun_elevation_deg = 5; },
        [](SceneOptions& o) { o.sun_elevation_deg = 91; },
        [&](SceneOptions& o) { o.sun_azimuth_deg = nan; },
        [](SceneOptions& o) { o.blur_px = -1; },
        [&](SceneOptions& o) { o.blur_px = nan; },
        [](SceneOptions& o) { o.noise = -1; },
        [](SceneOptions& o) { o.noise = 501; },
    };
    EXPECT_NO_THROW(SceneOptions{}.validate());
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        SceneOptions options;
        mistakes[i](options);
        try {
            make_scene(options);
            ADD_FAILURE() << "mistake " << i << " was accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::usage) << i;
        }
    }
}

}  // namespace
}  // namespace landseam::scene_maker
