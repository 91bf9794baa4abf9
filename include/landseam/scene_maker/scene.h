// Scenes that are drawn, so that their truth is known exactly: a town edge seen from above.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/polygon.h"

#include <cstdint>
#include <string>
#include <vector>

namespace landseam::scene_maker {

struct SceneOptions {
    int width = 1024;    // pixels
    int height = 1024;   // pixels
    double gsd_m = 0.3;  // ground covered by a pixel's side, metres
    std::uint64_t seed = 1;
    double sun_azimuth_deg = 152;   // where the sun stands, clockwise from north (up)
    double sun_elevation_deg = 43;  // above the horizon
    double blur_px = 0.55;          // standard deviation of the Gaussian point spread, pixels
    double noise = 5;               // standard deviation of the sensor noise, counts
    bool nodata_corners = true;     // corners without data, as at the edge of a rotated flight strip

    // Throws Error (usage) for sizes outside 1…16384 pixels, ground samples outside 0.05…2 m, scenes wider or
    // higher than 5 km, a sun below 10° or above 90°, a blur outside 0…10 pixels, noise outside 0…500 counts.
    void validate() const;
};

// One thing on the ground. Coordinates are pixels along edges: the upper left pixel covers [0, 1] × [0, 1].
// The outline is the thing's whole shape, seen from straight above, clipped to the valid part of the scene;
// parts of it may lie under something else (a field under its trees). Its rings touch neither themselves nor
// each other.
struct TrueObject {
    int id = 0;              // from 1, the value in Scene::instances
    std::string class_name;  // building, shed, road, track, driveway, car, tree, hedge, wood, field, meadow,
                             // orchard, pond, pool
    MultiPolygon outline;
    std::int64_t visible_pixels = 0;  // pixels of Scene::instances that hold the id, at least 1
};

// A scene and its truth. Counts are reflectance × counts_per_reflectance plus a little haze, 1…2047 (11
// bits).
struct Scene {
    static constexpr double counts_per_reflectance = 3000;

    int width = 0;
    int height = 0;
    // Red, green, blue, near infrared; 0 where there is no data.
    std::vector<Image<std::uint16_t>> bands;
    // 1 where there is data.
    ImageU8 valid;
    // The id of the topmost object at each pixel's centre; 0 for none and for no data.
    Image<std::int32_t> instances;
    // By id, without gaps.
    std::vector<TrueObject> objects;
};

// Draws the scene. The same options give the same scene; a change of width or height changes the whole plan.
// Takes a few seconds and about 110 MB for 1024 × 1024 pixels. Throws Error (usage) for options that
// `validate` refuses.
Scene make_scene(const SceneOptions& options);

}  // namespace landseam::scene_maker
