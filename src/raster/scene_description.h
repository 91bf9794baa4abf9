// From an open dataset to what a scene is and how its bands are read.
#pragma once

#include "landseam/raster/scene_info.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class GDALDataset;

namespace landseam::raster {

// How one of the scene's bands is read from the file.
struct BandSource {
    int gdal_band = 1;
    int palette_component = -1;  // 0 red, 1 green, 2 blue of `palette`; −1: the values themselves
    std::vector<std::array<std::uint8_t, 4>> palette;  // red, green, blue, alpha by index
    std::optional<double> nodata;                      // of the stored values
    bool float32 = false;                              // nodata is compared in single precision
    bool signed_byte = false;                          // GDAL < 3.7 gives signed bytes as unsigned ones
    bool gdal_mask = false;  // GDAL's mask band holds what nodata and alpha do not say
};

struct SceneLayout {
    std::vector<BandSource> bands;  // in the order of SceneInfo::bands
    int alpha_band = 0;             // GDAL's number; 0: none. Above 0 is valid.
    std::int64_t width = 0;         // of the file, before any resampling
    std::int64_t height = 0;
};

// Reads no pixels but a few samples of an alpha band. Warnings are appended to the info's.
std::pair<SceneInfo, SceneLayout> describe_scene(GDALDataset& dataset, const std::string& path);

}  // namespace landseam::raster
