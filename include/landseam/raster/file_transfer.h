// Bringing a remote file to this machine.
#pragma once

#include "landseam/core/progress.h"

#include <string>

namespace landseam::raster {

// Copies an http(s) URL or /vsi… path into `cache_folder` (made if need be) and returns the local path; a
// file fetched before is not fetched again. The file appears there whole or not at all. A local path is
// returned as it is.
//
// Throws Error if the file does not exist or may not be read, ErrorKind::passing for network faults and a
// full disk.
std::string fetch_to_cache(const std::string& url_or_vsi, const std::string& cache_folder,
                           Progress& progress);

}  // namespace landseam::raster
