// Reading windows of any raster that GDAL opens.
#pragma once

#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"
#include "landseam/raster/scene_info.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace landseam::raster {

// A scene that can be read window by window.
class RasterSource {
public:
    virtual ~RasterSource() = default;

    virtual const SceneInfo& info() const = 0;

    // Reads `window` of the given bands (from 1, in any order), resampled to out_width × out_height where
    // that differs: the mean of the valid source pixels, weighted by the area covered, where it shrinks
    // (overviews are used where all bands and masks have them), bilinear where it grows. A resampled pixel is
    // valid where valid source pixels make up at least half of its weight. Invalid pixels hold 0; values are
    // in original units (scale and offset not applied). A pixel's value depends on its place in the scene and
    // the scale only, not on the window it is read in. Safe to call from many threads. Throws Error (usage)
    // for a window outside the scene, a band that does not exist or an output size below 1; Error naming file
    // and window where the pixels cannot be read.
    virtual RasterWindow read(const PixelBox& window, const std::vector<int>& band_numbers, int out_width,
                              int out_height) const = 0;

    // The same at the scene's own resolution.
    RasterWindow read(const PixelBox& window, const std::vector<int>& band_numbers) const {
        return read(window, band_numbers, static_cast<int>(window.width), static_cast<int>(window.height));
    }
};

struct OpenOptions {
    std::vector<std::string> open_options;  // GDAL's driver options, "NAME=VALUE"
    std::optional<double> gsd;              // metres on the ground: the scene is resampled to this pixel size

    void validate() const;
};

// Opens a raster by path, /vsi… path, http(s) URL (read through /vsicurl/), connection string or VRT XML.
//
// Valid are pixels that hold data in every requested band: not the band's nodata value, finite, not masked by
// a mask band, alpha above 0. Nothing is ever written beside the file.
//
// Throws Error for what cannot be read as a picture on a grid: missing files, files that are no raster,
// containers of sub-datasets, complex numbers, ground control points, RPCs or geolocation arrays in place of
// a geotransform, a geotransform that maps pixels to a line; and for a gsd that makes the scene smaller than
// a pixel or wider or higher than 200,000. ErrorKind is passing for network faults. A file without
// georeference opens with a warning.
std::unique_ptr<RasterSource> open_scene(const std::string& path, const OpenOptions& options = {});

// A scene in memory: one single-channel image a band, all of one size, and which pixels are valid (empty:
// all). Width, height, and, where they are empty, band descriptions and image_bands of `info` are filled in
// from the images.
std::unique_ptr<RasterSource> memory_raster(SceneInfo info, std::vector<ImageF> bands, ImageU8 valid = {});

// Makes GDAL's drivers known, once per process; called by everything here that needs it.
void register_gdal();

// "GDAL 3.6.2", the version in use.
std::string gdal_version();

}  // namespace landseam::raster
