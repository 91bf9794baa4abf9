// Small rasters written for a test, and a folder that goes with it.
#pragma once

#include "landseam/core/error.h"
#include "landseam/raster/georeference.h"
#include "landseam/raster/raster_source.h"

#include "support/temporary_folder.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <cpl_string.h>
#include <gdal_priv.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace landseam::raster {

class TempFolder : public test::TemporaryFolder {
public:
    TempFolder() { register_gdal(); }
    std::string operator/(const std::string& name) const { return file(name); }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(file("")))
            out.push_back(entry.path().filename());
        std::sort(out.begin(), out.end());
        return out;
    }
};

using PixelValue = std::function<double(int band, int x, int y)>;
using Dress = std::function<void(GDALDataset&)>;

struct RasterSpec {
    RasterSpec(int w = 8, int h = 6, int count = 1, GDALDataType t = GDT_Byte,
               std::vector<std::string> options = {}, std::string d = "GTiff")
        : width(w),
          height(h),
          bands(count),
          type(t),
          creation_options(std::move(options)),
          driver(std::move(d)) {}

    int width, height, bands;
    GDALDataType type;
    std::vector<std::string> creation_options;
    std::string driver;
};

// `dress` gives the open dataset its metadata before the pixels are written.
inline std::string write_raster(const std::string& path, const RasterSpec& spec, const PixelValue& value,
                                const Dress& dress = nullptr) {
    register_gdal();
    CPLStringList options;
    for (const std::string& option : spec.creation_options) options.AddString(option.c_str());
    GDALDriver* driver = GetGDALDriverManager()->GetDriverByName(spec.driver.c_str());
    std::unique_ptr<GDALDataset> dataset(
        driver->Create(path.c_str(), spec.width, spec.height, spec.bands, spec.type, options.List()));
    if (!dataset) throw std::runtime_error("test raster cannot be made: " + path);
    if (dress) dress(*dataset);
    std::vector<double> row(spec.width);
    for (int band = 1; band <= spec.bands; ++band)
        for (int y = 0; y < spec.height; ++y) {
            for (int x = 0; x < spec.width; ++x) row[x] = value(band, x, y);
            if (dataset->GetRasterBand(band)->RasterIO(GF_Write, 0, y, spec.width, 1, row.data(), spec.width,
                                                       1, GDT_Float64, 0, 0, nullptr) != CE_None)
                throw std::runtime_error("test raster cannot be written: " + path);
        }
    return path;
}

inline Dress placed(std::array<double, 6> transform, const std::string& crs = {}) {
    return [=](GDALDataset& dataset) mutable {
        dataset.SetGeoTransform(transform.data());
        if (crs.empty()) return;
        OGRSpatialReference reference;
        reference.SetFromUserInput(crs.c_str());
        dataset.SetSpatialRef(&reference);
    };
}

inline RasterWindow read_all(const RasterSource& scene, const std::vector<int>& bands) {
    return scene.read({0, 0, scene.info().width, scene.info().height}, bands);
}

// The message of the Error that `body` throws; fails the test if it throws none.
inline std::string error_text(const std::function<void()>& body, ErrorKind kind = ErrorKind::failed) {
    try {
        body();
    } catch (const Error& error) {
        EXPECT_EQ(static_cast<int>(error.kind()), static_cast<int>(kind)) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no Error was thrown";
    return {};
}

}  // namespace landseam::raster
