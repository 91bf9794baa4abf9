// Scenes that a catalog describes: where they lie, and several files as the bands of one scene.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace landseam::raster {

// West, south, east, north in degrees on WGS 84; west is above east where a box crosses the antimeridian.
using LonLatBox = std::array<double, 4>;

struct SceneOutline {
    std::int64_t width = 0;  // pixels
    std::int64_t height = 0;
    std::optional<LonLatBox> box;  // nothing without a georeference on the Earth
};

// Reads a scene's header. Throws Error as open_scene does.
SceneOutline scene_outline(const std::string& path);

// What a catalog tells of a band.
struct AssetBand {
    std::string name;
    std::string common_name;              // "red", "nir" …; may be empty
    std::optional<double> wavelength_um;  // centre
};

struct Asset {
    std::string path;
    std::vector<AssetBand> bands;  // as many as the file has, or none
};

// Writes a VRT at `path` that shows several files of one band each as the bands of one scene, in their order,
// or one file with its bands. The pixels are as fine as those of the finest file; coarser ones are
// interpolated bilinearly. Bands are called as the catalog calls them ("B04 - red", name and common name),
// and tell its wavelengths.
//
// Throws Error: a file that cannot be read (of kind passing for network faults), files in different CRSs or
// without a georeference, a file of several bands among several.
void write_asset_stack(const std::string& path, const std::vector<Asset>& assets);

}  // namespace landseam::raster
