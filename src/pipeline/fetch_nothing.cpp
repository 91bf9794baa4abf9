// In place of fetch_checkpoint.cpp where landseam is built without GDAL.
#include "landseam/core/error.h"

#include "pipeline/fetch_checkpoint.h"

namespace landseam::pipeline {

std::string fetch_checkpoint(const std::string& address, const std::string&, Progress&) {
    throw Error(address, "cannot be fetched by a landseam built without GDAL",
                "fetch it and give the file's path");
}

}  // namespace landseam::pipeline
