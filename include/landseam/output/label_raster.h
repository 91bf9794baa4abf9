// Rasters that say of every pixel which object it belongs to.
#pragma once

#include "landseam/core/geo_transform.h"
#include "landseam/core/image.h"
#include "landseam/core/pixel_box.h"
#include "landseam/core/run_mask.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace landseam::output {

struct LabelRasterOptions {
    std::string path;
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::optional<GeoTransform> transform;
    std::string crs_wkt;  // may be empty
    bool overwrite = false;
};

// Writes a cloud-optimized GeoTIFF (COG) of 32-bit unsigned ids: tiled, DEFLATE, with overviews of nearest pixels;
// 0 is nodata and background; untouched blocks take no space. While it is written to, a tiled GeoTIFF lies beside it.
// Memory is bounded by GDAL's block cache, whatever the size of the raster; it helps to burn
// neighbours one after another. Not for several threads at a time.
class LabelRasterWriter {
public:
    // Throws Error as open_layer does, and for a raster without pixels or of more than 2³¹ − 1 columns or
    // rows.
    explicit LabelRasterWriter(const LabelRasterOptions& options);
    ~LabelRasterWriter();
    LabelRasterWriter(const LabelRasterWriter&) = delete;
    LabelRasterWriter& operator=(const LabelRasterWriter&) = delete;

    // Sets the pixels of the mask; those outside the raster are ignored, and those set before change their
    // id, unless `stays` tells that the id that is there stays. `id` is not 0.
    void burn(const RunMask& mask, std::uint32_t id, const std::function<bool(std::uint32_t there)>& stays = {});
    // Sets all pixels of `box`, which must lie in the raster; `labels` has its size.
    void write_window(const PixelBox& box, const Image<std::uint32_t>& labels);
    // Finishes the raster and puts it in its place. Without it nothing is left behind.
    void close();

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace landseam::output
