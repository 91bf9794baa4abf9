#include "landseam/scene_maker/training_scene.h"

#include "landseam/core/error.h"

#include "scene_maker/site.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace landseam::scene_maker;
using landseam::Error;
using landseam::Image;

struct Case {
    SceneKind kind;
    double gsd_m;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << name_of(c.kind) << " at " << c.gsd_m << " m";
}

TrainingSceneOptions options_of(const Case& c, std::uint64_t seed, int size = 160) {
    TrainingSceneOptions options;
    options.width = options.height = size;
    options.kind = c.kind;
    options.gsd_m = c.gsd_m;
    options.seed = seed;
    return options;
}

std::map<std::int32_t, int> pixels_by_id(const Image<std::int32_t>& ids) {
    std::map<std::int32_t, int> pixels;
    for (const std::int32_t id : ids.values) ++pixels[id];
    return pixels;
}

// Mean difference of colour between neighbours that a level puts apart, the level moved by (dx, dy).
double contrast_across_edges(const TrainingScene& scene, const Image<std::int32_t>& ids, int dx, int dy) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y + dy < ids.height; ++y)
        for (int x = 1; x + dx < ids.width; ++x) {
            if (ids.at(x, y) == ids.at(x - 1, y)) continue;
            for (int c = 0; c < 3; ++c)
                sum +=
                    std::abs(scene.picture.at(x + dx, y + dy, c) - scene.picture.at(x + dx - 1, y + dy, c));
            ++count;
        }
    return sum / std::max(count, 1);
}

// The planned classes of some seeds together.
std::set<std::string> classes_of(const Case& c, void (*plan)(Site&), int seeds) {
    std::set<std::string> classes;
    for (int seed = 1; seed <= seeds; ++seed) {
        Site site(options_of(c, static_cast<std::uint64_t>(seed), 400));
        plan(site);
        for (const PlannedObject& object : site.plan.objects()) classes.insert(object.class_name);
    }
    return classes;
}

class EveryKind : public testing::TestWithParam<Case> {};

TEST_P(EveryKind, DrawsTheSameSceneForTheSameOptionsAndAnotherForAnotherSeed) {
    const TrainingScene first = make_training_scene(options_of(GetParam(), 3));
    const TrainingScene again = make_training_scene(options_of(GetParam(), 3));
    const TrainingScene other = make_training_scene(options_of(GetParam(), 4));
    EXPECT_EQ(first.picture.values, again.picture.values);
    EXPECT_NE(first.picture.values, other.picture.values);
    for (std::size_t i = 0; i < first.levels.size(); ++i) {
        EXPECT_EQ(first.levels[i].ids.values, again.levels[i].ids.values);
        EXPECT_NE(first.levels[i].ids.values, other.levels[i].ids.values);
    }
}

TEST_P(EveryKind, HasThreeLevelsWhoseIdsHaveNoGapsAndShowOnEnoughPixels) {
    const TrainingScene scene = make_training_scene(options_of(GetParam(), 5));
    ASSERT_EQ(scene.levels.size(), 3u);
    EXPECT_EQ(scene.levels[0].name, "objects");
    EXPECT_EQ(scene.levels[1].name, "parts");
    EXPECT_EQ(scene.levels[2].name, "land");
    for (const TrainingLevel& level : scene.levels) {
        ASSERT_EQ(level.ids.width, 160);
        ASSERT_EQ(level.ids.height, 160);
        std::map<std::int32_t, int> pixels = pixels_by_id(level.ids);
        pixels.erase(0);
        ASSERT_FALSE(pixels.empty()) << level.name;
        EXPECT_EQ(pixels.begin()->first, 1) << level.name;
        EXPECT_EQ(pixels.rbegin()->first, static_cast<std::int32_t>(pixels.size())) << level.name;
        for (const auto& [id, count] : pixels)
            EXPECT_GE(count, int{TrainingScene::least_pixels}) << level.name << " " << id;
    }
}

TEST_P(EveryKind, HasManyThingsAndNotOneThatIsAll) {
    int objects = 0;
    double nothing = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const TrainingScene scene = make_training_scene(options_of(GetParam(), seed));
        std::map<std::int32_t, int> pixels = pixels_by_id(scene.levels[0].ids);
        objects += pixels.rbegin()->first;
        nothing += pixels[0] / (4.0 * 160 * 160);
    }
    EXPECT_GT(objects, 40);
    EXPECT_LT(nothing, 0.9);
}

// Levels that did not lie where the picture shows them would have no more contrast there than elsewhere.
TEST_P(EveryKind, PutsTheEdgesOfItsLevelsWhereThePictureHasThem) {
    double in_place = 0, moved = 0;
    for (std::uint64_t seed = 11; seed <= 14; ++seed) {
        const TrainingScene scene = make_training_scene(options_of(GetParam(), seed));
        for (const TrainingLevel& level : scene.levels) {
            in_place += contrast_across_edges(scene, level.ids, 0, 0);
            moved += contrast_across_edges(scene, level.ids, 7, 5);
        }
    }
    EXPECT_GT(in_place, 1.35 * moved);
}

