#include "landseam/core/error.h"
#include "landseam/raster/raster_source.h"

#include "raster/sampling.h"
#include "raster/window_checks.h"

namespace landseam::raster {
namespace {

class MemoryRaster : public RasterSource {
public:
    MemoryRaster(SceneInfo info, std::vector<ImageF> bands, ImageU8 valid)
        : info_(std::move(info)), bands_(std::move(bands)), valid_(std::move(valid)) {}

    const SceneInfo& info() const override { return info_; }

    RasterWindow read(const PixelBox& window, const std::vector<int>& band_numbers, int out_width,
                      int out_height) const override {
        check_request(info_, window, band_numbers, out_width, out_height);
        const auto native = [&](const PixelBox& box) { return cut(box, band_numbers); };
        const double step_x = static_cast<double>(window.width) / out_width;
        const double step_y = static_cast<double>(window.height) / out_height;
        return resample(native, band_numbers, make_taps(window.x, step_x, 1, out_width, info_.width),
                        make_taps(window.y, step_y, 1, out_height, info_.height));
    }

private:
    RasterWindow cut(const PixelBox& box, const std::vector<int>& band_numbers) const {
        const int width = static_cast<int>(box.width), height = static_cast<int>(box.height);
        RasterWindow out;
        out.band_numbers = band_numbers;
        out.bands.assign(band_numbers.size(), ImageF(width, height));
        out.valid = ImageU8(width, height);
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const int column = static_cast<int>(box.x) + x, row = static_cast<int>(box.y) + y;
                if (!valid_.at(column, row)) continue;
                out.valid.at(x, y) = 1;
                for (std::size_t b = 0; b < band_numbers.size(); ++b)
                    out.bands[b].at(x, y) = bands_[band_numbers[b] - 1].at(column, row);
            }
        return out;
    }

    SceneInfo info_;
    std::vector<ImageF> bands_;
    ImageU8 valid_;
};

}  // namespace

std::unique_ptr<RasterSource> memory_raster(SceneInfo info, std::vector<ImageF> bands, ImageU8 valid) {
    if (bands.empty() || bands[0].empty()) throw Error(info.path, "a raster in memory needs pixels", "");
    const int width = bands[0].width, height = bands[0].height;
    if (valid.empty()) valid = ImageU8(width, height, 1, 1);
    bool same_size = valid.width == width && valid.height == height && valid.channels == 1;
    for (const ImageF& band : bands)
        same_size = same_size && band.width == width && band.height == height && band.channels == 1;
    if (!same_size) throw Error(info.path, "the images of a raster in memory differ in size", "");
    if (!info.bands.empty() && info.bands.size() != bands.size())
        throw Error(info.path, "a raster in memory describes other bands than it has", "");

    info.width = width;
    info.height = height;
    if (info.driver.empty()) info.driver = "memory";
    const bool describe = info.bands.empty(), choose = info.image_bands.empty();
    for (int number = 1; number <= static_cast<int>(bands.size()); ++number) {
        if (describe) {
            info.bands.emplace_back();
            info.bands.back().number = number;
            info.bands.back().color_interpretation = "undefined";
            info.bands.back().data_type = "Float32";
        }
        if (choose) info.image_bands.push_back(number);
    }
    return std::make_unique<MemoryRaster>(std::move(info), std::move(bands), std::move(valid));
}

}  // namespace landseam::raster
