// GDAL made to behave: drivers registered once, messages collected instead of printed.
#pragma once

#include "landseam/core/error.h"

#include <memory>
#include <string>
#include <vector>

#include <gdal_priv.h>

namespace landseam::output {

void register_drivers();
// The driver of this short name, or null where this GDAL has none.
GDALDriver* find_driver(const char* name);

// While one lives, what GDAL reports on this thread is kept here and not printed.
class GdalMessages {
public:
    GdalMessages();
    ~GdalMessages();
    GdalMessages(const GdalMessages&) = delete;
    GdalMessages& operator=(const GdalMessages&) = delete;

    bool failed() const { return !failures_.empty(); }
    // The first failure; else the first warning; else "GDAL does not say why".
    std::string reason() const;
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    static void CPL_STDCALL keep(CPLErr level, CPLErrorNum number, const char* text);

    std::vector<std::string> failures_;
    std::vector<std::string> warnings_;
};

// Closes what is given up or was only read; nobody is told of errors. Who wants to know closes by GDALClose.
struct CloseDataset {
    void operator()(GDALDataset* dataset) const {
        const GdalMessages unheard;
        GDALClose(dataset);
    }
};
using Dataset = std::unique_ptr<GDALDataset, CloseDataset>;

// The CRS of a WKT text, easting or longitude first; throws Error where GDAL cannot read it.
OGRSpatialReference spatial_reference(const std::string& wkt);

// The Error for a write that failed: of kind `passing` where the disk is full.
Error write_error(const std::string& path, const std::string& reason);

// Creation options as GDAL takes them; of options named twice the first counts.
CPLStringList option_list(const std::vector<std::string>& given, const std::vector<std::string>& defaults);

}  // namespace landseam::output
