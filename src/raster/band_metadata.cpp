#include "raster/band_metadata.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <cpl_conv.h>
#include <gdal_priv.h>

namespace landseam::raster {
namespace {

std::string item(GDALRasterBand& band, const char* name, const char* domain) {
    const char* value = band.GetMetadataItem(name, domain);  // names are compared without case
    return value ? value : "";
}

// Nanometres per unit; 0 if the unit is not known.
double nanometres(std::string unit) {
    std::transform(unit.begin(), unit.end(), unit.begin(), [](unsigned char c) { return std::tolower(c); });
    unit.erase(0, unit.find_first_not_of(" \t"));
    unit.erase(std::find_if(unit.begin(), unit.end(), [](unsigned char c) { return c == ' ' || c == '('; }),
               unit.end());
    if (unit == "nm" || unit.rfind("nanomet", 0) == 0) return 1;
    if (unit == "um" || unit == "µm" || unit == "μm" || unit == "micron" || unit == "microns") return 1000;
    if (unit.rfind("micromet", 0) == 0) return 1000;
    if (unit == "mm" || unit.rfind("millimet", 0) == 0) return 1e6;
    if (unit == "m" || unit == "meters" || unit == "metres") return 1e9;
    return 0;
}

}  // namespace

std::optional<double> parse_wavelength_nm(const std::string& text, const std::string& unit) {
    char* rest = nullptr;
    const double value = CPLStrtod(text.c_str(), &rest);
    if (rest == text.c_str() || !std::isfinite(value) || value <= 0) return std::nullopt;
    double factor = nanometres(unit);
    if (factor == 0) factor = nanometres(rest);
    if (factor == 0) factor = value <= 100 ? 1000 : 1;
    return value * factor;
}

std::optional<double> band_wavelength_nm(GDALRasterBand& band) {
    const std::string micrometres = item(band, "CENTRAL_WAVELENGTH_UM", "IMAGERY");
    if (!micrometres.empty()) return parse_wavelength_nm(micrometres, "um");
    for (const char* domain : {"", "IMAGERY", "ENVI"}) {
        const std::string text = item(band, "wavelength", domain);
        if (text.empty()) continue;
        std::string unit = item(band, "wavelength_units", domain);
        if (unit.empty()) unit = item(band, "wavelength_unit", domain);
        return parse_wavelength_nm(text, unit);
    }
    const std::string plain = item(band, "CENTRAL_WAVELENGTH_UM", "");
    return plain.empty() ? std::nullopt : parse_wavelength_nm(plain, "um");
}

std::string band_name(GDALRasterBand& band) {
    const std::string description = band.GetDescription();
    return description.empty() ? item(band, "BANDNAME", "") : description;
}

}  // namespace landseam::raster
