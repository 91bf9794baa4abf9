#include "raster/native_window.h"

#include <cmath>
#include <limits>

#include <gdal_priv.h>

namespace landseam::raster {
namespace {

// The band itself or its overview of that size; null if there is none.
GDALRasterBand* at_level(GDALRasterBand* band, const Level& level) {
    if (!band || (band->GetXSize() == level.width && band->GetYSize() == level.height)) return band;
    for (int i = 0; i < band->GetOverviewCount(); ++i) {
        GDALRasterBand* overview = band->GetOverview(i);
        if (overview && overview->GetXSize() == level.width && overview->GetYSize() == level.height)
            return overview;
    }
    return nullptr;
}

bool has_level(GDALDataset& dataset, const SceneLayout& layout, const std::vector<int>& band_numbers,
               const Level& level) {
    if (layout.alpha_band && !at_level(dataset.GetRasterBand(layout.alpha_band), level)) return false;
    for (const int number : band_numbers) {
        const BandSource& source = layout.bands[number - 1];
        GDALRasterBand* band = dataset.GetRasterBand(source.gdal_band);
        if (!at_level(band, level)) return false;
        if (source.gdal_mask && !at_level(band->GetMaskBand(), level)) return false;
    }
    return true;
}

template <typename T>
bool read_box(GDALRasterBand* band, const PixelBox& box, GDALDataType type, std::vector<T>& values) {
    values.resize(static_cast<std::size_t>(box.area()));
    const int width = static_cast<int>(box.width), height = static_cast<int>(box.height);
    return band && band->RasterIO(GF_Read, static_cast<int>(box.x), static_cast<int>(box.y), width, height,
                                  values.data(), width, height, type, 0, 0, nullptr) == CE_None;
}

// Whether a stored value is the band's nodata. Single-precision bands are compared as such, since their
// nodata value reaches us as a double that was once printed; anything beyond the largest float is taken for
// it.
class NodataTest {
public:
    explicit NodataTest(const BandSource& source)
        : active_(source.nodata.has_value()), single_(source.float32) {
        if (!active_) return;
        value_ = *source.nodata;
        constexpr double kLargest = std::numeric_limits<float>::max();
        huge_ = single_ && std::abs(value_) > kLargest * (1 - 1e-5);
        if (single_ && !huge_) value_ = static_cast<float>(value_);
    }
    bool operator()(double value) const {
        if (!active_) return false;
        if (huge_) return value * (value_ < 0 ? -1 : 1) > std::numeric_limits<float>::max() * (1 - 1e-5);
        return value == value_;  // NaN is invalid in any case
    }

private:
    bool active_ = false, single_ = false, huge_ = false;
    double value_ = 0;
};

// Stored values to the band's image; pixels without data are taken out of `valid`.
void convert(const BandSource& source, std::vector<double>& stored, ImageF& image, ImageU8& valid) {
    const NodataTest is_nodata(source);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        double value = stored[i];
        if (source.signed_byte && value > 127) value -= 256;
        if (is_nodata(value)) valid.values[i] = 0;
        if (source.palette_component >= 0) {
            const bool known = value >= 0 && value < static_cast<double>(source.palette.size());
            const auto* entry = known ? &source.palette[static_cast<std::size_t>(value)] : nullptr;
            if (!entry || (*entry)[3] == 0) valid.values[i] = 0;
            value = entry ? (*entry)[source.palette_component] : 0;
        }
        const bool fits = std::abs(value) <= std::numeric_limits<float>::max();
        if (!fits) valid.values[i] = 0;  // NaN, infinite, or beyond single precision
        image.values[i] = fits ? static_cast<float>(value) : 0.0f;
    }
}

}  // namespace

Level best_level(GDALDataset& dataset, const SceneLayout& layout, const std::vector<int>& band_numbers,
                 double factor_x, double factor_y) {
    Level best{static_cast<int>(layout.width), static_cast<int>(layout.height)};
    if (band_numbers.empty()) return best;
    GDALRasterBand* first = dataset.GetRasterBand(layout.bands[band_numbers[0] - 1].gdal_band);
    for (int i = 0; i < first->GetOverviewCount(); ++i) {
        GDALRasterBand* overview = first->GetOverview(i);
        if (!overview) continue;
        const Level level{overview->GetXSize(), overview->GetYSize()};
        if (level.width < 1 || level.height < 1 || level.width >= best.width) continue;
        // A hundredth of slack: overview sizes are rounded.
        const bool fine_enough = static_cast<double>(layout.width) / level.width <= factor_x * 1.01 &&
                                 static_cast<double>(layout.height) / level.height <= factor_y * 1.01;
        if (fine_enough && has_level(dataset, layout, band_numbers, level)) best = level;
    }
    return best;
}

bool read_native(GDALDataset& dataset, const SceneLayout& layout, const Level& level, const PixelBox& box,
                 const std::vector<int>& band_numbers, RasterWindow& out) {
    const int width = static_cast<int>(box.width), height = static_cast<int>(box.height);
    out.band_numbers = band_numbers;
    out.bands.assign(band_numbers.size(), ImageF(width, height));
    out.valid = ImageU8(width, height, 1, 1);
    std::vector<double> stored;
    std::vector<std::uint8_t> mask;
    for (std::size_t i = 0; i < band_numbers.size(); ++i) {
        const BandSource& source = layout.bands[band_numbers[i] - 1];
        GDALRasterBand* band = dataset.GetRasterBand(source.gdal_band);
        if (!read_box(at_level(band, level), box, GDT_Float64, stored)) return false;
        convert(source, stored, out.bands[i], out.valid);
        if (!source.gdal_mask) continue;
        if (!read_box(at_level(band->GetMaskBand(), level), box, GDT_Byte, mask)) return false;
        for (std::size_t p = 0; p < mask.size(); ++p)
            if (mask[p] == 0) out.valid.values[p] = 0;
    }
    if (layout.alpha_band) {
        if (!read_box(at_level(dataset.GetRasterBand(layout.alpha_band), level), box, GDT_Float64, stored))
            return false;
        for (std::size_t p = 0; p < stored.size(); ++p)
            if (!(stored[p] > 0)) out.valid.values[p] = 0;
    }
    for (ImageF& image : out.bands)
        for (std::size_t p = 0; p < image.values.size(); ++p)
            if (!out.valid.values[p]) image.values[p] = 0;
    return true;
}

}  // namespace landseam::raster
