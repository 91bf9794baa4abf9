#include "output/gdal_session.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

#include <cpl_string.h>
#include <ogr_spatialref.h>

namespace landseam::output {

void register_drivers() {
    static std::once_flag once;
    std::call_once(once, GDALAllRegister);
}

GDALDriver* find_driver(const char* name) {
    register_drivers();
    return GetGDALDriverManager()->GetDriverByName(name);
}

GdalMessages::GdalMessages() {
    CPLPushErrorHandlerEx(keep, this);
    CPLSetCurrentErrorHandlerCatchDebug(false);
}

GdalMessages::~GdalMessages() {
    CPLPopErrorHandler();
}

void GdalMessages::keep(CPLErr level, CPLErrorNum, const char* text) {
    auto* messages = static_cast<GdalMessages*>(CPLGetErrorHandlerUserData());
    if (level == CE_Failure || level == CE_Fatal)
        messages->failures_.emplace_back(text);
    else if (level == CE_Warning)
        messages->warnings_.emplace_back(text);
}

std::string GdalMessages::reason() const {
    if (!failures_.empty()) return failures_.front();
    return warnings_.empty() ? "GDAL does not say why" : warnings_.front();
}

OGRSpatialReference spatial_reference(const std::string& wkt) {
    const GdalMessages messages;
    OGRSpatialReference crs;
    if (crs.importFromWkt(wkt.c_str()) != OGRERR_NONE)
        throw Error("", "the coordinate reference system cannot be read: " + messages.reason(),
                    "check the WKT text '" + wkt.substr(0, 60) + "'");
    crs.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

Error write_error(const std::string& path, const std::string& reason) {
    constexpr std::uintmax_t almost_nothing = 1 << 20;
    std::error_code failed;
    const std::filesystem::path folder = std::filesystem::absolute(path, failed).parent_path();
    const std::filesystem::space_info space = std::filesystem::space(folder, failed);
    // SQLite frees what it had taken before it fails, so its word counts, too.
    const auto says = [&](const char* words) { return reason.find(words) != std::string::npos; };
    const bool full = says("disk is full") || says(std::strerror(ENOSPC));
    if (full || (!failed && space.available < almost_nothing))
        return Error(path, "the disk is full", "free some space or write to another folder",
                     ErrorKind::passing);
    return Error(path, "cannot be written: " + reason);
}

CPLStringList option_list(const std::vector<std::string>& given, const std::vector<std::string>& defaults) {
    CPLStringList list;
    for (const std::vector<std::string>& options : {given, defaults})
        for (const std::string& option : options) {
            const std::string name = option.substr(0, option.find('='));
            if (!list.FetchNameValue(name.c_str())) list.AddString(option.c_str());
        }
    return list;
}

}  // namespace landseam::output
