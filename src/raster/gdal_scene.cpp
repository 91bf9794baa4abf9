#include "landseam/core/error.h"
#include "landseam/raster/georeference.h"
#include "landseam/raster/raster_source.h"

#include "raster/dataset_pool.h"
#include "raster/gdal_messages.h"
#include "raster/gdal_option.h"
#include "raster/native_window.h"
#include "raster/sampling.h"
#include "raster/scene_checks.h"
#include "raster/scene_description.h"
#include "raster/window_checks.h"

#include <cmath>

namespace landseam::raster {
namespace {

class GdalScene : public RasterSource {
public:
    GdalScene(SceneInfo info, SceneLayout layout, const OpenOptions& options,
              std::unique_ptr<GDALDataset> dataset)
        : info_(std::move(info)),
          layout_(std::move(layout)),
          pool_(info_.path, options.open_options, std::move(dataset)) {}

    const SceneInfo& info() const override { return info_; }

    RasterWindow read(const PixelBox& window, const std::vector<int>& band_numbers, int out_width,
                      int out_height) const override {
        check_request(info_, window, band_numbers, out_width, out_height);
        const GdalMessages messages;
        const DefaultOption strict("GDAL_ERROR_ON_LIBJPEG_WARNING", "YES");  // else cut files read as grey
        const DatasetPool::Lease dataset = pool_.lease(messages);
        const double step_x = static_cast<double>(window.width) / out_width;
        const double step_y = static_cast<double>(window.height) / out_height;
        const Level level = best_level(*dataset, layout_, band_numbers, step_x * layout_.width / info_.width,
                                       step_y * layout_.height / info_.height);
        const double scale_x = static_cast<double>(level.width) / info_.width;
        const double scale_y = static_cast<double>(level.height) / info_.height;
        const auto native = [&](const PixelBox& box) {
            RasterWindow part;
            if (!read_native(*dataset, layout_, level, box, band_numbers, part))
                refuse_to_read(window, messages);
            return part;
        };
        return resample(native, band_numbers, make_taps(window.x, step_x, scale_x, out_width, level.width),
                        make_taps(window.y, step_y, scale_y, out_height, level.height));
    }

private:
    [[noreturn]] void refuse_to_read(const PixelBox& window, const GdalMessages& messages) const {
        const std::string cause = messages.cause("GDAL gives no reason");
        const ErrorKind kind = failure_kind(info_.path, cause);
        throw Error(info_.path, "cannot read " + window_text(window) + ": " + cause,
                    kind == ErrorKind::passing ? "try again" : "the file is damaged: fetch it again", kind);
    }

    SceneInfo info_;
    SceneLayout layout_;
    mutable DatasetPool pool_;
};

// Gives the scene pixels of `gsd` metres on the ground; it covers the same ground to within half a pixel of
// rounding, which is spread over all of them.
void change_gsd(SceneInfo& info, double gsd) {
    if (!info.geo_transform || info.crs_wkt.empty())
        throw Error(info.path,
                    "has no georeference that tells the size of its pixels, so no --gsd can be met",
                    "leave the ground sampling distance out", ErrorKind::usage);
    const Point size = Georeference(info).pixel_size_m();
    const double width = info.width * size.x / gsd, height = info.height * size.y / gsd;
    constexpr double kLargest = 200'000;
    if (!(width >= 1 && height >= 1))
        throw Error(info.path,
                    "a ground sampling distance of " + std::to_string(gsd) + " m leaves not one pixel",
                    "its pixels measure " + std::to_string(size.x) + " × " + std::to_string(size.y) + " m",
                    ErrorKind::usage);
    if (width > kLargest || height > kLargest)
        throw Error(info.path,
                    "a ground sampling distance of " + std::to_string(gsd) + " m makes the scene " +
                        std::to_string(std::llround(width)) + "×" + std::to_string(std::llround(height)) +
                        " pixels",
                    "ask for at most 200,000 in either direction; its pixels measure " +
                        std::to_string(size.x) + " × " + std::to_string(size.y) + " m",
                    ErrorKind::usage);
    const std::int64_t new_width = std::llround(width), new_height = std::llround(height);
    info.geo_transform = info.geo_transform->resampled({0, 0}, static_cast<double>(info.width) / new_width,
                                                       static_cast<double>(info.height) / new_height);
    info.width = new_width;
    info.height = new_height;
}

}  // namespace

void OpenOptions::validate() const {
    for (const std::string& option : open_options)
        if (option.find('=') == std::string::npos || option.front() == '=')
            throw Error(option, "is no open option", "write NAME=VALUE", ErrorKind::usage);
    if (gsd && !(std::isfinite(*gsd) && *gsd > 0))
        throw Error("gsd", "must be a length in metres above 0", "", ErrorKind::usage);
}

std::unique_ptr<RasterSource> open_scene(const std::string& path, const OpenOptions& options) {
    options.validate();
    register_gdal();
    const GdalMessages messages;
    std::unique_ptr<GDALDataset> dataset = open_dataset(path, options.open_options, messages);
    check_readable(*dataset, path);
    auto [info, layout] = describe_scene(*dataset, path);
    for (const std::string& warning : messages.warnings()) info.warnings.push_back(warning);
    if (options.gsd) change_gsd(info, *options.gsd);
    return std::make_unique<GdalScene>(std::move(info), std::move(layout), options, std::move(dataset));
}

}  // namespace landseam::raster
