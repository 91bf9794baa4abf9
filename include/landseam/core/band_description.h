// What a raster says about one of its bands.
#pragma once

#include <optional>
#include <string>

namespace landseam {

struct BandDescription {
    int number = 0;                       // GDAL's, from 1
    std::string description;              // as the file names the band; may be empty
    std::optional<double> wavelength_nm;  // centre wavelength in nanometres, where the metadata tells it
    std::string color_interpretation;     // GDAL's name in lower case: "red", "gray", "alpha", "undefined" …
    std::string data_type;                // GDAL's name: "Byte", "UInt16", "Float32" …
    std::optional<double> nodata;
    double scale = 1;                     // GDAL's; physical value = stored value · scale + offset
    double offset = 0;
};

}  // namespace landseam
