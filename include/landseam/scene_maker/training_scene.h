// Drawn scenes of many kinds, with exact truth on three levels: material for training a model.
#pragma once

#include "landseam/core/image.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::scene_maker {

enum class SceneKind {
    drone_town,   // roofs of every form close together, lanes, yards, trees: 0.1–0.3 m
    farmland,     // fields, orchards, woods, water, farms: 0.5–10 m
    suburb,       // houses in gardens along curved streets: 0.3–1 m
    industrial,   // halls, tanks, car parks, containers, rails: 0.2–1 m
    desert_town,  // compounds on pale ground, palms: 0.2–2 m
};
inline constexpr int scene_kinds = 5;

// "drone town", "farmland", …
std::string name_of(SceneKind kind);

// The ground sampling distances at which a kind is drawn, metres.
struct GsdRange {
    double least = 0, most = 0;
};
GsdRange gsd_range(SceneKind kind);

struct TrainingSceneOptions {
    int width = 512;   // pixels
    int height = 512;  // pixels
    SceneKind kind = SceneKind::drone_town;
    double gsd_m = 0.2;  // ground covered by a pixel's side, metres; within gsd_range(kind)
    std::uint64_t seed = 1;

    // Throws Error (usage) for sizes outside 16…4096 pixels, a kind that is none, and a ground sampling
    // distance outside the kind's range.
    void validate() const;
};

// One way of cutting the scene into things.
struct TrainingLevel {
    std::string name;
    // One channel: 0 for nothing, else 1, 2, … without gaps. A thing is what shows of it at the pixels'
    // centres, at least `TrainingScene::least_pixels` of them; it may be in several pieces.
    Image<std::int32_t> ids;
};

struct TrainingScene {
    static constexpr int least_pixels = 12;

    // Red, green, blue, as a viewer would show them; now and then false colours (near infrared, red, green)
    // or grey.
    ImageU8 picture;
    // "objects": what lies on top: buildings, cars, trees, ponds, fields, the road network.
    // "parts": roof faces, tanks, the trees of a wood, the strips and sectors of a field, yards and paths.
    // "land": pieces of land with all that stands on them: plots, fields, woods, orchards, water, roads.
    std::vector<TrainingLevel> levels;
};

// Draws the scene, light and camera included, all by the seed. The same options give the same scene; a change
// of width or height changes the whole plan. Takes a second or so for 512 × 512 pixels. Throws Error (usage)
// for options that `validate` refuses.
TrainingScene make_training_scene(const TrainingSceneOptions& options);

// A kind and a ground sampling distance for a seed, each as often as training wants it.
TrainingSceneOptions training_options(std::uint64_t seed, int width, int height);

}  // namespace landseam::scene_maker
