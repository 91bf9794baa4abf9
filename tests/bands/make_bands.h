// Small made-up files for the tests of the bands stage.
#pragma once

#include "landseam/core/band_description.h"
#include "landseam/core/image.h"

#include <string>
#include <utility>
#include <vector>

namespace landseam::bands {

inline std::vector<BandDescription> plain_bands(int count, const std::string& data_type = "UInt16") {
    std::vector<BandDescription> bands;
    for (int number = 1; number <= count; ++number) {
        BandDescription band;
        band.number = number;
        band.color_interpretation = number == 1 ? "gray" : "undefined";
        band.data_type = data_type;
        bands.push_back(band);
    }
    return bands;
}

inline std::vector<BandDescription> described_bands(const std::vector<std::string>& descriptions,
                                                    const std::string& data_type = "UInt16") {
    auto bands = plain_bands(static_cast<int>(descriptions.size()), data_type);
    for (std::size_t i = 0; i < bands.size(); ++i) bands[i].description = descriptions[i];
    return bands;
}

inline std::vector<BandDescription> bands_of_wavelengths(const std::vector<double>& wavelengths_nm) {
    auto bands = plain_bands(static_cast<int>(wavelengths_nm.size()));
    for (std::size_t i = 0; i < bands.size(); ++i) bands[i].wavelength_nm = wavelengths_nm[i];
    return bands;
}

inline std::vector<BandDescription> tagged_bands(const std::vector<std::string>& colors,
                                                 const std::string& data_type = "Byte") {
    auto bands = plain_bands(static_cast<int>(colors.size()), data_type);
    for (std::size_t i = 0; i < bands.size(); ++i) bands[i].color_interpretation = colors[i];
    return bands;
}

// A window of one row, all valid, bands numbered from 1.
inline RasterWindow one_row(const std::vector<std::vector<float>>& bands) {
    RasterWindow window;
    const int width = static_cast<int>(bands.at(0).size());
    window.valid = ImageU8(width, 1, 1, 1);
    for (std::size_t i = 0; i < bands.size(); ++i) {
        window.band_numbers.push_back(static_cast<int>(i) + 1);
        ImageF image(width, 1);
        image.values = bands[i];
        window.bands.push_back(std::move(image));
    }
    return window;
}

// The message of the Error that `call` throws; "" where it throws none.
template <typename Call>
std::string error_text(const Call& call) {
    try {
        call();
    } catch (const std::exception& error) {
        return error.what();
    }
    return {};
}

}  // namespace landseam::bands
