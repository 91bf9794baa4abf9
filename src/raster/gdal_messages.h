// What GDAL says, kept from stderr and made into sentences.
#pragma once

#include "landseam/core/error.h"

#include <string>
#include <vector>

namespace landseam::raster {

// While one lives, GDAL's messages on this thread are collected instead of printed.
class GdalMessages {
public:
    GdalMessages();
    ~GdalMessages();
    GdalMessages(const GdalMessages&) = delete;
    GdalMessages& operator=(const GdalMessages&) = delete;

    // The first failure's text, without a leading file name and a trailing full stop; `fallback` if there was
    // none.
    std::string cause(const std::string& fallback) const;
    // Warnings so far, each once, in order of first appearance.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    friend struct MessageCollector;
    std::vector<std::string> failures_;
    std::vector<std::string> warnings_;
};

// One line, no trailing full stop, no leading "path: ".
std::string tidy_message(const std::string& message);

// Whether a path leads over a network: http(s) URLs and GDAL's network file systems.
bool is_remote(const std::string& path);

// What a failure to read `path` means: passing for network faults, but not where the server says that there
// is no such file or that it may not be read.
ErrorKind failure_kind(const std::string& path, const std::string& cause);

}  // namespace landseam::raster