TEST_P(EveryKind, SpreadsItsCountsOverThePicturesRange) {
    for (std::uint64_t seed = 21; seed <= 23; ++seed) {
        std::vector<std::uint8_t> values = make_training_scene(options_of(GetParam(), seed)).picture.values;
        std::sort(values.begin(), values.end());
        EXPECT_GT(values[values.size() * 98 / 100] - values[values.size() * 2 / 100], 60) << "seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(TrainingScenes, EveryKind,
                         testing::Values(Case{SceneKind::drone_town, 0.15}, Case{SceneKind::drone_town, 0.3},
                                         Case{SceneKind::farmland, 0.6}, Case{SceneKind::farmland, 10},
                                         Case{SceneKind::suburb, 0.4}, Case{SceneKind::industrial, 0.6},
                                         Case{SceneKind::desert_town, 0.7}));

TEST(TrainingSceneKinds, HaveTheThingsOfTheirKind) {
    using testing::IsSupersetOf;
    EXPECT_THAT(classes_of({SceneKind::drone_town, 0.2}, plan_drone_town, 6),
                IsSupersetOf({"road", "building", "tree", "car", "field", "greenhouse"}));
    EXPECT_THAT(
        classes_of({SceneKind::farmland, 1}, plan_farmland, 12),
        IsSupersetOf({"field", "road", "wood", "orchard", "tree", "building", "lake", "hedge", "river"}));
    EXPECT_THAT(classes_of({SceneKind::suburb, 0.4}, plan_suburb, 6),
                IsSupersetOf({"road", "building", "tree", "car", "driveway", "pool"}));
    EXPECT_THAT(classes_of({SceneKind::industrial, 0.6}, plan_industrial, 8),
                IsSupersetOf({"road", "building", "tank", "container", "car", "heap", "railway"}));
    EXPECT_THAT(classes_of({SceneKind::desert_town, 0.6}, plan_desert_town, 6),
                IsSupersetOf({"road", "building", "compound", "tree"}));
}

TEST(TrainingSceneKinds, CutARoofIntoPartsOfItsBuilding) {
    const TrainingScene scene = make_training_scene(options_of({SceneKind::drone_town, 0.15}, 2, 320));
    std::map<std::int32_t, std::set<std::int32_t>> parts_of_object;
    for (std::size_t i = 0; i < scene.levels[0].ids.values.size(); ++i)
        if (scene.levels[1].ids.values[i] > 0)
            parts_of_object[scene.levels[0].ids.values[i]].insert(scene.levels[1].ids.values[i]);
    parts_of_object.erase(0);
    const auto cut = std::count_if(parts_of_object.begin(), parts_of_object.end(),
                                   [](const auto& object) { return object.second.size() >= 2; });
    EXPECT_GT(cut, 15);
}

TEST(TrainingSceneKinds, HaveFieldsSomeTensOfPixelsWideWhereAPixelIsTenMetres) {
    std::vector<double> widths;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const TrainingScene scene = make_training_scene(options_of({SceneKind::farmland, 10}, seed, 256));
        for (const auto& [id, pixels] : pixels_by_id(scene.levels[2].ids))
            if (id > 0) widths.push_back(std::sqrt(pixels));
    }
    std::sort(widths.begin(), widths.end());
    EXPECT_GT(widths[widths.size() / 2], 6);
    EXPECT_GT(widths[widths.size() * 9 / 10], 12);
    EXPECT_LT(widths[widths.size() / 2], 60);
}

TEST(TrainingSceneOptionsTest, RefuseWhatCannotBeDrawn) {
    const auto refused = [](auto change) {
        TrainingSceneOptions options;
        change(options);
        try {
            options.validate();
        } catch (const Error& error) {
            return error.kind() == landseam::ErrorKind::usage;
        }
        return false;
    };
    EXPECT_TRUE(refused([](auto& o) { o.width = 15; }));
    EXPECT_TRUE(refused([](auto& o) { o.height = 4097; }));
    EXPECT_TRUE(refused([](auto& o) { o.gsd_m = 5; }));
    EXPECT_TRUE(refused([](auto& o) { o.gsd_m = std::numeric_limits<double>::quiet_NaN(); }));
    EXPECT_TRUE(refused([](auto& o) { o.kind = static_cast<SceneKind>(scene_kinds); }));
    EXPECT_FALSE(refused([](auto&) {}));
    TrainingSceneOptions options;
    options.gsd_m = -1;
    EXPECT_THROW(make_training_scene(options), Error);
}

TEST(TrainingSceneOptionsTest, AreDrawnBySeedFromEveryKindAndWithinItsRange) {
    std::set<SceneKind> kinds;
    double least = 1e9, most = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const TrainingSceneOptions options = training_options(seed, 64, 48);
        EXPECT_NO_THROW(options.validate()) << seed;
        EXPECT_EQ(options.width, 64);
        EXPECT_EQ(options.height, 48);
        EXPECT_EQ(options.seed, seed);
        kinds.insert(options.kind);
        least = std::min(least, options.gsd_m);
        most = std::max(most, options.gsd_m);
    }
    EXPECT_EQ(kinds.size(), static_cast<std::size_t>(scene_kinds));
    EXPECT_LT(least, 0.12);
    EXPECT_GT(most, 7);
}

TEST(TrainingScenes, OfOddSizesAreDrawnToo) {
    TrainingSceneOptions options = options_of({SceneKind::suburb, 0.5}, 9);
    options.width = 37;
    options.height = 16;
    const TrainingScene scene = make_training_scene(options);
    EXPECT_EQ(scene.picture.width, 37);
    EXPECT_EQ(scene.picture.height, 16);
    EXPECT_EQ(scene.picture.channels, 3);
}

}  // namespace
