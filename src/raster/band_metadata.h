// What a band's metadata tells about it.
#pragma once

#include <optional>
#include <string>

class GDALRasterBand;

namespace landseam::raster {

// Centre wavelength in nanometres from whichever of the usual items is there: CENTRAL_WAVELENGTH_UM (GDAL's
// IMAGERY domain), wavelength with wavelength_units (ENVI), WAVELENGTH with WAVELENGTH_UNIT (GDAL's
// Sentinel-2 driver).
std::optional<double> band_wavelength_nm(GDALRasterBand& band);

// `text` begins with a number; a unit may follow it, or be given in `unit`. Where there is none, values up to
// 100 are micrometres. Nothing for what is no positive finite number.
std::optional<double> parse_wavelength_nm(const std::string& text, const std::string& unit);

// The band's description, or the name its driver keeps in the metadata item BANDNAME.
std::string band_name(GDALRasterBand& band);

}  // namespace landseam::raster
