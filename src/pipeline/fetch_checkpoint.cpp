#include "pipeline/fetch_checkpoint.h"

#include "landseam/raster/file_transfer.h"

namespace landseam::pipeline {

std::string fetch_checkpoint(const std::string& address, const std::string& folder, Progress& progress) {
    return raster::fetch_to_cache(address, folder, progress);
}

}  // namespace landseam::pipeline
