#include "raster/window_checks.h"

#include "landseam/core/error.h"

namespace landseam::raster {

std::string window_text(const PixelBox& window) {
    return "window " + std::to_string(window.x) + "," + std::to_string(window.y) + " " +
           std::to_string(window.width) + "×" + std::to_string(window.height);
}

void check_request(const SceneInfo& info, const PixelBox& window, const std::vector<int>& band_numbers,
                   int out_width, int out_height) {
    if (window.empty() || !PixelBox{0, 0, info.width, info.height}.contains(window))
        throw Error(
            info.path, window_text(window) + " does not lie in the scene",
            "the scene has " + std::to_string(info.width) + "×" + std::to_string(info.height) + " pixels",
            ErrorKind::usage);
    if (out_width < 1 || out_height < 1)
        throw Error(info.path, "a window cannot be read into a picture without pixels", "", ErrorKind::usage);
    for (const int band : band_numbers)
        if (band < 1 || band > static_cast<int>(info.bands.size()))
            throw Error(info.path, "there is no band " + std::to_string(band),
                        "the scene has bands 1 to " + std::to_string(info.bands.size()), ErrorKind::usage);
}

}  // namespace landseam::raster
