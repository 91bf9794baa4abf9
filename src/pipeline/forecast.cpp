#include "pipeline/forecast.h"

#include "landseam/pipeline/tile_masks_file.h"

#include "pipeline/memory_size.h"
#include "pipeline/tile_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace landseam::pipeline {
namespace {

constexpr std::int64_t bytes_a_run = 64;       // of a mask, in a layer: four vertices
constexpr std::int64_t bytes_a_segment = 400;  // attributes, index

std::string duration(double seconds) {
    const auto whole = [](double value) { return std::to_string(std::max(1L, std::lround(value))); };
    if (seconds < 90) return whole(seconds) + " s";
    if (seconds < 90 * 60) return whole(seconds / 60) + " min";
    return whole(seconds / 3600) + " h";
}

}  // namespace

std::string Forecast::describe() const {
    return std::to_string(tiles) + " tiles, about " + duration(seconds) + ", " + memory_text(memory) +
           " of memory, " + memory_text(disk) + " on disk";
}

Forecast forecast_run(const ScenePicture& picture, const tiling::TilePyramid& tiles,
                      const MultiPolygon& area_of_interest,
                      const mask_generation::AutomaticMaskGenerator& generator,
                      const TileSchedule& schedule) {
    const tiling::TileGrid& grid = tiles.base();
    Forecast forecast;
    forecast.tiles = tiles.count();
    forecast.memory = schedule.memory;
    for (const double place : {0.5, 0.25, 0.75, 0.1, 0.9}) {
        const int column = static_cast<int>(place * grid.columns()),
                  row = static_cast<int>(place * grid.rows());
        const tiling::Tile tile = grid.tile(row * grid.columns() + column);
        const auto begun = std::chrono::steady_clock::now();
        RasterWindow pixels = picture.source->read(tile.window, picture.plan.source_bands);
        cut_to_area(pixels.valid, tile.window, area_of_interest);
        if (std::count(pixels.valid.values.begin(), pixels.valid.values.end(), 1) == 0) continue;
        const auto masks =
            generator.generate(bands::to_rgb(pixels, picture.plan, picture.stretch), &pixels.valid);
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        std::int64_t layer = 0;
        for (const TileMask& mask : masks)
            layer +=
                bytes_a_segment + bytes_a_run * static_cast<std::int64_t>(mask.segmentation.runs().size());
        const double share = static_cast<double>(tile.core.area()) / static_cast<double>(tile.window.area());
        const auto bytes =
            static_cast<double>(tile_line(tile.window, masks).size()) + share * static_cast<double>(layer);
        forecast.seconds = seconds * tiles.count() / std::min(schedule.threads, tiles.count());
        forecast.disk = static_cast<std::int64_t>(bytes * tiles.count());
        break;
    }
    return forecast;
}

}  // namespace landseam::pipeline
