// GDAL's configuration options, set for a while.
#pragma once

#include <cpl_conv.h>

namespace landseam::raster {

// A GDAL option for this thread, where the user has set none.
class DefaultOption {
public:
    DefaultOption(const char* name, const char* value)
        : name_(name), set_(!CPLGetConfigOption(name, nullptr)) {
        if (set_) CPLSetThreadLocalConfigOption(name, value);
    }
    ~DefaultOption() {
        if (set_) CPLSetThreadLocalConfigOption(name_, nullptr);
    }
    DefaultOption(const DefaultOption&) = delete;
    DefaultOption& operator=(const DefaultOption&) = delete;

private:
    const char* name_;
    bool set_;
};

}  // namespace landseam::raster
