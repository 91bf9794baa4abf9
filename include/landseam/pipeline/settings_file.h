// The settings of a run, written beside its output so that the next run can repeat them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "landseam/bands/channel_plan.h"
#include "landseam/bands/stretch.h"
#include "landseam/core/geo_transform.h"
#include "landseam/raster/scene_info.h"
#include "landseam/tiling/tile_pyramid.h"

namespace landseam::pipeline {

struct SegmentOptions;
struct FailedTile;

// Where the settings of a run that writes `output` go: "OUTPUT.settings.json"; empty for connection strings.
std::string settings_path(const std::string& output);

// One JSON object: the program's version, the scene, channels, stretch, tiles, model and every parameter of the run.
std::string settings_json(const SegmentOptions& options, const raster::SceneInfo& scene, const bands::ChannelPlan& plan,
                          const bands::Stretch& stretch,
                          const std::string& model_summary, const std::vector<FailedTile>& failed);

// Of those, what the masks of a tile depend on, with the scene's size and the fingerprint of the weights (bytes): two runs
// that agree in it find the same masks in the same pixels.
std::string tile_settings_json(const SegmentOptions& options, const bands::ChannelPlan& plan, const bands::Stretch& stretch,
                               std::int64_t width, std::int64_t height, const std::string& weights);

// [{"tile": 17, "box": [x, y, w, h], "reason": "…"}, …]
std::string failed_tiles_json(const std::vector<FailedTile>& failed);

// Written whole or not at all. Throws Error where it cannot be.
void write_settings(const std::string& path, const std::string& json);

struct StoredStretch {
    bands::ChannelPlan plan;
    bands::Stretch stretch;
};

// Reads channels and stretch back. Throws Error where the file is not one that write_settings wrote.
StoredStretch read_stretch(const std::string& path);

// Where the tiles of a run lay.
struct StoredGrid {
    std::int64_t width = 0;  // of the scene, pixels
    std::int64_t height = 0;
    std::optional<GeoTransform> geo_transform;
    std::string crs_wkt;
    tiling::TileOptions tiles;
    int coarse_levels = 0;
    std::optional<double> gsd;  // that the scene was resampled to

    tiling::TilePyramid pyramid() const { return {width, height, tiles, coarse_levels}; }
};

// Throws Error where the file is not one that write_settings wrote.
StoredGrid read_grid(const std::string& path);

}  // namespace landseam::pipeline
