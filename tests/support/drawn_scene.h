// A small scene with things on it that the embedded model finds: discs and boxes on textured ground.
#pragma once

#include <gdal_priv.h>
#include <ogr_spatialref.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace landseam::test {

struct DrawnScene {
    int width = 400;
    int height = 300;
    int empty_columns = 0;  // at the left: 0, declared nodata
    double geo_transform[6] = {500000, 0.5, 0, 4200000, 0, -0.5};
    int epsg = 32632;  // 0: no georeference
};

// Writes a GeoTIFF of three bytes a pixel.
inline void write_drawn_scene(const std::string& path, const DrawnScene& scene = {}) {
    GDALAllRegister();
    auto* dataset = GetGDALDriverManager()->GetDriverByName("GTiff")->Create(path.c_str(), scene.width, scene.height, 3,
                                                                             GDT_Byte, nullptr);
    if (scene.epsg != 0) {
        OGRSpatialReference reference;
        reference.importFromEPSG(scene.epsg);
        dataset->SetSpatialRef(&reference);
        dataset->SetGeoTransform(const_cast<double*>(scene.geo_transform));
    }
    std::vector<std::uint8_t> row(static_cast<std::size_t>(scene.width));
    for (int band = 1; band <= 3; ++band) {
        auto* raster_band = dataset->GetRasterBand(band);
        if (scene.empty_columns > 0) raster_band->SetNoDataValue(0);
        raster_band->SetColorInterpretation(static_cast<GDALColorInterp>(GCI_RedBand + band - 1));
        for (int y = 0; y < scene.height; ++y) {
            for (int x = 0; x < scene.width; ++x) {
                const int cell_x = x / 80, cell_y = y / 75, kind = (cell_x * 3 + cell_y * 5) % 4;
                const double dx = x % 80 - 40, dy = y % 75 - 37;
                const bool disc = kind % 2 == 0 && dx * dx + dy * dy < 24 * 24;
                const bool box = kind == 1 && std::abs(dx) < 26 && std::abs(dy) < 18;
                const int ground = 70 + (x * 7 + y * 13) % 11 + 12 * band;
                const int thing = 225 - 35 * ((kind + band) % 3) + (x * 5 + y * 3) % 7;
                row[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(
                    x < scene.empty_columns ? 0 : disc || box ? thing : ground);
            }
            if (raster_band->RasterIO(GF_Write, 0, y, scene.width, 1, row.data(), scene.width, 1, GDT_Byte, 0, 0) != CE_None)
                throw std::runtime_error("the drawn scene cannot be written");
        }
    }
    GDALClose(dataset);
}

}  // namespace landseam::test
