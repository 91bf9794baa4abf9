// What a raster file says about itself.
#pragma once

#include "landseam/core/band_description.h"
#include "landseam/core/geo_transform.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace landseam::raster {

// Bands are numbered from 1. A band with a colour table counts as three (red, green, blue), so numbers can
// differ from GDAL's after such a band; `BandDescription::number` is the number used everywhere in landseam.
struct SceneInfo {
    std::string path;        // as the user gave it
    std::string driver;      // GDAL's short name; "memory" for memory_raster
    std::int64_t width = 0;  // pixels, after resampling to OpenOptions::gsd
    std::int64_t height = 0;
    std::vector<BandDescription> bands;
    std::optional<GeoTransform>
        geo_transform;     // determinant never 0; absent: the scene is in pixel coordinates
    std::string crs_wkt;   // WKT2; empty if the scene has no geotransform or no CRS
    std::string crs_name;  // "WGS 84 / UTM zone 18N"; empty as above
    std::string crs_code;  // "EPSG:32618"; empty if the CRS has no code
    int overviews = 0;     // levels of the first band
    int block_width = 0;   // of the first band's stored blocks, in the file's own pixels
    int block_height = 0;
    std::vector<int> image_bands;       // bands with picture content: alpha excluded
    std::vector<std::string> warnings;  // one sentence each, no duplicates
};

}  // namespace landseam::raster
