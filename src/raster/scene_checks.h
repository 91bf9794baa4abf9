// The rasters that cannot be read as a picture on a grid, and what to do about them.
#pragma once

#include "raster/gdal_messages.h"

#include <memory>
#include <string>
#include <vector>

#include <gdal_priv.h>

namespace landseam::raster {

// Opens for reading; throws Error with GDAL's cause.
std::unique_ptr<GDALDataset> open_dataset(const std::string& path,
                                          const std::vector<std::string>& open_options,
                                          const GdalMessages& messages);

// Throws Error for containers of sub-datasets, files without bands, complex numbers, ground control points,
// RPCs or geolocation arrays in place of a geotransform, and geotransforms that map pixels to a line.
void check_readable(GDALDataset& dataset, const std::string& path);

// The names under which the parts of a container can be opened.
std::vector<std::string> subdataset_names(GDALDataset& dataset);

}  // namespace landseam::raster
