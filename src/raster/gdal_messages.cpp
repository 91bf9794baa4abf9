#include "raster/gdal_messages.h"

#include "landseam/raster/raster_source.h"

#include <algorithm>
#include <mutex>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal.h>
#include <proj.h>

namespace landseam::raster {

void register_gdal() {
    static std::once_flag once;
    std::call_once(once, [] {
        // PROJ contexts made by libraries under GDAL (libgeotiff) print to stderr otherwise; GDAL's own do
        // not.
        proj_log_func(PJ_DEFAULT_CTX, nullptr, [](void*, int, const char*) {});
        GDALAllRegister();
        // GDAL's own choice, a twentieth of the machine's memory, would let memory grow with the scene. A block is
        // needed by neighbouring tiles and once more for statistics: soon, or from the file again.
        constexpr GIntBig most_cached = GIntBig{128} << 20;
        if (!CPLGetConfigOption("GDAL_CACHEMAX", nullptr) && GDALGetCacheMax64() > most_cached)
            GDALSetCacheMax64(most_cached);
    });
}

std::string gdal_version() {
    return std::string("GDAL ") + GDALVersionInfo("RELEASE_NAME");
}

std::string tidy_message(const std::string& message) {
    std::string text;
    for (const char c : message) {
        const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (!space)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
    return text;
}

struct MessageCollector {
    static void CPL_STDCALL collect(CPLErr level, CPLErrorNum, const char* message) {
        auto* messages = static_cast<GdalMessages*>(CPLGetErrorHandlerUserData());
        auto& list = level == CE_Warning ? messages->warnings_ : messages->failures_;
        if (level == CE_Debug || level == CE_None || list.size() >= 100) return;
        const std::string text = tidy_message(message);
        if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
    }
};

GdalMessages::GdalMessages() {
    CPLPushErrorHandlerEx(MessageCollector::collect, this);
    CPLErrorReset();
}

GdalMessages::~GdalMessages() {
    CPLPopErrorHandler();
}

std::string GdalMessages::cause(const std::string& fallback) const {
    return failures_.empty() ? fallback : failures_.front();
}

bool is_remote(const std::string& path) {
    for (const char* mark : {"http://", "https://", "/vsicurl", "/vsis3", "/vsigs", "/vsiaz", "/vsiadls",
                             "/vsioss", "/vsiswift", "/vsiwebhdfs", "/vsihdfs"})
        if (path.find(mark) != std::string::npos) return true;
    return false;
}

ErrorKind failure_kind(const std::string& path, const std::string& cause) {
    if (!is_remote(path)) return ErrorKind::failed;
    for (const char* permanent :
         {"404", "410", "403", "401", "not recognized", "denied", "redentials", "not supported"})
        if (cause.find(permanent) != std::string::npos) return ErrorKind::failed;
    return ErrorKind::passing;
}

}  // namespace landseam::raster
