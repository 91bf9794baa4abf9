#include "landseam/vectors/repeated_objects.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace landseam::vectors {
namespace {

MultiPolygon box(double x0, double y0, double x1, double y1) {
    return {{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {}}};
}

// Scene 0 is 0…100, scene 1 80…180: they share 80…100.
const std::vector<SceneExtent> extents{{0, 0, 100, 100}, {80, 0, 180, 100}};

struct Seen {
    MultiPolygon outline;
    std::size_t scene;
    bool cut;
    double score;
};

// "object:scenes[+]" of each that stays; + where its outline is joined.
std::string resolved(const std::vector<Seen>& seen) {
    std::vector<SceneObject> objects;
    for (const Seen& s : seen) objects.push_back({&s.outline, s.scene, s.cut, s.score});
    std::string text;
    for (const ResolvedObject& object : resolve_repeated(objects, extents, 0.5))
        text += std::to_string(object.object) + ":" + std::to_string(object.scenes) +
                (object.outline.empty() ? "" : "+") + " ";
    return text;
}

TEST(RepeatedObjects, OfTwoAlikeTheBetterOneStays) {
    EXPECT_EQ(resolved({{box(84, 10, 94, 20), 0, false, 0.8}, {box(84, 10, 94, 20), 1, false, 0.9}}), "1:2 ");
    EXPECT_EQ(resolved({{box(84, 10, 94, 20), 0, false, 0.8}, {box(84, 10, 95, 20), 1, false, 0.7}}),
              "1:2 ");  // larger
    EXPECT_EQ(resolved({{box(84, 10, 94, 20), 0, false, 0.8}, {box(90, 10, 104, 20), 1, false, 0.9}}),
              "0:1 1:1 ");
}

TEST(RepeatedObjects, AWholeOneStaysForOneThatAnEdgeCuts) {
    EXPECT_EQ(resolved({{box(90, 10, 100, 20), 0, true, 0.99}, {box(90, 10, 130, 20), 1, false, 0.5}}),
              "1:2 ");
    EXPECT_EQ(resolved({{box(90, 10, 100, 20), 0, true, 0.99}, {box(90, 11, 100, 19), 1, false, 0.5}}),
              "1:2 ");
    // What is whole in both and small in the other is a part, not the same.
    EXPECT_EQ(resolved({{box(82, 10, 86, 14), 0, false, 0.9}, {box(82, 10, 98, 40), 1, false, 0.9}}),
              "0:1 1:1 ");
}

TEST(RepeatedObjects, PiecesThatBothScenesCutAreJoined) {
    // A field of 40…150 that each scene cuts.
    EXPECT_EQ(resolved({{box(40, 10, 100, 30), 0, true, 0.9}, {box(80, 10, 150, 30), 1, true, 0.9}}),
              "1:2+ ");
    // Two fields that only touch in what both see are two.
    EXPECT_EQ(resolved({{box(40, 10, 100, 30), 0, true, 0.9}, {box(80, 28, 150, 60), 1, true, 0.9}}),
              "0:1 1:1 ");
}

TEST(RepeatedObjects, AJoinedOutlineIsThatOfBoth) {
    const MultiPolygon a = box(40, 10, 100, 30), b = box(80, 10, 150, 30);
    const auto result = resolve_repeated({{&a, 0, true, 0.9}, {&b, 1, true, 0.9}}, extents, 0.5);
    ASSERT_EQ(result.size(), 1u);
    EXPECT_DOUBLE_EQ(area(result[0].outline), 110 * 20);
}

TEST(RepeatedObjects, OfOneSceneAreNeverCompared) {
    EXPECT_EQ(resolved({{box(84, 10, 94, 20), 0, false, 0.8}, {box(84, 10, 94, 20), 0, false, 0.9}}),
              "0:1 1:1 ");
}

TEST(RepeatedObjects, DoNotDependOnTheOrderOfScenes) {
    std::vector<Seen> seen{{box(40, 10, 100, 30), 0, true, 0.9},  {box(80, 10, 150, 30), 1, true, 0.8},
                           {box(84, 50, 94, 60), 0, false, 0.8},  {box(84, 50, 94, 60), 1, false, 0.9},
                           {box(90, 70, 100, 80), 0, true, 0.99}, {box(90, 70, 130, 80), 1, false, 0.5}};
    const auto areas = [&] {
        std::vector<SceneObject> objects;
        for (const Seen& s : seen) objects.push_back({&s.outline, s.scene, s.cut, s.score});
        std::vector<double> result;
        for (const ResolvedObject& object : resolve_repeated(objects, extents, 0.5))
            result.push_back(area(object.outline.empty() ? seen[object.object].outline : object.outline));
        std::sort(result.begin(), result.end());
        return result;
    };
    const std::vector<double> forwards = areas();
    std::reverse(seen.begin(), seen.end());
    EXPECT_EQ(areas(), forwards);
    EXPECT_EQ(forwards.size(), 3u);
}

}  // namespace
}  // namespace landseam::vectors
